"""Every function, once each way."""
import re

from covet import check, end, equal, memory

HANDLE = re.compile(r'^[A-Za-z0-9_-]{43}$')
TIME = re.compile(r'^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$')

db = memory()

# Loading creates nothing, and what is not there can be read.
equal(db.one('SELECT count(*) FROM sqlite_master'), 0, 'loading creates nothing')
equal(db.call('session_get', 'none'), None, 'session_get without the schema')
equal(db.rows('session_list', 'user'), [], 'session_list without the schema')
equal(db.call('session_setting', 'idle_timeout'), '3600', 'session_setting without the schema')
check(len(db.rows('session_health')) >= 4, 'session_health without the schema')
equal(db.one('SELECT count(*) FROM sqlite_master'), 0, 'reading creates nothing')
version = db.call('session_version')
equal(db.call('session_install'), version, 'session_install')
equal(db.call('session_install'), version, 'session_install again')

# session_create
token = db.call('session_create', 'anna', '{"a": 1}', 60, '192.0.2.1', 'curl/8')
check(HANDLE.match(token), 'a token is 43 base64url characters')
check(token != db.call('session_create'), 'another token is another one')
info, = db.rows('session_info', token)
equal(info['id'], db.call('session_digest', token), 'the id is the handle')
equal((info['user_id'], info['idle_timeout'], info['ip_address'], info['user_agent'],
       info['is_active'], info['version'], info['data']),
      ('anna', 60, '192.0.2.1', 'curl/8', 1, 1, '{"a":1}'), 'session_info')
check(all(TIME.match(info[column]) for column in
          ('created_at', 'last_accessed_at', 'expires_at', 'valid_until')), 'times are ISO 8601')
check(info['valid_until'] < info['expires_at'], 'valid_until is the earlier end')
equal(token in str(db.dump()), False, 'the token is stored nowhere')
for count in range(6):
    args = ('u', '{}', 60, '::1', 'x')[:count]
    check(HANDLE.match(db.call('session_create', *args)), f'session_create with {count} arguments')

# session_get, session_touch, session_verify
equal(db.json('session_get', token), {'a': 1}, 'session_get')
equal(db.json('session_touch', token), {'a': 1}, 'session_touch')
equal(db.json('session_verify', token), {'a': 1}, 'session_verify')
for name in ('session_get', 'session_touch', 'session_verify', 'session_delete', 'session_revoke'):
    for bad in (None, '', 'x' * 256, 'a b', 'ä', info['id']):
        expected = None if name[8:] in ('get', 'touch', 'verify') else 0
        equal(db.call(name, bad), expected, f'{name}({bad and bad[:10]!r}) finds nothing')
equal(db.rows('session_info', 'none'), [], 'session_info of none')
equal(db.one("SELECT json_object('s', session_get(?))", token), '{"s":{"a":1}}',
      "SQLite's JSON functions take the data as JSON")

# session_set
equal(db.call('session_set', 'mine', '[1, 2]'), 1, 'session_set starts a session')
equal(db.call('session_set', 'mine', '{"b": null}', 'otto', 30, '::1', 'x'), 1, 'session_set writes it')
info, = db.rows('session_info', 'mine')
equal((info['user_id'], info['idle_timeout'], info['ip_address'], info['user_agent'],
       info['version'], info['data']), ('otto', 30, '::1', 'x', 2, '{"b":null}'), '... all of it')
db.call('session_set', 'mine', '3')
after, = db.rows('session_info', 'mine')
equal({**info, 'version': 3, 'data': '3', 'last_accessed_at': 0, 'valid_until': 0},
      {**after, 'last_accessed_at': 0, 'valid_until': 0}, 'what is not given is kept')

# session_update, session_patch
equal(db.call('session_update', 'mine', '{"n": 1}', 2), 0, 'session_update: conflict')
equal(db.call('session_update', 'mine', '{"n": 1}', 3), 4, 'session_update: match')
equal(db.call('session_update', 'mine', '{"n": 2}'), 5, 'session_update without a version')
equal(db.call('session_update', 'none', '{}'), None, 'session_update of none')
equal(db.call('session_patch', 'mine', '{"n": null, "m": 1}'), 6, 'session_patch')
equal(db.json('session_get', 'mine'), {'m': 1}, '... has patched')
equal(db.call('session_patch', 'none', '{}'), None, 'session_patch of none')

# session_rotate
fresh = db.call('session_rotate', 'mine', 'otto')
check(HANDLE.match(fresh) and fresh != 'mine', 'session_rotate')
equal((db.call('session_get', 'mine'), db.json('session_get', fresh)), (None, {'m': 1}),
      'the old token is dead, the new one lives')
equal(db.call('session_set', 'mine', '{}'), 0, 'the old token has a tombstone')
equal(db.call('session_rotate', 'mine'), None, 'session_rotate of none')
rotated, = db.rows('session_info', fresh)
equal((rotated['version'], rotated['created_at']), (6, after['created_at']), 'it is the same session')

# session_expire
equal(db.call('session_expire', fresh, 100), 1, 'session_expire')
first = db.rows('session_info', fresh)[0]['expires_at']
equal(db.call('session_expire', fresh), 1, 'session_expire to the default')
check(first < db.rows('session_info', fresh)[0]['expires_at'], '... which is later')
equal(db.call('session_expire', fresh, 0), 1, 'session_expire now')
equal(db.call('session_get', fresh), None, '... has ended it')
equal(db.call('session_expire', fresh, 10), 0, 'session_expire of none')

# session_delete, session_revoke
db.call('session_set', 'gone', '{}')
equal((db.call('session_delete', 'gone'), db.call('session_delete', 'gone')), (1, 0), 'session_delete')
equal(db.call('session_set', 'gone', '{"a":1}'), 1, 'what is deleted can come back')
equal((db.call('session_revoke', 'gone'), db.call('session_revoke', 'gone')), (1, 0), 'session_revoke')
equal(db.call('session_set', 'gone', '{}'), 0, 'what is revoked cannot')
equal(db.call('session_import', 'gone', '{}'), 0, '... nor by import')
equal(db.call('session_delete', 'gone'), 0, 'a tombstone cannot be deleted')
equal(db.call('session_set', 'gone', '{}'), 0, '... and still stands')
equal(db.one('SELECT data FROM sessions WHERE id = ?', db.call('session_digest', 'gone')), '{}',
      'a tombstone has no data')

# one user's sessions
tokens = [db.call('session_create', 'eve') for _ in range(4)]
handles = [db.call('session_digest', t) for t in tokens]
listed = db.rows('session_list', 'eve')
equal([row['id'] for row in listed], handles[::-1], 'session_list: latest use first')
equal(db.call('session_revoke_handle', 'anna', handles[0]), 0, "another user's session")
equal(db.call('session_revoke_handle', 'eve', 'nonsense'), 0, 'no handle')
equal(db.call('session_revoke_handle', 'eve', handles[0]), 1, 'session_revoke_handle')
equal(db.call('session_revoke_user', 'eve', tokens[3]), 2, 'session_revoke_user but one')
equal([row['id'] for row in db.rows('session_list', 'eve')], handles[3:], 'one is left')
equal(db.call('session_revoke_user', 'eve'), 1, 'session_revoke_user')
equal(db.rows('session_list', 'eve'), [], 'none is left')

# session_import
equal(db.call('session_import', 'old', '{"i":1}', 'anna', '2020-01-01', None,
              '2999-01-01 12:00:00+02:00', '10.0.0.1', 'x'), 1, 'session_import')
info, = db.rows('session_info', 'old')
equal((info['created_at'], info['expires_at'], info['version'], info['user_id']),
      ('2020-01-01T00:00:00.000000Z', '2999-01-01T10:00:00.000000Z', 1, 'anna'), '... as it was')
equal(db.call('session_import', 'old', '{"i":2}'), 0, 'it never overwrites')
equal(db.call('session_import', 'over', '{}', None, '2020-01-01', '2020-01-01'), 0, 'nor brings in what is over')
equal(db.call('session_import', 'ahead', '{}', None, '2999-01-01', '2999-01-01'), 1, 'a clock that is ahead')
info, = db.rows('session_info', 'ahead')
check(info['created_at'] == info['last_accessed_at'] < '2900', '... is not believed')

# settings, counters
equal(db.call('session_configure', 'idle_timeout', '120'), '120', 'session_configure')
equal(db.call('session_setting', 'idle_timeout'), '120', 'session_setting')
equal(db.call('session_configure', 'idle_timeout', None), '3600', 'back to the default')
equal(db.call('session_configure', 'strict_ids', 'YES'), 'on', 'a switch')
equal(db.call('session_set', 'stranger', '{}'), 0, 'strict_ids')
equal(db.one('SELECT count(*) FROM session_info(?)', 'stranger'), 0, '... has stored nothing')
stats, = db.rows('session_stats')
check(stats['creates'] > 10 and stats['refused_revoked'] == 3 and stats['rotations'] == 1,
      'session_stats', stats)
equal(db.one('SELECT creates FROM session_stats'), stats['creates'], 'session_stats as a table')
db.call('session_stats_reset')
equal(db.one('SELECT creates FROM session_stats'), 0, 'session_stats_reset')
check(all(row['ok'] and row['hint'] is None and row['detail'] for row in db.rows('session_health')),
      'session_health')
db.configure(idle_timeout='0', max_lifetime='0')
check(any('never end' in row['detail'] for row in db.rows('session_health')), 'session_health warns')
end()
