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
