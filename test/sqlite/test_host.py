"""The caller's transaction, his schema, and other libraries' habits."""
import json
import os
import sqlite3

from covet import EXTENSION, Session, check, connect, end, equal, memory, path

# ---- transactions ----

db = Session(connect())
other = Session(connect())
token = db.call('session_create', 'anna')
db.connection.execute('BEGIN')
db.call('session_set', 'inside', '{}')
db.call('session_update', token, '{"a":1}')
equal(db.json('session_get', token), {'a': 1}, 'a transaction sees its own writes')
equal(other.json('session_get', token), {}, '... and others do not')
db.connection.execute('ROLLBACK')
equal((db.call('session_get', 'inside'), db.json('session_get', token)), (None, {}), 'a rollback undoes them')
db.connection.execute('SAVEPOINT covet_sessions')
db.call('session_set', 'inside', '{}')
db.connection.execute('ROLLBACK TO covet_sessions')
db.connection.execute('RELEASE covet_sessions')
equal(db.call('session_get', 'inside'), None, 'a savepoint of the same name')
equal(db.connection.in_transaction, False, 'no transaction is left open')

# Stepped once and never reset: the write is there.
cursor = db.connection.execute("SELECT session_set('once', '{}') UNION ALL SELECT 2")
cursor.fetchone()
equal(other.call('session_get', 'once'), '{}', 'committed before the statement ends')
cursor.close()

# Inside statements that write.
db.connection.execute('CREATE TABLE mine (t INTEGER PRIMARY KEY, token)')
db.connection.execute("INSERT INTO mine (token) SELECT session_create('otto') FROM (SELECT 1 UNION ALL SELECT 2)")
equal(len(db.rows('session_list', 'otto')), 2, 'inside an INSERT')
equal(db.connection.in_transaction, False, '... which leaves no transaction open')
db.connection.execute("UPDATE mine SET token = session_set('by-update', '{}')")
equal(other.call('session_get', 'by-update'), '{}', 'inside an UPDATE')
db.connection.execute('CREATE TABLE made AS SELECT session_create() AS token')
equal(other.call('session_get', db.one('SELECT token FROM made')), '{}', 'inside a CREATE TABLE')

# While the caller reads a table, and another connection writes.
db.configure(touch_interval='0')
db.call('session_set', 'held', '{}')
for mode in ('delete', 'wal'):
    db.connection.execute(f'PRAGMA journal_mode = {mode}').fetchall()
    other.connection.execute('BEGIN IMMEDIATE')
    other.call('session_set', 'theirs', '{}')
    equal(db.call('session_touch', 'held'), '{}', f'{mode}: a touch does not wait for a writer')
    equal(db.connection.execute("SELECT session_touch('held') FROM mine").fetchall(), [('{}',)] * 2,
          f'{mode}: nor inside a query')
    other.connection.execute('COMMIT')

# last_insert_rowid
db.connection.execute('INSERT INTO mine VALUES (4711, 1)')
db.configure(audit='all')
for call in ("session_create('anna')", "session_set('rowid', '{}')", "session_rotate('rowid')",
             "session_revoke('rowid')", "session_cleanup()", "session_import('i', '{}')"):
    equal(db.one(f'SELECT {call} AND 0 OR last_insert_rowid()') and db.one('SELECT last_insert_rowid()'),
          4711, f'{call} leaves last_insert_rowid alone')

# ---- a schema that is not ours ----

strange = memory()
strange.connection.execute('CREATE TABLE sessions (sid TEXT)')
equal(strange.call('session_get', 'x'), None, 'a table of the same name: reads find nothing')
for verb, args in (('create', []), ('install', []), ('set', ['x', '{}'])):
    strange.connection.execute('SELECT 1')
    try:
        strange.call(f'session_{verb}', *args)
        check(False, f'session_{verb} refuses')
    except sqlite3.OperationalError as error:
        check('not covet_sessions' in str(error), f'a table of the same name: session_{verb} refuses', error)
equal(strange.one('SELECT count(*) FROM sqlite_master'), 1, '... and changes nothing')

temp = memory()
temp.call('session_set', 'x', '{"a":1}')
temp.connection.execute('CREATE TEMP TABLE sessions AS SELECT * FROM main.sessions WHERE 0')
equal(temp.json('session_get', 'x'), {'a': 1}, 'a temporary table shadows nothing')

# Functions in views, triggers, constraints and indexes of the file.
evil = memory()
evil.call('session_set', 'x', '{}')
evil.connection.executescript('''
    CREATE TABLE bait (x);
    CREATE VIEW spy AS SELECT session_create('mallory');
    CREATE VIEW spy2 AS SELECT * FROM session_info('x');
    CREATE TRIGGER trap AFTER INSERT ON bait BEGIN SELECT session_revoke('x'); END;
''')
for sql in ('SELECT * FROM spy', 'SELECT * FROM spy2', 'INSERT INTO bait VALUES (1)',
            "CREATE INDEX i ON bait (session_get('x'))",
            "CREATE TABLE d (x DEFAULT (session_delete('x')))",
            "CREATE TABLE g (x, y AS (session_get('x')))"):
    try:
        evil.connection.execute(sql).fetchall()
        if sql.startswith('CREATE TABLE'):
            evil.connection.execute(f'INSERT INTO {sql[13]} DEFAULT VALUES')
        check(False, f'refused: {sql}')
    except sqlite3.OperationalError as error:
        check('unsafe use' in str(error) or 'prohibited' in str(error) or 'non-deterministic' in str(error),
              f'refused: {sql}', error)
equal(evil.call('session_get', 'x'), '{}', 'nothing has happened to the session')

# The same in a file that is attached, written where the functions were harmless.
harmless = sqlite3.connect(path('stranger.db'), isolation_level=None)
for name in ('session_get', 'session_revoke', 'session_configure'):
    harmless.create_function(name, -1, lambda *args: 1, deterministic=True)
harmless.executescript('''
    CREATE TABLE checked (x CHECK (session_revoke('x') >= 0));
    CREATE TABLE checked2 (x CHECK (session_configure('audit', 'off') <> ''));
    CREATE TABLE preset (x, y DEFAULT (session_revoke('x')));
    CREATE TABLE bait (x);
    CREATE TRIGGER trap AFTER INSERT ON bait BEGIN SELECT session_revoke('x'); END;
    CREATE VIEW spy AS SELECT session_revoke('x') AS x;
    CREATE VIEW spy2 AS SELECT * FROM session_info('x');
    CREATE TABLE session_stats (x);
    CREATE TABLE session_info (x);
    CREATE TABLE sessions (id, user_id, data);
    CREATE TABLE session_schema (version);
    INSERT INTO session_schema VALUES ('99');
''')
for name, sql in (('generated.db', "CREATE TABLE bait (x, y AS (session_get('x')))"),
                  ('indexed.db', "CREATE TABLE bait (x); CREATE INDEX trap ON bait (session_get(x))"),
                  ('partial.db', "CREATE TABLE bait (x); CREATE INDEX trap ON bait (x) WHERE session_get(x)")):
    maker = sqlite3.connect(path(name), isolation_level=None)
    maker.create_function('session_get', -1, lambda *args: 1, deterministic=True)
    maker.executescript(sql)
    maker.close()
harmless.close()
victim = Session(connect('victim.db'))
victim.configure(audit='security')
victim.call('session_set', 'x', '{}', 'anna')
for name, statements in (('stranger.db', ('INSERT INTO stranger.checked VALUES (1)',
                                          'INSERT INTO stranger.checked2 VALUES (1)',
                                          'INSERT INTO stranger.preset (x) VALUES (1)',
                                          'INSERT INTO stranger.bait VALUES (1)',
                                          'SELECT * FROM stranger.spy', 'SELECT * FROM stranger.spy2')),
                         ('generated.db', ('INSERT INTO stranger.bait (x) VALUES (1)', 'SELECT * FROM stranger.bait')),
                         ('indexed.db', ('INSERT INTO stranger.bait (x) VALUES (1)',)),
                         ('partial.db', ('INSERT INTO stranger.bait (x) VALUES (1)',))):
    for sql in statements:
        try:
            # Later versions of SQLite refuse the file as a whole.
            victim.connection.execute('ATTACH ? AS stranger', (path(name),))
            got = victim.connection.execute(sql).fetchall()
        except sqlite3.DatabaseError as error:
            got = str(error)
        check(any(word in got for word in ('unsafe use', 'non-deterministic', 'cannot be changed inside', 'not a function')),
              f'attached {name}: {sql}', got)
        equal((victim.call('session_get', 'x'), victim.call('session_setting', 'audit')), ('{}', 'security'),
              '... and nothing has happened')
        if victim.connection.execute('PRAGMA database_list').fetchall()[-1][1] == 'stranger':
            victim.connection.execute('DETACH stranger')
if sqlite3.sqlite_version_info < (3, 41):
    victim.connection.execute('ATTACH ? AS stranger', (path('stranger.db'),))
    equal(victim.call('session_set', 'y', '{}'), 1, 'tables of the same names, attached, are nothing')
    equal((victim.call('session_get', 'y'), len(victim.rows('session_list', 'anna'))), ('{}', 1), '... to reads neither')
    equal(victim.one('SELECT count(*) FROM stranger.sessions'), 0, '... and stay as they are')
    victim.connection.execute('DETACH stranger')
victim.connection.execute("ATTACH ':memory:' AS own")
try:
    victim.connection.execute("CREATE TABLE own.tokens AS SELECT session_create('anna')")
    check(False, 'no write inside a write while a database is attached')
except sqlite3.OperationalError as error:
    check('while a database is attached' in str(error), 'no write inside a write while a database is attached', error)
equal(len(victim.rows('session_list', 'anna')), 1, '... and none has happened')
victim.connection.execute('DETACH own')

# Tables of the file, and temporary ones, that have the names of the functions.
for temporary in ('', 'TEMP '):
    named = memory()
    for name in ('session_stats', 'session_info', 'session_list', 'session_health'):
        named.connection.execute(f'CREATE {temporary}TABLE {name} (x)')
    for verb, args, answer in (('set', ['x', '{"a":1}', 'anna'], 1), ('get', ['x'], '{"a":1}'),
                               ('touch', ['x'], '{"a":1}'), ('patch', ['x', '{"b":2}'], 2), ('revoke', ['x'], 1)):
        equal(named.call(f'session_{verb}', *args), answer,
              f'{temporary}tables named as the functions do not hinder session_{verb}')
    named.connection.close()

# A temporary trigger may call, but not without end.
evil.connection.executescript("CREATE TEMP TRIGGER loop AFTER UPDATE ON main.sessions"
                              " BEGIN SELECT session_update('x', '{}'); END;")
try:
    evil.connection.execute('PRAGMA recursive_triggers = on')
    evil.call('session_update', 'x', '{}')
    check(False, 'a trigger that calls itself ends')
except sqlite3.OperationalError as error:
    check('too deeply' in str(error) or 'recursion' in str(error), 'a trigger that calls itself ends', error)
equal(evil.one('SELECT version FROM sessions'), 1, '... with nothing changed')

# Times that somebody wrote by hand.
hand = memory()
hand.call('session_set', 'x', '{}')
hand.connection.execute("UPDATE sessions SET expires_at = datetime('now', '+1 hour')")
equal(hand.call('session_get', 'x'), '{}', "SQLite's own form of a time is read")
hand.connection.execute("UPDATE sessions SET expires_at = 'tomorrow'")
equal(hand.call('session_get', 'x'), None, 'what is no time is over')

# Settings that somebody wrote by hand.
hand.call('session_install')
hand.connection.execute("INSERT INTO session_settings VALUES ('idle_timeout', 'never'), ('x', 'y')")
equal(hand.call('session_setting', 'idle_timeout'), '3600', 'a setting that means nothing is the default')
check(any('no settings' in row['detail'] for row in hand.rows('session_health')), '... and session_health tells')

# ---- loading and closing ----

twice = memory()
twice.connection.enable_load_extension(True)
twice.connection.load_extension(EXTENSION)
twice.connection.execute('SELECT load_extension(?)', (EXTENSION,)).fetchall()
check(twice.call('session_create'), 'loaded three times')
twice.connection.execute('VACUUM')
check(twice.call('session_create'), 'VACUUM')

for i in range(50):
    connection = Session(connect('closed.db'))
    connection.call('session_set', 'x', '{}')
    connection.call('session_touch', 'x')
    connection.rows('session_stats')
    connection.connection.close()
open_files = [os.readlink(f'/proc/self/fd/{fd}') for fd in os.listdir('/proc/self/fd')
              if os.path.exists(f'/proc/self/fd/{fd}')]
equal(sum(name == path('closed.db') for name in open_files), 0, 'what is closed is closed')

attached = memory()
attached.call('session_set', 'x', '{}')
attached.connection.execute("ATTACH ':memory:' AS more")
attached.call('session_set', 'y', '{}')
attached.connection.execute('DETACH more')
equal(attached.call('session_get', 'y'), '{}', 'kept statements do not hinder DETACH')

wide = Session(connect('wide.db'))
wide.connection.execute("PRAGMA encoding = 'UTF-16'")
wide.call('session_set', 'ü-no'.replace('ü', 'u'), json.dumps({'ä': '😀'}, ensure_ascii=False), 'Jürgen')
equal(wide.json('session_get', 'u-no'), {'ä': '😀'}, 'a database in UTF-16')
equal(len(wide.rows('session_list', 'Jürgen')), 1, '... and its users')
end()
