"""Installing, installing again, and removing."""
import os
import pathlib
import re
import subprocess

from covet import DATABASE, IS_MYSQL, PRIVATE, ROOT, SCRIPTS, Server, check, end, equal

server = Server(None, '--event-scheduler=OFF')


def objects(database=DATABASE):
    """Names of all that an installation makes."""
    return {kind: sorted(server.run(
        f"SELECT {name} FROM information_schema.{table} WHERE {schema} = '{database}'").split())
        for kind, name, table, schema in (
            ('tables', 'table_name', 'tables', 'table_schema'),
            ('routines', 'specific_name', 'routines', 'routine_schema'),
            ('events', 'event_name', 'events', 'event_schema'))}


def functions():
    return server.run("SELECT name FROM mysql.func WHERE name LIKE 'covet\\_%'").split()


def script(name, file, database=DATABASE):
    done = subprocess.run([ROOT / 'sql/mysql' / name, ' '.join(server.client(database)),
                           SCRIPTS / file], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    return done.returncode, done.stdout


said = server.install()
check('event_scheduler' in said, 'the installation says that no event runs', said)
root = server.connect()
version = (ROOT / 'covet_sessions.control').read_text().split("default_version = '")[1].split("'")[0]
equal(root.call('session_version'), version, 'the version is that of the control file')
equal([row[0] for row in root.rows(
    "SELECT column_name FROM information_schema.columns WHERE table_schema = %s "
    "AND table_name = 'sessions' ORDER BY ordinal_position LIMIT 11", DATABASE)],
    ['id', 'user_id', 'created_at', 'last_accessed_at', 'expires_at', 'idle_timeout',
     'ip_address', 'user_agent', 'is_active', 'version', 'data'],
    'the table has the public columns')
check(root.rows("SHOW INDEX FROM sessions WHERE key_name = 'idx_sessions_user_id'"),
      'idx_sessions_user_id is there')
health = {row[0]: row for row in root.rows('CALL session_health()')}
check(not health['scheduler'][1] and 'event_scheduler' in str(health['scheduler'][3]),
      'health says how to run the event', health['scheduler'])

# ---- again ----

root.call('session_configure', 'idle_timeout', 7777)
token = root.call('session_create', 'anna', '{"n": 1}', None, None, None)
root.rows('SET GLOBAL event_scheduler = ON')
before, made = objects(), functions()
stats = root.rows('CALL session_stats()')
status, said = script('install', 'install.sql')
equal(status, 0, 'it can be installed again')
check('event_scheduler' not in said, 'with event_scheduler on there is nothing to say of it', said)
equal((objects(), functions()), (before, made), '... which makes nothing new')
root.close()
root = server.connect()
equal(root.json('session_get', token), {'n': 1}, '... keeps the sessions')
equal(root.call('session_setting', 'idle_timeout'), '7777', '... the settings')
equal(root.rows('CALL session_stats()')[0][8], stats[0][8], '... the statistics')
equal(server.connect('app').json('session_get', token), {'n': 1}, '... and the grants')

# ---- broken off ----

beginning, _, _ = (SCRIPTS / 'install.sql').read_text().partition(
    "CREATE DEFINER = 'covet_sessions'@'localhost' FUNCTION session_touch")
server.run(beginning, DATABASE)
server.connect('app').raises((1370,), 'without its grants a client is refused',
                             'SELECT session_get(%s)', token)
status, said = script('install', 'install.sql')
equal((status, objects()), (0, before), 'an installation that broke off is made good by the next')
equal(server.connect('app').json('session_get', token), {'n': 1}, '... with the grants')

# ---- grants ----

root.raises((1133, 1410), 'session_grant makes no account',
            "CALL session_grant('nobody@localhost', FALSE)")
server.run("CREATE USER 'joe@shop'@localhost, joe@localhost")
root.rows("CALL session_grant('joe@shop@localhost', FALSE)")
equal(server.connect('joe@shop').json('session_get', token), {'n': 1},
      "an account's name may have an @")
equal(server.run("SELECT User FROM mysql.procs_priv WHERE User = 'joe'"), '', '... and is no other')
root.rows("CALL session_revoke_grant('joe@shop@localhost', TRUE)")
equal(server.run("SELECT User FROM mysql.procs_priv WHERE User LIKE 'joe%'"), '',
      'to take back more than was given is no error')

# ---- two databases ----

server.install('second')
second = server.connect(database='second')
other = second.call('session_create', 'anna', '{}', None, None, None)
equal((second.call('session_get', token), root.call('session_get', other)), (None, None),
      'two databases have sessions of their own')
second.call('session_configure', 'audit', 'all')
equal(root.call('session_setting', 'audit'), 'off', '... settings')
count = second.rows('CALL session_stats()')[0][0]
root.call('session_get', token)
equal(second.rows('CALL session_stats()')[0][0], count, '... and statistics')

# ---- restored from a backup ----

DUMP = ['mariadb-dump']
if IS_MYSQL:
    DUMP = [pathlib.Path(os.environ['COVET_MYSQL_CLIENT']).with_name('mysqldump'),
            '--set-gtid-purged=OFF']
dump = subprocess.run([*server.client(program=DUMP[0]), *DUMP[1:], '--routines', '--events', DATABASE],
                      stdout=subprocess.PIPE, text=True, check=True).stdout
check(token not in dump, 'a backup has no token')
server.run('CREATE DATABASE copy')
server.run(dump, 'copy')
status, said = script('install', 'install.sql', 'copy')
equal((status, objects('copy')), (0, objects()), 'a copy beside the original is complete')
copy = server.connect(database='copy')
equal(copy.json('session_get', token), {'n': 1}, '... has its sessions')
count = root.rows('CALL session_stats()')[0][0]
copy.call('session_get', token)
equal(root.rows('CALL session_stats()')[0][0], count, '... and statistics of its own')
server.run('DROP DATABASE copy')

# A server that has never seen the module, with the library of an older version.
plugins = PRIVATE / 'older-plugins'
plugins.mkdir(exist_ok=True)
library = (PRIVATE / 'mysql-plugins/covet_sessions.so').read_bytes()
older = re.sub('[0-9]', '0', version)
(plugins / 'covet_sessions.so').write_bytes(
    library.replace(f'\0{version}\0'.encode(), f'\0{older}\0'.encode()))
restored = Server('restored', f'--plugin-dir={plugins}', '--event-scheduler=ON')
restored.run(f'CREATE DATABASE {DATABASE}')
restored.run(dump, DATABASE)
restored.install()
there = restored.connect('app')
equal(there.json('session_get', token), {'n': 1}, 'a backup restored elsewhere has the sessions')
equal(there.call('session_setting', 'idle_timeout'), '7777', '... and the settings')

# ---- another library ----

equal(there.call('session_version'), older, 'an older library is in use')
health = {row[0]: row for row in restored.connect().rows('CALL session_health()')}
check(not health['version'][1], '... which health tells', health['version'])
(plugins / 'new').write_bytes(library)
(plugins / 'new').rename(plugins / 'covet_sessions.so')
restored.install()
equal(restored.connect('app').call('session_version'), version,
      'the new one is in use when it has been installed, without a restart')
equal(restored.connect('app').json('session_get', token), {'n': 1}, '... and sessions go on')
restored.stop()

# ---- removed ----

status, said = script('uninstall', 'uninstall.sql', 'second')
check(status == 0, 'one of them can be removed', said)
equal(objects('second'), {'tables': [], 'routines': [], 'events': []}, '... with all that is in it')
equal(root.json('session_get', token), {'n': 1}, '... and the other goes on')
root.close()

status, said = script('uninstall', 'uninstall.sql')
check(status == 0, 'the last one can be removed', said)
equal(objects(), {'tables': [], 'routines': [], 'events': []}, '... with all that is in it')
equal(functions(), [], '... with the functions of the library')
equal(server.run("SELECT user FROM mysql.user WHERE user = 'covet_sessions'"), '',
      '... and the account')
status, said = script('install', 'install.sql')
equal((status, objects()), (0, before), 'and it can be installed anew')
end()
