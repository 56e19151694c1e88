"""What only a programmer can get wrong is an error, and changes nothing."""
from covet import check, connect, end, equal, memory, path, Session

db = memory()
db.call('session_set', 'live', '{"a": 1}', 'anna')
db.call('session_set', 'list', '[]')
db.configure(audit='all')

NULL_ID = 'session id must not be null'
INVALID_ID = 'invalid session id'
TTL = 'ttl must be between 1 and 2147483647 seconds'
SECONDS = 'seconds must be between 0 and 2147483647'
TIME = 'time must be between 1970-01-01 and 9999-12-31'
IP = 'ip must be an IPv4 or IPv6 address'
LONG_USER = 'user_id must be at most 255 characters'
NUL = 'session data must not contain NUL characters'
SURROGATE = 'session data must not contain lone surrogates'
LARGE = 'session data is too large'

for verb, rest in (('set', ['{}']), ('update', ['{}']), ('patch', ['{}']), ('rotate', []),
                   ('expire', []), ('digest', []), ('import', ['{}'])):
    db.raises(NULL_ID, f'session_{verb}', None, *rest)
for verb, rest in (('set', ['{}']), ('digest', []), ('import', ['{}'])):
    for bad in ('', 'x' * 256, 'a b', 'ä', 'a\n', b'\x00'):
        db.raises(INVALID_ID, f'session_{verb}', bad, *rest)
for verb, rest in (('update', ['{}']), ('patch', ['{}']), ('rotate', [])):
    equal(db.call(f'session_{verb}', 'a b', *rest), None, f'session_{verb}: malformed is missing')
equal(db.call('session_expire', 'a b', 1), 0, 'session_expire: malformed is missing')

db.raises('session data must not be null', 'session_set', 'live', None)
db.raises('session data must not be null', 'session_update', 'live', None)
db.raises('session data must not be null', 'session_import', 'new', None)
db.raises('session patch must not be null', 'session_patch', 'live', None)
db.raises('session patch must be a JSON object', 'session_patch', 'live', '[]')
db.raises('session patch must be a JSON object', 'session_patch', 'none', 'null')
db.raises('session data to patch must be a JSON object', 'session_patch', 'list', '{}')

for bad in (0, -1, 2147483648, 'x', 1.5, 1e30):
    db.raises(TTL, 'session_set', 'live', '{}', None, bad)
    db.raises(TTL, 'session_create', None, None, bad)
equal(db.call('session_set', 'live', '{"a": 1}', None, '60'), 1, 'a number as text')
equal(db.call('session_set', 'live', '{"a": 1}', None, 60.0), 1, 'a number as a real')
for bad in (-1, 2147483648, 'x'):
    db.raises(SECONDS, 'session_expire', 'live', bad)
db.raises('max_rows must not be negative', 'session_cleanup', -1)
db.raises('max_rows must not be negative', 'session_cleanup', 'x')

for bad in ('', 'x', '1.2.3', '1.2.3.4/8', '::1%eth0', '[::1]', '1.2.3.4:80', '1' * 46):
    db.raises(IP, 'session_set', 'live', '{}', None, None, bad)
    db.raises(IP, 'session_verify', 'live', bad)
db.raises(IP, 'session_create', None, None, None, 'x')
db.raises(IP, 'session_import', 'new', '{}', None, None, None, None, 'x')

db.raises(LONG_USER, 'session_create', 'u' * 256)
db.raises(LONG_USER, 'session_rotate', 'live', 'ü' * 256)
equal(db.call('session_set', 'live', '{"a": 1}', 'ü' * 255), 1, '255 characters of two bytes')
db.raises(LONG_USER, 'session_revoke_user', 'u' * 256)
for verb, rest in (('revoke_user', []), ('revoke_handle', ['x' * 43])):
    db.raises('user_id must not be null', f'session_{verb}', None, *rest)
    db.raises('user_id must not be empty', f'session_{verb}', '', *rest)
db.raises('handle must not be null', 'session_revoke_handle', 'anna', None)

for bad in ('1969-12-31', '-infinity', 'infinity', '10000-01-01', 'x', '2020-02-30', '2020-13-01',
            '2020-01-01T25:00', '2020-01-01 10:00:60', '2020-01-01T10', ''):
    db.raises(TIME, 'session_import', 'new', '{}', None, bad)
    db.raises(TIME, 'session_import', 'new', '{}', None, None, None, bad)

db.raises('setting name must not be null', 'session_setting', None)
for bad in ('', 'port', 'IDLE_TIMEOUT', 'idle_timeout ', 'x' * 1000):
    db.raises('unknown setting', 'session_setting', bad)
    db.raises('unknown setting', 'session_configure', bad, '1')
for name, bad in (('idle_timeout', '-1'), ('idle_timeout', '2147483648'), ('idle_timeout', ''),
                  ('idle_timeout', '1x'), ('max_data_size', '0'), ('max_data_size', '1073741824'),
                  ('strict_ids', 'perhaps'), ('strict_ids', '2'), ('max_sessions_policy', 'ignore'),
                  ('bind_ip', 'on'), ('bind_user_agent', 'subnet'), ('on_mismatch', 'off'),
                  ('audit', 'none'), ('cleanup_interval', '0'), ('cleanup_batch', '100001'),
                  ('create_rate_limit', '9' * 40)):
    db.raises('invalid value for setting', 'session_configure', name, bad)

# ---- JSON ----

for bad in ('', ' ', '{', '[1', '[1,]', '{"a":1,}', '{a:1}', "{'a':1}", '{"a" 1}', '01', '+1', '1.',
            '.5', '1e', '-', 'nul', 'True', 'NaN', 'Infinity', '"', '"\\x"', '"\\u12"', '"\t"',
            '[1]x', '// c\n1', '"\x7f', '{"a":1}{', '[' * 1001 + ']' * 1001,
            b'"\xff"', b'"\xc0\x80"', b'"\xed\xa0\x80"', b'"\xe2\x82"', b'"\x00"'):
    db.raises('malformed JSON', 'session_set', 'live', bad)
for bad in ('"\\u0000"', '{"\\u0000": 1}', '"\\\\\\u0000"'):
    db.raises(NUL, 'session_set', 'live', bad)
    db.raises(NUL, 'session_patch', 'live', bad)
for bad in ('"\\ud800"', '"\\udc00"', '"\\ud800\\ud800"', '"\\udc00\\ud800"'):
    db.raises(SURROGATE, 'session_set', 'live', bad)

for good, stored in (('null', 'null'), (' -0.5e+10\n', '-0.5e+10'), ('"\\u00e4\\n"', '"\\u00e4\\n"'),
                     ('"ä€😀"', '"ä€😀"'), ('"\\ud83d\\ude00"', '"\\ud83d\\ude00"'),
                     ('[ ]', '[]'), ('{ }', '{}'), ('[ [ ] , { } ]', '[[],{}]'),
                     ('{"a":1,"a":2}', '{"a":2}'), ('{"a":1,"b":2,"\\u0061":3}', '{"b":2,"\\u0061":3}'),
                     ('{"x":{"a":1,"a":[{"b":1,"b":2}]},"":0}', '{"x":{"a":[{"b":2}]},"":0}')):
    db.call('session_set', 'json', good)
    equal(db.call('session_get', 'json'), stored, f'{good!r} is stored')
deep = '[' * 100 + ']' * 100
equal(db.call('session_set', 'json', deep), 1, '100 levels')
equal(db.call('session_get', 'json'), deep, '... are kept')
deep = '{"a":' * 99 + '{}' + '}' * 99
db.call('session_set', 'json', '{}')
db.call('session_patch', 'json', deep)
equal(db.call('session_get', 'json'), deep, '100 levels of patch')
many = '{' + ','.join(f'"k{i % 50000}":{i}' for i in range(60000)) + '}'
equal(db.call('session_set', 'json', many), 1, 'many keys')
equal(len(db.json('session_get', 'json')), 50000, '... of which the last count')

# RFC 7396, appendix A, within objects; and what engines get wrong
for target, patch, result in (
        ('{"a":"b"}', '{"a":"c"}', {'a': 'c'}), ('{"a":"b"}', '{"b":"c"}', {'a': 'b', 'b': 'c'}),
        ('{"a":"b"}', '{"a":null}', {}), ('{"a":"b","b":"c"}', '{"a":null}', {'b': 'c'}),
        ('{"a":["b"]}', '{"a":"c"}', {'a': 'c'}), ('{"a":"c"}', '{"a":["b"]}', {'a': ['b']}),
        ('{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', {'a': {'b': 'd'}}),
        ('{"a":[{"b":"c"}]}', '{"a":[1]}', {'a': [1]}), ('{"e":null}', '{"a":1}', {'e': None, 'a': 1}),
        ('{}', '{"a":{"bb":{"ccc":null}}}', {'a': {'bb': {}}}), ('{"a":1}', '{"a":{"b":null}}', {'a': {}}),
        ('{}', '{"a":[null,{"b":null}]}', {'a': [None, {'b': None}]}),
        ('{"\\u0061":1}', '{"a":2}', {'a': 2}), ('{"a":1,"z":"}{\\"],"}', '{"a":null}', {'z': '}{"],'}),
        ('{"\\ud83d\\ude00":1}', '{"😀":null}', {}), ('{"a":1}', '{}', {'a': 1}),
        ('{"a":1}', '{"a":null,"a":2}', {'a': 2}), ('{"":1}', '{"":null}', {})):
    db.call('session_set', 'json', target)
    db.call('session_patch', 'json', patch)
    equal(db.json('session_get', 'json'), result, f'{target} patched with {patch}')
db.connection.execute("UPDATE sessions SET data = 'no JSON' WHERE id = session_digest('json')")
db.raises('malformed JSON', 'session_patch', 'json', '{}')

# ---- size ----

db.configure(max_data_size='10')
equal(db.call('session_set', 'json', ' "12345678" '), 1, 'as large as may be')
db.raises(LARGE, 'session_set', 'json', '"123456789"')
db.call('session_set', 'json', '{"a":1}')
db.raises(LARGE, 'session_patch', 'json', '{"b":1}')
db.raises(LARGE, 'session_create', None, '"123456789"')

# ---- who calls what ----

for sql in ('session_set()', "session_set('a')", 'session_get()', "session_get('a', 'b')",
            "session_set('a', '{}', 1, 2, 3, 4, 5)"):
    try:
        db.one(f'SELECT {sql}')
        check(False, f'{sql} is refused')
    except Exception as error:
        check('wrong number of arguments' in str(error), f'{sql} is refused', error)
for sql, message in (("SELECT * FROM session_list('')", 'user_id must not be empty'),
                     ('SELECT * FROM session_list(NULL)', 'user_id must not be null'),
                     ('SELECT * FROM session_list', 'user_id must not be null')):
    try:
        db.connection.execute(sql).fetchall()
        check(False, sql)
    except Exception as error:
        equal(str(error), message, sql)

# ---- read-only ----

disk = Session(connect())
disk.call('session_set', 'live', '{"a": 1}', 'anna', 3600)
disk.configure(touch_interval='0')
READ_ONLY = 'cannot change sessions in a read-only transaction'
for kind in ('mode=ro', 'query_only'):
    if kind == 'query_only':
        reader = Session(connect())
        reader.connection.execute('PRAGMA query_only = on')
    else:
        reader = Session(connect(f'file:{path()}?mode=ro', uri=True))
    for verb in ('get', 'touch', 'verify'):
        equal(reader.json(f'session_{verb}', 'live'), {'a': 1}, f'{kind}: session_{verb}')
    equal(len(reader.rows('session_info', 'live')), 1, f'{kind}: session_info')
    equal(len(reader.rows('session_list', 'anna')), 1, f'{kind}: session_list')
    equal(reader.one('SELECT touches FROM session_stats'), 0, f'{kind}: nothing is touched')
    for verb, args in (('create', []), ('set', ['live', '{}']), ('update', ['live', '{}']),
                       ('patch', ['live', '{}']), ('rotate', ['live']), ('expire', ['live']),
                       ('delete', ['live']), ('revoke', ['live']), ('revoke_handle', ['u', 'x']),
                       ('revoke_user', ['anna']), ('cleanup', []), ('import', ['new', '{}']),
                       ('configure', ['audit', 'all']), ('install', []), ('set', [None, None])):
        reader.raises(READ_ONLY, f'session_{verb}', *args)
end()
