"""A replica has what its source has, in every format of the binary log."""
import random
import time

from covet import DATABASE, Error, IS_MYSQL, KIND, Server, check, end, equal, eventually, free_port

# Columns that tell what a session is.
TABLES = ('sessions', 'session_events', 'session_settings')
NETWORK = ('--skip-networking=0', '--bind-address=127.0.0.1', '--log-bin', '--event-scheduler=ON')


def pair(binlog_format):
    """A source and its replica."""
    options = [*NETWORK, f'--binlog-format={binlog_format}']
    # The text of statements, which MariaDB writes unless told otherwise.
    options.append('--binlog-rows-query-log-events' if IS_MYSQL else '--binlog-annotate-row-events')
    port, other_port = free_port(), free_port()
    source = Server(f'source-{binlog_format}', *options, '--server-id=1', f'--port={port}')
    replica = Server(f'replica-{binlog_format}', *options, '--server-id=2',
                     f'--port={other_port}', '--log-slave-updates=1')
    source.run("CREATE USER replicator@'127.0.0.1' IDENTIFIED BY 'secret';"
               "GRANT REPLICATION SLAVE ON *.* TO replicator@'127.0.0.1'")
    if IS_MYSQL:
        log, position = source.run('SHOW BINARY LOG STATUS').split()[:2]
        replica.run(
            f"CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.1', SOURCE_PORT = {port}, "
            "SOURCE_USER = 'replicator', SOURCE_PASSWORD = 'secret', "
            f"SOURCE_LOG_FILE = '{log}', SOURCE_LOG_POS = {position}, "
            "GET_SOURCE_PUBLIC_KEY = 1; START REPLICA")
    else:
        log, position = source.run('SHOW MASTER STATUS').split()[:2]
        replica.run(
            f"CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = {port}, "
            "MASTER_USER = 'replicator', MASTER_PASSWORD = 'secret', "
            f"MASTER_LOG_FILE = '{log}', MASTER_LOG_POS = {position}; START SLAVE")
    return source, replica


def contents(connection):
    return {table: sorted(map(repr, connection.rows(f'SELECT * FROM {table}')))
            for table in TABLES}


def follow(source, replica, what):
    """Waits for the replica; it must have the same in the end."""
    differences = {}

    def same():
        mine, yours = contents(source), contents(replica)
        differences.update({table: set(mine[table]) ^ set(yours[table]) for table in TABLES})
        return mine == yours

    check(eventually(same), what, differences)


def load(connection, calls=400):
    pick = random.Random(5)
    tokens = [f'id-{number}' for number in range(20)]
    for number in range(calls):
        token = pick.choice(tokens)
        connection.call(*pick.choice((
            ('session_set', token, '{"n": %d}' % number, 'anna', pick.choice((1, 1000)),
             '192.0.2.1', 'Agent'),
            ('session_patch', token, '{"p": %d}' % number), ('session_touch', token),
            ('session_rotate', token, 'berta'), ('session_revoke', token),
            ('session_delete', token), ('session_expire', token, 10),
            ('session_create', 'carla', '{}', None, None, None), ('session_cleanup', None),
            ('session_revoke_user', 'berta', None))))


for binlog_format in ('ROW', 'MIXED'):
    name = f'binlog {binlog_format}'
    source, replica = pair(binlog_format)
    source.install()
    here = source.connect()
    check(eventually(lambda: 'session_grant' in replica.run(
        f"SELECT routine_name FROM information_schema.routines WHERE routine_schema = '{DATABASE}'")),
        f'{name}: the module is installed on the replica too')
    there = replica.connect()
    for setting, value in (('max_sessions_per_user', 4), ('audit', 'all'),
                           ('touch_interval', 0), ('tombstone_retention', 1)):
        here.call('session_configure', setting, value)
    load(here)
    follow(here, there, f'{name}: the replica has the same sessions')

    secrets = [here.call('session_create', None, '{}', None, None, None)]
    for form in ('SELECT', 'CALL'):
        secrets.append(f'secret-{form}')
        for call in ("session_set(%s, '{}', 'anna', NULL, NULL, NULL)", "session_patch(%s, '{}')",
                     "session_update(%s, '{}', NULL)", "session_touch(%s)", "session_expire(%s, 9)",
                     "session_verify(%s, NULL, NULL)", "session_rotate(%s, NULL)", "session_revoke(%s)",
                     "session_delete(%s)"):
            answer = here.one(f'{form} {call}', secrets[-1])
            if 'rotate' in call:
                secrets.append(answer)
    written = ' '.join(str(row) for (log, *_) in here.rows('SHOW BINARY LOGS')
                       for row in here.rows('SHOW BINLOG EVENTS IN %s', log))
    equal(['INSERT INTO session_events' in written, [secret for secret in secrets if secret in written]],
          [True, []], f'{name}: the text of statements in the log has no token')

    token = here.call('session_create', 'dora', '{"n": 1}', 100, None, None)
    over = here.call('session_create', 'dora', '{}', 100, None, None)
    here.age(over, 200)
    follow(here, there, f'{name}: ... and those that follow')
    replica.run('SET GLOBAL read_only = ON' + (', super_read_only = ON' if IS_MYSQL else ''))
    app = replica.connect('app')
    equal(app.json('session_get', token), {'n': 1}, f'{name}: a read-only replica answers session_get')
    equal(app.json('session_info', token)['version'], 1, f'{name}: ... session_info')
    equal(len(app.json('session_list', 'dora')), 1, f'{name}: ... session_list')
    equal(app.call('session_get', over), None, f'{name}: ... and knows what is over')
    for verb in ('session_get', 'session_touch', 'session_verify'):
        more = ', NULL, NULL' if verb == 'session_verify' else ''
        try:
            got = app.one(f"CALL {verb}('{token}'{more})")
        except Error as error:
            got = str(error)
        equal(got, '{"n": 1}' if IS_MYSQL else '{"n":1}', f'{name}: ... CALL {verb}')
    app.raises(('25006',), f'{name}: a change is refused in the words of the contract',
               f"CALL session_set('{token}', '{{}}', NULL, NULL, NULL, NULL)")
    app.raises((1290,), f"{name}: ... in the server's own from a function",
               f"SELECT session_set('{token}', '{{}}', NULL, NULL, NULL, NULL)")
    follow(here, there, f'{name}: ... and changes nothing')

    # The event sweeps on the source; the replica follows and sweeps not.
    here.call('session_configure', 'cleanup_interval', 1)
    check(eventually(lambda: here.call('session_info', over) is None and here.one(
        'SELECT count(*) FROM sessions WHERE id = session_digest(%s)', over) == 0),
        f'{name}: the event sweeps on the source')
    follow(here, there, f'{name}: what is swept is gone from the replica')
    replica.run('SET GLOBAL read_only = OFF')
    time.sleep(2.5)
    with there.connection.cursor() as cursor:
        cursor.execute('CALL session_stats()')
        columns = [column[0] for column in cursor.description]
        swept = dict(zip(columns, cursor.fetchone()))
    equal((swept['sweeps'], swept['swept']), (0, 0), f'{name}: the replica does not sweep')
    status = {row[0] for row in there.rows(
        'SELECT status FROM information_schema.events WHERE event_schema = %s', DATABASE)}
    check(len(status) == 1 and 'ENABLED' not in status,
          f'{name}: its event is disabled', status)
    running = there.row('SHOW REPLICA STATUS' if IS_MYSQL else 'SHOW SLAVE STATUS')
    check('Yes' in running[10:12] and running[18] in (0, '0'),
          f'{name}: replication goes on', running)
    source.stop()
    replica.stop()

source = Server('source-STATEMENT', *NETWORK, '--binlog-format=STATEMENT', '--server-id=1',
                f'--port={free_port()}')
source.run(f'CREATE DATABASE {DATABASE}')
try:
    said = source.install()
except SystemExit as refused:
    said = str(refused)
check('binlog_format' in said, 'binlog STATEMENT: the installation says that it will not do', said)
source.run(f"SET GLOBAL binlog_format = 'ROW'")
source.install()
source.run(f"SET GLOBAL binlog_format = 'STATEMENT'")
here = source.connect()
for sql in ("SELECT session_set('x', '{}', NULL, NULL, NULL, NULL)",
            "SELECT session_create(NULL, NULL, NULL, NULL, NULL)"):
    here.raises(('0A000', 1665, 1418), f'binlog STATEMENT: {sql} is refused', sql)
equal(here.call('session_get', 'x'), None, 'binlog STATEMENT: reads go on')
end()
