"""Installing, installing again, and removing."""
import subprocess

from covet import DATABASE, ROOT, SCRIPTS, Server, check, end, equal

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

root.call('session_configure', 'idle_timeout', 77)
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
equal(root.call('session_setting', 'idle_timeout'), '77', '... the settings')
equal(root.rows('CALL session_stats()')[0][8], stats[0][8], '... the statistics')
equal(server.connect('app').json('session_get', token), {'n': 1}, '... and the grants')

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
