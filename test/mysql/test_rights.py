"""What an account that may only execute the routines can and cannot do."""
import json
import re

from covet import DATABASE, Error, IS_MYSQL, Server, check, end, equal

DENIED = (1142, 1143, 1370, 1044, 1227, 1305)
EXPIRED = 200

server = Server()
server.install()
root = server.connect()
app = server.connect('app')
operator = server.connect('operator')

# ---- the application ----

token = app.call('session_create', 'anna', '{"n": 1}', 1000, '192.0.2.1', 'Agent')
equal(app.json('session_get', token), {'n': 1}, 'the application uses a session')
for table in ('sessions', 'session_events', 'session_creations', 'session_users',
              'session_settings', 'session_live'):
    for sql in (f'SELECT * FROM {table}', f'DELETE FROM {table}',
                f'UPDATE {table} SET user_id = 1', f'INSERT INTO {table} VALUES ()',
                f'TRUNCATE {table}', f'DROP TABLE {table}',
                f'SHOW CREATE TABLE {table}', f'LOCK TABLES {table} READ'):
        app.raises(DENIED, f'the application cannot: {sql}', sql)
for sql in ("SELECT session_cleanup(NULL)", "SELECT session_configure('audit', 'off')",
            "CALL session_stats_reset()", "CALL session_grant('app@localhost', TRUE)",
            "CALL session_stats()", "CALL session_health()",
            "SELECT session_import('x', '{}', NULL, NULL, NULL, NULL, NULL, NULL)",
            'DROP FUNCTION session_get', 'ALTER EVENT session_sweep DISABLE',
            'DROP FUNCTION covet_now', 'SHOW GRANTS FOR covet_sessions@localhost'):
    app.raises(DENIED, f'the application cannot: {sql}', sql)

# What a routine that is not documented does is nobody's business either.
documented = {'session_' + name for name in (
    'create set get touch info verify update patch rotate expire delete revoke '
    'revoke_handle revoke_user list digest setting version').split()}
granted = {name for (name,) in app.rows(
    'SELECT DISTINCT routine_name FROM information_schema.routines '
    'WHERE routine_schema = %s', DATABASE)}
equal(granted, documented, "the application's routines are those of the contract")

# ---- secrets ----

keys = set()
for kind, name in root.rows(
        'SELECT routine_type, routine_name FROM information_schema.routines '
        'WHERE routine_schema = %s', DATABASE):
    body = root.row(f'SHOW CREATE {kind} {name}')[2]
    keys |= set(re.findall(r"covet_count\('([^']*)'", body))
check(len(keys) == 1 and len(keys.copy().pop()) >= 32,
      'the routines have one long key for their counters', keys)
key = keys.pop()
shown = [table for (table,) in app.rows(
    "SELECT table_name FROM information_schema.tables "
    "WHERE table_schema = 'information_schema'")]
seen = []
for table in shown:
    try:
        seen += [table for row in app.rows(f'SELECT * FROM information_schema.{table}')
                 for value in row if isinstance(value, (str, bytes))
                 and (key in str(value) or token in str(value))]
    except Exception:  # some tables ask for a privilege or a condition
        pass
check(len(shown) > 20 and not seen, 'information_schema shows no secret', seen)
bodies = []
for name in documented:
    for kind in ('FUNCTION', 'PROCEDURE'):
        try:
            bodies.append(app.row(f'SHOW CREATE {kind} {name}')[2])
        except Exception:
            pass
check(len(bodies) > 10 and not any(bodies), 'the application reads no routine', bodies)

app.rows('SET profiling = 1')
app.rows('SET profiling_history_size = 100')
for call in ("session_get('x')", "session_touch('x')", "session_get(%s)", "session_touch(%s)",
             "session_info(%s)", "session_verify(%s, NULL, NULL)", "session_patch(%s, '{}')",
             "session_set(%s, '{}', NULL, NULL, NULL, NULL)", "session_update(%s, '{}', 77)",
             "session_expire(%s, NULL)", "session_list('anna')", "session_delete('x')",
             "session_revoke_user('x', NULL)", "session_create(NULL, NULL, NULL, NULL, NULL)"):
    for form in ('SELECT', 'CALL'):
        app.rows(f'{form} {call}', *([token] if '%s' in call else []))
shown = app.rows('SHOW PROFILES')
check(len(shown) > 40 and key not in str(shown), 'SHOW PROFILES shows no key',
      [row for row in shown if key in str(row)])
app.rows('SET profiling = 0')

before = operator.rows('CALL session_stats()')
app.rows("SELECT covet_count('covet', 'gets'), covet_counters_reset('covet')")
app.rows("SELECT covet_count('', 'gets'), covet_note('covet', 'last_error', 'boo')")
equal(operator.rows('CALL session_stats()'), before,
      'without the key nobody changes the statistics')

# ---- the clock ----

over = app.call('session_create', 'anna', '{}', 100, None, None)
root.age(over, EXPIRED)
for moment in ('1', 'UNIX_TIMESTAMP() - 250'):
    app.rows(f'SET timestamp = {moment}')
    equal([app.call('session_get', over), app.call('session_touch', over),
           app.call('session_info', over), app.call('session_verify', over, None, None),
           app.call('session_update', over, '{}', None), app.call('session_patch', over, '{}'),
           app.call('session_rotate', over, None), app.call('session_revoke', over)],
          [None] * 7 + [0], f'SET timestamp = {moment} revives nothing')
app.rows("SET time_zone = '+13:00'")
app.rows('SET timestamp = 1')
odd = app.call('session_create', 'anna', '{}', None, None, None)
equal(root.one('SELECT abs(timestampdiff(SECOND, created_at, utc_timestamp())) < 5 '
               'FROM sessions WHERE id = session_digest(%s)', odd), 1,
      'a session starts now, whatever timestamp and time_zone are')
app.rows('SET timestamp = DEFAULT')
equal(app.call('session_set', over, '{"new": true}', None, None, None, None), 1,
      'an expired session is started anew')
equal(app.json('session_info', over)['version'], 1, '... as a new one')

# ---- what else a client can set ----

for mode in ('ANSI_QUOTES,PIPES_AS_CONCAT,HIGH_NOT_PRECEDENCE,IGNORE_SPACE',
             'NO_BACKSLASH_ESCAPES', '', 'TRADITIONAL', 'NO_UNSIGNED_SUBTRACTION',
             'PAD_CHAR_TO_FULL_LENGTH' if IS_MYSQL else 'ORACLE,EMPTY_STRING_IS_NULL'):
    app.rows('SET sql_mode = %s', mode)
    one = app.call('session_create', '', '{"a": "b"}', 50, '192.0.2.1', 'x')
    equal([app.json('session_touch', one), app.call('session_patch', one, '{"c": 1}'),
           app.json('session_get', one), app.call('session_revoke', one)],
          [{'a': 'b'}, 2, {'a': 'b', 'c': 1}, 1], f"sql_mode = '{mode}' changes nothing")
app.rows('SET sql_mode = DEFAULT')
root.call('session_configure', 'audit', 'all')
root.call('session_configure', 'create_rate_limit', 1000)
app.rows('SET insert_id = 9223372036854775807')
app.call('session_create', 'anna', '{}', None, None, None)
other = server.connect('app')
equal([len(one.call('session_create', 'anna', '{}', None, None, None)) for one in (app, other)],
      [43, 43], 'SET insert_id stops nobody')
other.close()
for setting in ('audit', 'create_rate_limit'):
    root.call('session_configure', setting, None)
root.rows('DELETE FROM session_events')
for statement in ("SET NAMES latin1", "SET NAMES utf8mb4 COLLATE utf8mb4_general_ci",
                  'SET SESSION group_concat_max_len = 4',
                  'SET SESSION sql_safe_updates = 1',
                  'SET SESSION sql_select_limit = 1', 'SET SESSION max_sort_length = 64'):
    app.rows(statement)
    for number in range(3):
        app.call('session_create', 'carla' + statement[:20], '{}', None, None, None)
    equal(len(app.json('session_list', 'carla' + statement[:20])), 3,
          f'{statement} changes nothing')
    app.call('session_revoke_user', 'carla' + statement[:20], None)
app.close()
app = server.connect('app')

# ---- identity ----

for other in ('Abc', 'abd', 'abc '):
    app.call('session_set', 'abc', '{"n": 1}', 'anna', None, None, None)
    equal(app.call('session_get', other), None, f"'{other}' is not the session 'abc'")
for owner in ('Anna', 'änna', 'anna ', 'anna\u200b', 'ANNA'):
    mine = app.call('session_create', owner, '{}', None, None, None)
    equal([one['user_id'] for one in app.json('session_list', owner)], [owner],
          f'{owner!r} is a user of his own')
    equal(app.call('session_revoke_user', owner, None), 1, '... and so are his sessions')
check(app.call('session_get', 'abc'), "... and not anna's")
digest = app.call('session_digest', 'abc')
equal(app.call('session_get', digest), None, 'a handle is not accepted for a token')
equal(app.call('session_revoke_handle', 'ANNA', digest), 0,
      'a handle counts only with its owner')
equal(app.call('session_revoke_handle', 'anna', digest.swapcase()), 0,
      'a handle is compared exactly')
equal(app.call('session_revoke_handle', 'anna', digest), 1, 'its owner revokes it')

# ---- the view of live sessions ----

server.run('CREATE USER reader@localhost; '
           'GRANT SELECT ON session_live TO reader@localhost', DATABASE)
reader = server.connect('reader')
READ = 'SELECT data FROM session_live WHERE id = covet_handle(%s)'
tokens = {name: app.call('session_create', 'vera', json.dumps({'n': name}), 1000, None, None)
          for name in ('live', 'idle', 'over', 'revoked')}
root.age(tokens['idle'], 1000)
root.rows('UPDATE sessions SET idle_timeout = NULL, expires_at = UTC_TIMESTAMP() '
          'WHERE id = covet_handle(%s)', tokens['over'])
app.call('session_revoke', tokens['revoked'])
equal({name: reader.one(READ, token) and json.loads(reader.one(READ, token))
       for name, token in tokens.items()},
      {'live': {'n': 'live'}, 'idle': None, 'over': None, 'revoked': None},
      'who may read session_live reads live sessions alone')
equal(reader.row('SELECT user_id, version, valid_until - INTERVAL 1000 SECOND <= last_accessed_at '
                 'FROM session_live WHERE id = covet_handle(%s)', tokens['live']), ('vera', 1, 1),
      '... with all that session_info tells')
plan = root.row('EXPLAIN FORMAT = TRADITIONAL ' + READ, tokens['live'])
check('PRIMARY' in plan, '... finding them by their key', plan)
reader.raises(DENIED, '... and nothing else', 'SELECT * FROM sessions')
reader.raises((1142, 1143, 1288, 1356), '... and changes nothing', 'DELETE FROM session_live')

# ---- temporary tables ----

# What docs/mysql.md warns of: whoever may make them hides the tables from himself.
server.run(f"""CREATE USER temporary@localhost;
    GRANT CREATE TEMPORARY TABLES ON {DATABASE}.* TO temporary@localhost;
    CALL session_grant('temporary@localhost', FALSE)""", DATABASE)
temporary = server.connect('temporary')
stays = app.call('session_create', 'anna', '{"n": 1}', None, None, None)
temporary.rows('CREATE TEMPORARY TABLE sessions (id VARCHAR(255) PRIMARY KEY, is_active BOOLEAN, '
               'expires_at DATETIME(6), last_accessed_at DATETIME(6), idle_timeout INT, '
               'version BIGINT, data LONGTEXT)')
try:
    temporary.call('session_delete', stays)
except Error:  # the servers do not let it be used in each way
    pass
equal(app.json('session_get', stays), {'n': 1}, 'a temporary table changes nothing for others')
temporary.close()

# ---- others ----

operator.raises(DENIED, 'the operator has no right on the sessions', 'SELECT * FROM sessions')
equal(operator.rows('SELECT event FROM session_events'), [], 'the operator reads the events')
server.run("CREATE USER stranger@localhost; GRANT USAGE ON *.* TO stranger@localhost")
stranger = server.connect('stranger', database=None)
for sql in (f"SELECT {DATABASE}.session_get('x')", f"CALL {DATABASE}.session_get('x')",
            f'SELECT 1 FROM {DATABASE}.sessions'):
    stranger.raises(DENIED, f'a stranger cannot: {sql}', sql)
try:
    server.connect('covet_sessions')
    check(False, 'nobody can log in as the owner')
except Exception as error:
    check(getattr(error, 'number', 0) in (3118, 4151, 1045),
          'nobody can log in as the owner', error)
definers = root.rows(
    'SELECT DISTINCT definer FROM information_schema.routines '
    'WHERE routine_schema = %s', DATABASE)
equal(definers, [('covet_sessions@localhost',)], 'the owner is the definer')
invoked = {name for (name,) in root.rows(
    "SELECT routine_name FROM information_schema.routines "
    "WHERE routine_schema = %s AND security_type = 'INVOKER'", DATABASE)}
equal(invoked, {'session_grant', 'session_revoke_grant', 'session_grant_each'},
      'only what grants runs with the rights of its caller')
grants = ' '.join(grant for (grant,) in root.rows('SHOW GRANTS FOR covet_sessions@localhost'))
check('ALL PRIVILEGES' not in grants and 'SUPER' not in grants
      and '*.*' not in grants.replace('GRANT USAGE ON *.*', ''),
      'the owner has rights on his own objects alone', grants)
end()
