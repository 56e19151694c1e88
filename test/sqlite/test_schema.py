"""The version of the schema: recorded, upgraded, and refused if it is newer."""
import os
import shutil
import sqlite3
import subprocess

from covet import Session, check, connect, end, equal, path

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../..')
VERSION = Session(connect(':memory:')).call('session_version')


def message(db, sql):
    try:
        return f'answer {db.connection.execute(sql).fetchall()!r}'
    except sqlite3.Error as error:
        return str(error)


READS = ("SELECT session_get('x')", "SELECT session_touch('x')", "SELECT * FROM session_info('x')",
         "SELECT * FROM session_list('anna')")
WRITES = ("SELECT session_set('x', '{}')", 'SELECT session_create()', 'SELECT session_install()',
          "SELECT session_revoke('x')", 'SELECT session_cleanup()', "SELECT session_configure('audit', 'all')")

# ---- recorded ----

db = Session(connect())
equal(db.call('session_install'), VERSION, 'session_install returns the version')
equal(db.connection.execute('SELECT version FROM session_schema').fetchall(), [(VERSION,)], '... and has recorded it')
equal(db.call('session_install'), VERSION, 'a second time it changes nothing')
db.call('session_set', 'x', '{"a":1}', 'anna')

# ---- a newer one, made while others are connected ----

other = Session(connect())
equal(other.call('session_get', 'x'), '{"a":1}', 'a connection that has used the schema')
for version in ('0.1.1', '0.10', '1.0', '99'):
    db.connection.execute('ALTER TABLE sessions ADD COLUMN of_a_later_version')
    db.connection.execute('UPDATE session_schema SET version = ?', (version,))
    # The first read may still be under way.
    message(other, READS[0])
    expected = (f"the sessions' tables are of covet_sessions {version}, this is {VERSION}:"
                " load the version that they are of, or a later one")
    for who, connection in (('a connection from before', other), ('a new connection', Session(connect()))):
        before = db.dump()
        equal({message(connection, sql) for sql in READS}, {expected}, f'{version}: {who}: reads are refused')
        equal({message(connection, sql) for sql in WRITES}, {expected}, f'{version}: {who}: writes are refused')
        equal(db.dump(), before, '... and nothing has changed')
        equal(connection.connection.in_transaction, False, '... nor is a transaction open')
        row, = connection.rows('session_health')
        check(not row['ok'] and f'schema {version}' in row['detail'] and row['hint'], '... session_health tells', row)
        equal(connection.call('session_digest', 'x') is None, False, '... what needs no table works')
    db.connection.execute('ALTER TABLE sessions DROP COLUMN of_a_later_version'
                          if sqlite3.sqlite_version_info >= (3, 35) else 'PRAGMA writable_schema')
    db.connection.execute('UPDATE session_schema SET version = ?', (VERSION,))
    if sqlite3.sqlite_version_info < (3, 35):
        break
equal(other.call('session_set', 'x', '{"a":2}'), 1, 'the version that fits is served again')

# ---- what is no version ----

db.connection.execute('DELETE FROM session_schema')
fresh = Session(connect())
for sql in (READS[0], WRITES[0]):
    equal(message(fresh, sql), "the table session_schema does not tell the version of the sessions' tables",
          f'no version: {sql}')
db.connection.execute("INSERT INTO session_schema VALUES ('0.0')")
for sql in (READS[0], WRITES[0]):
    equal(message(Session(connect()), sql),
          f"the sessions' tables are of covet_sessions 0.0, this is {VERSION}:"
          " call session_install() to upgrade them", f'an older version without an upgrade: {sql}')

# ---- an upgrade: what is built here is two versions ahead ----

source = path('source')
os.mkdir(source)
for part in ('Makefile', 'covet_sessions.control', 'src', 'sql'):
    copy = shutil.copytree if os.path.isdir(f'{ROOT}/{part}') else shutil.copy
    copy(f'{ROOT}/{part}', f'{source}/{part}')
control = open(f'{source}/covet_sessions.control').read()
with open(f'{source}/covet_sessions.control', 'w') as file:
    file.write(control.replace(f"'{VERSION}'", "'9.2'"))
for name, sql in ((f'schema--{VERSION}--9.1.sql', 'ALTER TABLE main.sessions ADD COLUMN "note\\s" text;\n'),
                  ('schema--9.1--9.2.sql', "-- a second step\nUPDATE main.sessions SET \"note\\s\" = 'kept';\n")):
    with open(f'{source}/sql/sqlite/{name}', 'w') as file:
        file.write(sql)
os.mkdir(path('next'))
built = subprocess.run(['make', '-s', '-C', path('next'), '-f', f'{source}/Makefile', 'sqlite'],
                       capture_output=True, text=True)
equal(built.returncode, 0, f'a later version builds{built.stderr}')


def connect_next(name):
    connection = sqlite3.connect(path(name), isolation_level=None, timeout=0)
    connection.enable_load_extension(True)
    connection.load_extension(path('next/build/sqlite/covet_sessions.so'))
    return Session(connection)


old = Session(connect('upgrade.db'))
old.call('session_set', 'x', '{"a":1}', 'anna')
new = connect_next('upgrade.db')
equal(new.call('session_version'), '9.2', '... and is loaded')
equal(message(new, READS[0]), f"the sessions' tables are of covet_sessions {VERSION}, this is 9.2:"
      " call session_install() to upgrade them", 'a read does not upgrade')
new.connection.execute('BEGIN')
equal(new.call('session_install'), '9.2', 'session_install upgrades')
new.connection.execute('ROLLBACK')
equal((old.one('SELECT version FROM session_schema'), old.call('session_get', 'x')), (VERSION, '{"a":1}'),
      '... unless it is rolled back')
equal(new.call('session_set', 'y', '{}'), 1, 'a write upgrades too')
equal(new.connection.execute('SELECT "note\\s" FROM sessions ORDER BY created_at').fetchall(), [('kept',), (None,)],
      '... step by step')
equal(new.one('SELECT version FROM session_schema'), '9.2', '... to its version')
equal((new.call('session_get', 'x'), new.call('session_touch', 'x')), ('{"a":1}',) * 2, '... and keeps the sessions')
check('9.2' in message(old, WRITES[0]), 'the old version writes no more')
check('9.2' in message(old, READS[0]), '... and reads no more')
first = connect_next('first.db')
equal(first.call('session_install'), '9.2', 'what is installed anew is of the new version at once')
end()
