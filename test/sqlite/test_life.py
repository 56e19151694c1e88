"""What time, settings and other sessions do to a session."""
import resource
import sqlite3

from covet import Session, check, connect, end, equal, memory

db = memory()
db.configure(cleanup_enabled='off')


def rows(token):
    return db.one('SELECT count(*) FROM sessions WHERE id = session_digest(?)', token)


def column(name, token):
    return db.one(f'SELECT {name} FROM sessions WHERE id = session_digest(?)', token)


def stat(name):
    return db.one(f'SELECT {name} FROM session_stats')


def events():
    return [row[0] for row in db.connection.execute('SELECT event FROM session_events ORDER BY rowid')]


# ---- the end of a session ----

db.call('session_set', 'idle', '{"a":1}', 'anna', 100)
db.age('idle', 99)
equal(db.json('session_get', 'idle'), {'a': 1}, 'alive within the idle timeout')
db.age('idle', 2)
for verb in ('get', 'touch', 'verify', 'rotate'):
    db.call('session_set', 'idle2', '{}', 'anna', 100)
    db.age('idle2', 101)
    equal(db.call(f'session_{verb}', 'idle2'), None, f'session_{verb}: expired is missing')
for verb, args in (('update', ['{}']), ('patch', ['{}'])):
    equal(db.call(f'session_{verb}', 'idle', *args), None, f'session_{verb}: expired is missing')
for verb in ('expire', 'delete', 'revoke'):
    db.call('session_set', 'idle2', '{}', 'anna', 100)
    db.age('idle2', 101)
    equal(db.call(f'session_{verb}', 'idle2'), 0, f'session_{verb}: expired is missing')
equal(db.rows('session_list', 'anna'), [], 'session_list: expired is missing')
equal(db.call('session_revoke_user', 'anna'), 0, 'session_revoke_user: expired is missing')
equal(rows('idle'), 1, 'the row is still there')
equal(db.call('session_get', 'idle'), None, 'it is met by a read')
equal(rows('idle'), 0, '... which removes it')
check(stat('expired_reads') > 0, 'and counts it')

db.call('session_set', 'again', '{"a":1}', 'anna', 100)
db.age('again', 100)
equal(db.call('session_set', 'again', '{"b":1}'), 1, 'an expired session can start again')
equal((column('version', 'again'), column('user_id', 'again'), column('idle_timeout', 'again')),
      (1, '', 3600), '... as a new one')
db.age('again', 3601)
equal(db.call('session_import', 'again', '{}'), 1, 'or by import')

db.configure(max_lifetime='50', idle_timeout='0')
token = db.call('session_create')
equal(column('idle_timeout', token), None, 'no idle timeout')
db.age(token, 49)
equal(db.call('session_get', token), '{}', 'alive before the deadline')
db.age(token, 1)
equal(db.call('session_touch', token), None, 'over at the deadline')
db.configure(max_lifetime='0')
token = db.call('session_create')
info, = db.rows('session_info', token)
equal((info['expires_at'], info['valid_until'], column('sweep_at', token)), (None, None, None), 'it never ends')
db.configure(anonymous_idle_timeout='7', idle_timeout='9', max_lifetime=None)
equal((column('idle_timeout', db.call('session_create')),
       column('idle_timeout', db.call('session_create', 'anna'))), (7, 9), 'anonymous_idle_timeout')
db.configure(anonymous_idle_timeout=None, idle_timeout=None)

# ---- touch: throttled, and a lazy timer ----

db.call('session_set', 'used', '{}', None, 10000)
last = column('last_accessed_at', 'used')
db.call('session_touch', 'used')
equal(column('last_accessed_at', 'used'), last, 'a use within touch_interval is not recorded')
db.age('used', 61)
sweep_at = column('sweep_at', 'used')
db.call('session_touch', 'used')
check(column('last_accessed_at', 'used') > last, 'a later one is')
equal(column('sweep_at', 'used'), sweep_at, '... and does not move sweep_at')
db.call('session_set', 'short', '{}', None, 20)
db.age('short', 1)
last = column('last_accessed_at', 'short')
db.call('session_touch', 'short')
check(column('last_accessed_at', 'short') > last, 'a twentieth of a short timeout is enough')
db.configure(touch_interval='0')
last = column('last_accessed_at', 'short')
db.call('session_verify', 'short')
check(column('last_accessed_at', 'short') > last, 'touch_interval 0 records every use')
db.configure(touch_interval=None)
db.connection.execute("UPDATE sessions SET last_accessed_at = '2999-01-01T00:00:00.000000Z'"
                      " WHERE id = session_digest('short')")
db.call('session_touch', 'short')
db.call('session_set', 'short', '{}')
equal(column('last_accessed_at', 'short')[:4], '2999', 'last_accessed_at never moves back')

# ---- the sweep ----

db = memory()
db.configure(cleanup_enabled='off')
for i in range(10):
    db.call('session_set', f's{i}', '{}', None, 100)
    db.age(f's{i}', 200 - i)
db.call('session_set', 'alive', '{}', None, 100)
db.age('alive', 99)
db.connection.execute("UPDATE sessions SET sweep_at = '2020-01-01T00:00:00.000000Z'"
                      " WHERE id = session_digest('alive')")
check(stat('oldest_unswept') > 1000, 'oldest_unswept')
equal(db.call('session_cleanup', 3), 3, 'session_cleanup of three')
equal([rows(f's{i}') for i in range(4)], [0, 0, 0, 1], '... the oldest')
equal(rows('alive'), 1, 'what is alive is kept')
check(column('sweep_at', 'alive') > '2026', '... and looked at again at its end')
db.configure(cleanup_batch='2')
equal(db.call('session_cleanup'), 7, 'session_cleanup of all, in batches')
equal(db.call('session_cleanup'), 0, 'nothing is left')
equal(db.call('session_cleanup', 0), 0, 'session_cleanup of none')
equal((stat('swept'), stat('oldest_unswept')), (10, 0), 'swept')
db.configure(cleanup_batch=None, tombstone_retention='100')
db.call('session_revoke', 'alive')
equal(db.call('session_cleanup'), 0, 'a tombstone is kept')
db.age('alive', 100)
equal((db.call('session_cleanup'), rows('alive')), (1, 0), '... for tombstone_retention')

db.configure(cleanup_enabled='off')
for i in range(200):
    db.call('session_set', f'o{i}', '{}', None, 1)
db.connection.execute("UPDATE sessions SET last_accessed_at = '2020-01-01T00:00:00.000000Z',"
                      " sweep_at = '2020-01-01T00:00:01.000000Z'")
db.configure(cleanup_enabled='on')
for i in range(31):
    db.call('session_set', 'busy', '{}')
left = db.one('SELECT count(*) FROM sessions')
equal(left, 200 - 64 + 1, 'every 32 writes sweep 64 rows')
db.configure(cleanup_enabled='off')
for i in range(64):
    db.call('session_set', 'busy', '{}')
equal(db.one('SELECT count(*) FROM sessions'), left, 'unless cleanup_enabled is off')

# A sweep that fails is not the failure of the write beside it.
db.configure(cleanup_enabled='on')
db.connection.executescript('PRAGMA foreign_keys = on; CREATE TABLE child (s REFERENCES sessions);'
                            'INSERT INTO child SELECT id FROM sessions;')
equal(sum(db.call('session_set', 'busy', '{}') for i in range(64)), 64, 'writes beside a sweep that fails')
check('FOREIGN KEY' in stat('last_error'), '... which last_error tells', stat('last_error'))
check(any(row['check'] == 'sweep' and not row['ok'] for row in db.rows('session_health')), 'and session_health')

# What keeps one row keeps no others.
db.connection.execute('DELETE FROM child WHERE rowid > 70')
db.connection.execute("UPDATE sessions SET sweep_at = '2020-01-01T00:00:01.000000Z' WHERE last_accessed_at < '2021'")
kept = db.one('SELECT count(*) FROM child')
ended = db.one("SELECT count(*) FROM sessions WHERE last_accessed_at < '2021'")
check(ended > kept > 64, 'more rows are kept than a step looks at', (ended, kept))
equal(db.call('session_cleanup'), ended - kept, '... and the others go')
check('FOREIGN KEY' in stat('last_error'), '... which last_error tells, too', stat('last_error'))
db.connection.execute('DELETE FROM child')
equal(db.call('session_cleanup'), 0, 'what was kept is not tried at once again')
db.connection.execute("UPDATE sessions SET sweep_at = '2020-01-01T00:00:01.000000Z' WHERE last_accessed_at < '2021'")
equal((db.call('session_cleanup'), stat('last_error')), (kept, None), '... but later')
try:
    db.call('session_cleanup', -1)
except sqlite3.Error:
    pass
equal(stat('last_error'), None, 'a wrong argument is no failure of the sweep')

# Ending many sessions takes no memory for their data.
large = Session(connect('large.db'))
large.configure(cleanup_enabled='off')
large.connection.execute('PRAGMA synchronous = off')
large.connection.execute('PRAGMA cache_size = -2000')


def memory_for(call, *args):
    """The answer, and how many MB more the process has used at most."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answer = large.call(call, *args)
    return answer, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024


for i in range(60):
    large.call('session_set', f'large{i}', '"' + 'x' * 1000000 + '"', 'anna')
large.connection.execute("UPDATE sessions SET last_accessed_at = '2020-01-01T00:00:00.000000Z',"
                         " sweep_at = '2020-01-01T00:00:01.000000Z' WHERE rowid <= 30")
for call, args in (('session_cleanup', ()), ('session_revoke_user', ('anna',))):
    answer, more = memory_for(call, *args)
    equal(answer, 30, f'{call} of 30 MB')
    check(more < 15, '... takes less memory than that', more)

# ---- limits ----

db = memory()
db.configure(cleanup_enabled='off')
db.configure(max_sessions_per_user='2', audit='security')
tokens = [db.call('session_create', 'anna') for _ in range(4)]
equal([db.call('session_get', t) is None for t in tokens], [True, True, False, False], 'the least recent are evicted')
equal(db.call('session_set', tokens[0], '{}'), 0, '... and leave tombstones')
guest = db.call('session_create')
db.call('session_rotate', guest, 'anna')
equal(len(db.rows('session_list', 'anna')), 2, 'a login by rotation counts')
db.call('session_set', 'guest', '{}')
db.call('session_set', 'guest', '{}', 'anna')
equal(len(db.rows('session_list', 'anna')), 2, 'a login by session_set counts')
db.call('session_import', 'imported', '{}', 'anna')
equal(len(db.rows('session_list', 'anna')), 2, 'an import counts')
equal(stat('evictions'), 5, 'evictions')
db.configure(max_sessions_policy='reject')
db.raises('too many sessions for this user', 'session_create', 'anna')
db.raises('too many sessions for this user', 'session_set', 'new', '{}', 'anna')
db.call('session_set', 'other', '{}', 'otto')
db.raises('too many sessions for this user', 'session_rotate', 'other', 'anna')
db.raises('too many sessions for this user', 'session_set', 'other', '{}', 'anna')
equal(db.call('session_set', 'imported', '{"a":1}', 'anna'), 1, 'a session of his own may be written')
equal(len([db.call('session_create') for _ in range(5)]), 5, 'anonymous sessions are exempt')
db.configure(max_sessions_per_user=None, create_rate_limit='2')
for _ in range(2):
    db.call('session_create', 'eve')
db.raises('too many new sessions for this user', 'session_create', 'eve')
db.raises('too many new sessions for this user', 'session_set', 'new', '{}', 'eve')
equal(db.call('session_import', 'free', '{}', 'eve'), 1, 'an import does not count')
db.connection.execute("UPDATE session_creations SET at = '2020-01-01T00:00:00.000000Z'")
check(db.call('session_create', 'eve'), 'a minute later')
db.call('session_cleanup')
equal(db.one('SELECT count(*) FROM session_creations'), 1, 'old creations are pruned')

# ---- audit ----

db = memory()
db.configure(cleanup_enabled='off')
db.configure(audit='all')
db.call('session_set', 'a', '{}', 'anna', None, '10.0.0.1', 'x')
db.call('session_set', 'a', '{}')
db.call('session_set', 'a', '{}', 'otto')
db.call('session_update', 'a', '{}')
db.call('session_patch', 'a', '{}')
db.call('session_expire', 'a', 100)
b = db.call('session_rotate', 'a')
db.call('session_set', 'a', '{}', None, None, '10.0.0.2')
db.call('session_revoke', b)
db.call('session_import', 'c', '{}')
db.call('session_delete', 'c')
db.call('session_set', 'd', '{}', None, 10)
db.age('d', 100)
db.call('session_cleanup')
equal(events(), ['create', 'set', 'login', 'update', 'patch', 'expire', 'rotate', 'refuse', 'revoke',
                 'import', 'delete', 'create', 'expired'], 'audit = all')
equal(db.one("SELECT detail FROM session_events WHERE event = 'rotate'"), db.call('session_digest', 'a'),
      'a rotation tells the old handle')
equal(db.connection.execute("SELECT handle, user_id, ip_address, user_agent, detail FROM session_events"
                            " WHERE event = 'refuse'").fetchone(),
      (db.call('session_digest', 'a'), 'otto', '10.0.0.2', None, 'set after revocation'), 'a refusal')
equal(b in str(db.dump()), False, 'no token in the trail')
db.connection.execute('DELETE FROM session_events')
db.configure(audit='security')
db.call('session_set', 'e', '{}')
db.call('session_set', 'e', '{}')
db.call('session_delete', 'e')
equal(events(), ['create'], 'audit = security')
db.connection.execute("UPDATE session_events SET at = '2020-01-01T00:00:00.000000Z'")
db.configure(audit_retention='0')
db.call('session_cleanup')
equal(events(), ['create'], 'audit_retention 0 keeps events')
db.configure(audit_retention=None)
db.call('session_cleanup')
equal(events(), [], 'audit_retention')

# ---- binding ----

FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:{0}.0) Gecko/20100101 Firefox/{0}.0'
db = memory()
db.configure(cleanup_enabled='off')
db.configure(bind_ip='subnet', bind_user_agent='family', audit='security')
token = db.call('session_create', 'anna', '{"a":1}', None, '192.0.2.1', FIREFOX.format(120))
equal(db.json('session_verify', token, '192.0.2.99', FIREFOX.format(121)), {'a': 1}, 'the same client')
for ip, agent, what in (('192.0.3.1', FIREFOX.format(120), 'ip'), (None, FIREFOX.format(120), 'ip'),
                        ('192.0.2.1', 'curl/8', 'user_agent'), ('192.0.2.1', None, 'user_agent')):
    equal(db.call('session_verify', token, ip, agent), None, f'another {what}: {ip}, {agent}')
    equal(db.one('SELECT detail FROM session_events ORDER BY rowid DESC LIMIT 1'), what, '... in the trail')
equal((stat('rejected'), db.json('session_get', token)), (4, {'a': 1}), 'the session lives on')
db.call('session_set', token, '{}', None, None, '198.51.100.1', 'curl/8')
equal(db.call('session_verify', token, '198.51.100.1', 'curl/8'), None, 'bound to what it was created with')
equal(db.call('session_verify', token, '192.0.2.1', FIREFOX.format(120)), '{}', '... still')
unbound = db.call('session_create')
equal(db.call('session_verify', unbound, '192.0.2.1'), '{}', 'created without a client')
db.call('session_set', unbound, '{}', None, None, '198.51.100.1')
equal(db.call('session_verify', unbound, '192.0.2.1'), '{}', '... is bound to none')
db.configure(on_mismatch='revoke')
equal(db.call('session_verify', token, '192.0.3.1', 'x'), None, 'on_mismatch = revoke')
equal((db.call('session_get', token), db.call('session_set', token, '{}')), (None, 0), '... has revoked it')
end()
