"""A transaction that was undone around a call, and a read that may not write."""
import sqlite3

from covet import Session, connect, end, equal, memory

# ---- the tables themselves are undone ----

db = memory()
equal(db.call('session_get', 's'), None, 'a read before there are tables')
db.connection.execute('BEGIN')
db.call('session_set', 's', '{}')
db.connection.execute('ROLLBACK')
equal(db.call('session_get', 's'), None, 'a read after the first write was rolled back')
equal(db.call('session_set', 's', '{}'), 1, '... and the tables are made again')

# ---- a table is dropped by mistake ----

db.connection.execute('DROP TABLE main.sessions')
for who, session in (('with kept statements', db), ('that is new', memory())):
    if session is not db:
        session.call('session_install')
        session.connection.execute('DROP TABLE main.sessions')
    for sql in ("SELECT session_get('s')", "SELECT session_set('s', '{}')", "SELECT * FROM session_list('anna')",
                'SELECT * FROM session_health', 'SELECT session_cleanup()'):
        try:
            answer = session.connection.execute(sql).fetchall()
        except sqlite3.Error as error:
            answer = str(error)
        equal(answer, 'no such table: main.sessions', f'a connection {who}: {sql} tells which is missing')
db = memory()

# ---- a transaction that only reads ----

keeper = Session(connect('lock.db'))
keeper.call('session_configure', 'touch_interval', '0')
keeper.call('session_configure', 'cleanup_enabled', 'off')  # or a write may sweep
for mode in ('wal', 'delete'):
    keeper.connection.execute(f'PRAGMA journal_mode = {mode}').fetchall()
    keeper.call('session_set', 'live', '{}')
    keeper.call('session_set', 'over', '{}')
    keeper.age('over', 7200)
    reader = Session(connect('lock.db'))
    reader.connection.execute('BEGIN')
    for sql in ("SELECT session_get('live')", "SELECT session_get('over')", "SELECT session_touch('over')",
                "SELECT count(*) FROM session_info('over')", "SELECT count(*) FROM session_list('anna')"):
        reader.connection.execute(sql).fetchall()
    if mode == 'wal':
        equal(keeper.call('session_set', 'other', '{}'), 1, 'a transaction that reads keeps nobody from writing')
    equal(reader.call('session_touch', 'live'), '{}', f'{mode}: a use that is recorded ...')
    try:
        keeper.connection.execute('BEGIN IMMEDIATE')
        keeper.connection.execute('ROLLBACK')
        locked = False
    except sqlite3.OperationalError:
        locked = True
    # What was read before somebody else's write cannot be written over.
    equal(locked, mode == 'delete', f'{mode}: ... takes the write lock where it can')
    reader.connection.execute('ROLLBACK')
    equal(keeper.one("SELECT count(*) FROM sessions WHERE id = session_digest('over')"), 1,
          f'{mode}: what is over stays until the sweep')
    reader.call('session_get', 'over')
    equal(keeper.one("SELECT count(*) FROM sessions WHERE id = session_digest('over')"), 0,
          f'{mode}: ... or a read outside a transaction')
    reader.connection.close()

# ---- PRAGMA query_only ----

db.call('session_configure', 'bind_ip', 'exact')
db.call('session_configure', 'audit', 'security')
db.call('session_set', 'bound', '{}', 'anna', None, '192.0.2.1')
db.connection.execute('PRAGMA query_only = 1')
equal(db.call('session_verify', 'bound', '192.0.2.2'), None, 'a stranger is refused where nothing can be written')
equal(db.call('session_verify', 'bound', '192.0.2.1'), '{}', '... and the client is not')

# ---- a full disk ----

# The sweep that follows a write is what fills it, at one of these limits.
broken = []
ended = 0
for pages in range(1, 5):
    db = memory()
    db.call('session_configure', 'audit', 'all')
    for n in range(64):
        db.call('session_set', f'old{n}', '{}', 'anna')
    db.connection.execute('CREATE TABLE mine (n)')
    db.connection.execute("UPDATE sessions SET expires_at = '2001-01-01T00:00:00.000000Z',"
                          " sweep_at = '2001-01-01T00:00:00.000000Z'")
    db.connection.execute('BEGIN')
    db.connection.execute('INSERT INTO mine VALUES (1)')
    count = db.connection.execute('PRAGMA page_count').fetchone()[0]
    db.connection.execute(f'PRAGMA max_page_count = {count + pages}')
    try:
        for n in range(64):
            db.call('session_set', 's', '{}')
            if not db.connection.in_transaction:
                broken.append(pages)
                break
    except sqlite3.Error as error:
        ended += not db.connection.in_transaction
equal(broken, [], 'no call succeeds and ends the transaction of its caller')
equal(ended > 0, True, 'where SQLite ends it, the call says so')

end()
