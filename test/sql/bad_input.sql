-- Bad input to every argument: the answer of the contract, and nothing changed
\set ECHO none
\getenv source PG_ABS_SRCDIR
\set helpers :source/sql/include/helpers.psql
\i :helpers
\set ECHO all

SELECT session_set('live', '{"n": 1}', 'ann', 1800, '192.0.2.1', 'one');
SELECT pg_temp.content() AS content \gset

-- Ids.  NULL is an error where an id must stand; a malformed one is a session
-- that does not exist, or an error where it would be stored.
CREATE TEMP TABLE ids (kind text, id text);
INSERT INTO ids VALUES ('null', NULL), ('malformed', ''), ('malformed', ' '), ('malformed', 'a b'), ('malformed', ' live'), ('malformed', 'live '),
	('malformed', E'live\n'), ('malformed', E'\t'), ('malformed', E'\x01'), ('malformed', E'\x1f'), ('malformed', E'\x7f'), ('malformed', 'é'),
	('malformed', U&'live\0301'), ('malformed', U&'\00a0'), ('malformed', '😀'), ('malformed', repeat('x', 256)), ('malformed', repeat('x', 100000)),
	('unknown', repeat('x', 255)), ('unknown', 'LIVE'), ('unknown', ''' OR ''''='''), ('unknown', '%'), ('unknown', '\'), ('unknown', session_digest('live'));
CREATE TEMP TABLE verbs (n serial, call text);
INSERT INTO verbs (call) VALUES ($$session_get(%L)$$), ($$session_touch(%L)$$), ($$session_verify(%L)$$), ($$version FROM session_info(%L)$$),
	($$session_update(%L, '{}')$$), ($$session_patch(%L, '{}')$$), ($$session_rotate(%L)$$), ($$session_expire(%L, 1)$$), ($$session_delete(%L)$$),
	($$session_revoke(%L)$$), ($$session_set(%L, '{}')$$), ($$session_import(%L, '{}')$$), ($$session_digest(%L)$$);
SELECT call, kind, count(*), array_agg(DISTINCT left(pg_temp.error_of(format('SELECT ' || call, id)), 35))
FROM verbs, ids WHERE kind <> 'unknown' OR call !~ 'set|import|digest' GROUP BY n, call, kind ORDER BY n, kind;
SELECT pg_temp.content() = :'content' AS unchanged;
-- The other id.
SELECT kind, array_agg(DISTINCT pg_temp.error_of(format('SELECT session_revoke_user(%L, %L)', 'nobody', id))) FROM ids GROUP BY 1 ORDER BY 1;
-- Handles.
SELECT kind, array_agg(DISTINCT pg_temp.error_of(format('SELECT session_revoke_handle(%L, %L)', 'bob', id))) FROM ids GROUP BY 1 ORDER BY 1;

-- Owners.
CREATE TEMP TABLE user_ids (n serial, kind text, user_id text);
INSERT INTO user_ids (kind, user_id) VALUES ('null', NULL), ('empty', ''), ('255 characters', repeat('😀', 255)), ('256 characters', repeat('x', 256)), ('256 wide ones', repeat('ü', 256)),
	('huge', repeat('x', 1000000)), ('control', E'\x01\n\x7f'), ('quotes', $$'"\;--$$), ('spaces', '  ');
CREATE FUNCTION pg_temp.try(calls text[]) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	call text;
	answer text;
BEGIN
	FOREACH call IN ARRAY calls LOOP
		answer := pg_temp.error_of('SELECT ' || call);
		RETURN NEXT regexp_replace(call, '\(.*', '') || ': ' || left(regexp_replace(answer, '[A-Za-z0-9_-]{43}', '(token)'), 46);
	END LOOP;
END $$;
BEGIN;
SELECT kind, t FROM user_ids, pg_temp.try(ARRAY[format('session_create(%L)', user_id), format('session_set(%L, %L, %L)', 'set' || n, '{}', user_id),
	format('session_rotate(%L, %L)', 'set' || n, user_id), format('session_import(%L, %L, %L)', 'import' || n, '{}', user_id),
	format('true FROM session_list(%L) LIMIT 1', user_id), format('session_revoke_handle(%L, %L)', user_id, 'x'), format('session_revoke_user(%L)', user_id)])
	WITH ORDINALITY t (t, o) ORDER BY n, o;
ROLLBACK;
SELECT session_create(user_id) IS NOT NULL AS stored FROM user_ids WHERE kind IN ('control', 'quotes', 'spaces');
SELECT kind, l.user_id = u.user_id AS same FROM user_ids u, session_list(u.user_id) l WHERE kind IN ('control', 'quotes', 'spaces') ORDER BY n;

-- Idle timeouts.
BEGIN;
SELECT ttl, t FROM (VALUES (0::bigint), (-1), (1), (2147483647), (2147483648), (9223372036854775807), (-9223372036854775808)) v (ttl),
	pg_temp.try(ARRAY[format('session_create(%L, %L, %s)', 'u', '{}', ttl), format('session_set(%L, %L, ttl => %L)', 'live', '{}', ttl)]) WITH ORDINALITY t (t, o) ORDER BY ttl, o;
ROLLBACK;
SELECT pg_temp.error_of($$SELECT session_set('live', '{}', ttl => 9223372036854775808)$$);

-- Addresses.
BEGIN;
SELECT ip, array_agg(DISTINCT left(pg_temp.error_of(format(call, ip)), 42)) AS answers
FROM (VALUES ('SELECT length(session_create(ip => %L)) > 0'), ($$SELECT session_set('live', '{}', ip => %L)$$), ($$SELECT session_verify('live', %L) IS NOT NULL$$),
	($$SELECT session_import('i' || random(), '{}', ip => %L)$$)) c (call),
	(VALUES (''), (' '), ('192.0.2.1 '), ('192.0.2'), ('192.0.2.256'), ('192.0.2.1:80'), ('192.0.2.0/24'), ('1'), ('0x7f.1'), ('::g'), ('[::1]'), ('fe80::1%eth0'), ('1:2:3:4:5:6:7:8:9'),
	('localhost'), ('unknown'), ('192.0.2.1, 192.0.2.2'), (E'192.0.2.1\n'), ('١٩٢.0.2.1'), (repeat('1', 46)), ('0.0.0.0'), ('::'), ('::ffff:192.0.2.1'),
	('2001:0db8:0000:0000:0000:0000:192.000.002.001'), ('ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255')) v (ip) GROUP BY ip ORDER BY ip COLLATE "C";
ROLLBACK;

-- A User-Agent is anything.
SELECT n, session_set('agent', '{}', user_agent => agent), user_agent = agent AS same
FROM (VALUES (1, ''), (2, E'\x01\r\n\t\x7f'), (3, 'é 😀 ١'), (4, repeat('x', 1000000)), (5, $$'; DROP TABLE sessions; --$$)) v (n, agent),
	LATERAL (SELECT CASE WHEN session_set('agent-' || n, '{}', user_agent => agent) THEN (SELECT user_agent FROM session_info('agent-' || n)) END) s (user_agent) ORDER BY n;
SET covet_sessions.bind_user_agent = family;
SELECT bool_and(session_verify('agent-' || n, NULL, user_agent) IS NOT NULL) FROM generate_series(1, 5) n, pg_temp.row_of('agent-' || n);
RESET covet_sessions.bind_user_agent;

-- JSON, to each verb that takes it.
CREATE FUNCTION pg_temp.all_verbs(data text) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(DISTINCT regexp_replace(pg_temp.error_of(format(call, data)), ' \| [^|]*$', ''), ' / ')
	FROM (VALUES ('SELECT length(session_create(NULL, %L)) > 0'), ($c$SELECT session_set('json', %L)$c$), ($c$SELECT session_update('live', %L) > 0$c$),
		($c$SELECT session_patch('live', %L) > 0$c$), ($c$SELECT session_import('i' || random(), %L)$c$)) c (call)
$$;
SELECT pg_temp.content() AS content \gset
-- What is not JSON is the server's error. (Versions of psql differ in how wide U+FEFF is, so it is last.)
SELECT left(pg_temp.all_verbs(data), 5) AS error, data
FROM (VALUES (''), (' '), ('{'), ('}'), ('{]'), ('nul'), ('NaN'), ('Infinity'), ('undefined'), ('''a'''), ('{a: 1}'), ('{"a":}'), ('{"a" 1}'), ('[1,]'), ('{"a":1,}'), ('{} {}'), ('01'), ('1.'), ('+1'),
	('"'), ('"\x"'), ('"\u12"'), ('"\u12g4"'), ('/* */ {}'), (E'"\x01"'), (E'"\n"'), (E'\uFEFF{}'), ('"\')) v (data) ORDER BY data COLLATE "C";
-- What is JSON and not I-JSON is the contract's.
SELECT data, pg_temp.all_verbs(data)
FROM (VALUES ('"\u0000"'), ('{"\u0000": 1}'), ('{"a": {"b": ["x\u0000y"]}}'), ('"\\\u0000"'), ('"\ud800"'), ('"\uDBFF"'), ('"\udc00"'), ('"\uDFFF"'), ('{"\ud800": 1}'), ('"\ud800x"'), ('"\ud800\n"'),
	('"\ud800\ud800"'), ('"\udc00\ud800"'), ('"\ud800\u0041"'), ('"\ud83d\ude00\ud83d"'), ('"\ud83d\\ude00"')) v (data) ORDER BY data COLLATE "C";
SELECT pg_temp.content() = :'content' AS unchanged;
-- In jsonb they cannot stand.
SELECT left(pg_temp.error_of($$SELECT session_set('json', '"\u0000"'::jsonb)$$), 5), left(pg_temp.error_of($$SELECT session_set('json', '"\ud800"'::jsonb)$$), 5);
-- What only looks like it is stored.
SELECT data, pg_temp.all_verbs(data)
FROM (VALUES ('{"a": "\\u0000"}'), ('{"a": "\\ud800"}'), ('{"a": "\ud83d\ude00"}'), ('{"a": "\uD83D\uDE00"}'), ('{"a": "\u0001\u001f\u007f"}'), ('{"a": "\uffff\ufffe"}'), ('{"": {"": ""}}'),
	('{"a": 1, "a": 2}'), ('{"n": 123456789012345678901234567890.123456789e-100}'), ('{"n": 1e400}'), (' {"a":1} ')) v (data) ORDER BY data COLLATE "C";
SELECT left(pg_temp.error_of($$SELECT session_set('json', '1e200000')$$), 5);
SELECT session_set('json', '{"a": "\\u0000", "b": {"c": 1, "c": 2}, "b": {"c": 3}}'), session_get('json');

-- 100 levels are accepted everywhere ...
SELECT repeat('[', 100) || repeat(']', 100) AS arrays, repeat('{"a":', 100) || '1' || repeat('}', 100) AS objects \gset
SELECT pg_temp.all_verbs(:'objects');
SELECT session_set('deep', :'arrays'), session_get('deep') = :'arrays'::jsonb AS same, session_update('deep', :'objects'), session_patch('deep', :'objects'),
	session_get('deep') = :'objects'::jsonb AS same, session_touch('deep') = :'objects'::jsonb AS same;
-- ... 10,000 are accepted or a clear error, a million are too many.
SELECT pg_temp.content() AS content \gset
BEGIN;
SELECT bool_and(answer ~ '^(no error|54001 \| stack depth limit exceeded)') AS clear
FROM (VALUES ('[', '', ']'), ('{"a":', '1', '}')) v (before, value, after),
	(VALUES ('SELECT session_create(NULL, %L)'), ('SELECT session_set(''deep'', %L)'), ('SELECT session_update(''deep'', %L)'), ('SELECT session_import(''new'' || random(), %L)'),
		('SELECT session_patch(''live'', %L)'), ('SELECT session_patch(''deep'', %L)'), ('SELECT length(session_get(''deep'')::text)'), ('SELECT session_touch(''deep'')')) c (call),
	LATERAL pg_temp.error_of(format(call, repeat(before, 10000) || value || repeat(after, 10000))) answer
WHERE answer !~ '^22023 .* must be a JSON object';
ROLLBACK;
SELECT left(pg_temp.all_verbs(repeat('[', 1000000)), 34) AS open, left(pg_temp.all_verbs(repeat('[', 1000000) || repeat(']', 1000000)), 34) AS closed,
	left(pg_temp.all_verbs(repeat('{"a":', 1000000) || '1' || repeat('}', 1000000)), 34) AS objects;
SET max_stack_depth = '100kB';
SELECT left(pg_temp.all_verbs(repeat('{"a":', 10000) || '1' || repeat('}', 10000)), 34) AS objects;
RESET max_stack_depth;
-- Huge: the limit of the store, not of the server.
SELECT pg_temp.all_verbs('"' || repeat('x', 10000000) || '"');
SELECT pg_temp.all_verbs('{"' || repeat('x', 10000000) || '": 1}');
SELECT pg_temp.all_verbs('{"a": [' || repeat('1,', 500000) || '1]}');
SELECT pg_temp.all_verbs(repeat(' ', 10000000) || '{}' || repeat(' ', 10000000));
SELECT session_get('live');
SELECT pg_backend_pid() > 0 AS alive;
