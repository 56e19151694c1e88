"""A transaction that was undone around a call, and a read that may not write."""
import sqlite3

from covet import end, equal, memory

# ---- the tables themselves are undone ----

db = memory()
equal(db.call('session_get', 's'), None, 'a read before there are tables')
db.connection.execute('BEGIN')
db.call('session_set', 's', '{}')
db.connection.execute('ROLLBACK')
equal(db.call('session_get', 's'), None, 'a read after the first write was rolled back')
equal(db.call('session_set', 's', '{}'), 1, '... and the tables are made again')

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
