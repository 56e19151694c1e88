-- session_patch: merge into the data of a live session (RFC 7396)
\set ECHO none
\getenv source PG_ABS_SRCDIR
\set helpers :source/sql/include/helpers.psql
\i :helpers
\set ECHO all

-- The example of section 3.
SELECT session_set('a', '{
	"title": "Goodbye!",
	"author" : { "givenName" : "John", "familyName" : "Doe" },
	"tags":[ "example", "sample" ],
	"content": "This will be unchanged"
}', 'ann', 1800, '192.0.2.1', 'one');
SELECT session_patch('a', '{
	"title": "Hello!",
	"phoneNumber": "+01-123-456-7890",
	"author": { "familyName": null },
	"tags": [ "example" ]
}');
SELECT session_get('a');
SELECT session_get('a') = '{
	"title": "Hello!",
	"author" : { "givenName" : "John" },
	"tags": [ "example" ],
	"content": "This will be unchanged",
	"phoneNumber": "+01-123-456-7890"
}' AS as_specified;

-- Appendix A.  A session's data is an object where it is patched, and so is the
-- patch: the other rows of the table are errors.
CREATE TEMP TABLE appendix (n int, original text, patch text, result text);
INSERT INTO appendix VALUES
	(1, '{"a":"b"}', '{"a":"c"}', '{"a":"c"}'),
	(2, '{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'),
	(3, '{"a":"b"}', '{"a":null}', '{}'),
	(4, '{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'),
	(5, '{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'),
	(6, '{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'),
	(7, '{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'),
	(8, '{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'),
	(9, '["a","b"]', '["c","d"]', '["c","d"]'),
	(10, '{"a":"b"}', '["c"]', '["c"]'),
	(11, '{"a":"foo"}', 'null', 'null'),
	(12, '{"a":"foo"}', '"bar"', '"bar"'),
	(13, '{"e":null}', '{"a":1}', '{"e":null,"a":1}'),
	(14, '[1,2]', '{"a":"b","c":null}', '{"a":"b"}'),
	(15, '{}', '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}');
SELECT n, session_set('rfc' || n, original) AS set FROM appendix ORDER BY n;
SELECT n, original, patch, pg_temp.error_of(format('SELECT session_patch(%L, %L)', 'rfc' || n, patch)) AS patched,
	session_get('rfc' || n) = result::jsonb AS as_specified,
	session_get('rfc' || n) = original::jsonb AS unchanged
FROM appendix ORDER BY n;

-- A null in a patch removes, a null that is there stays, one in an array counts.
SELECT session_set('b', '{"keep": null, "go": 1, "deep": {"keep": null, "go": {"x": 1}}}');
SELECT session_patch('b', '{"go": null, "absent": null, "deep": {"go": null, "absent": null}, "list": [null, {"n": null}]}');
SELECT session_get('b');
-- An object takes the place of what is no object, with its nulls left out.
SELECT session_set('c', '{"a": [1], "b": "x", "c": null}');
SELECT session_patch('c', '{"a": {"x": 1, "y": null}, "b": {"x": {"y": null}}, "c": {}}');
SELECT session_get('c');
-- And the other way round.
SELECT session_patch('c', '{"a": 1, "b": [], "c": false}'), session_get('c');
-- An empty patch changes nothing but the version, and counts as a use.
SELECT session_patch('c', '{}'), session_get('c');
-- Odd keys are keys.
SELECT session_patch('c', '{"": 1, "a/b~c": 2, "é": 3, "a": null, "b": null, "c": null}'), session_get('c');
-- Of duplicate keys the last one counts.
SELECT session_patch('c', '{"x": 1, "x": null, "": null, "y": null, "y": 2}'), session_get('c');

-- Patches of different keys all survive.
SELECT session_set('d', '{}');
SELECT max(session_patch('d', jsonb_build_object('k' || n, n))) FROM generate_series(1, 200) n;
SELECT count(*), sum(value::int), max(key) FROM jsonb_each_text(session_get('d'));

-- The data, the version and the use change, and nothing else.
SELECT pg_temp.age('a', 100);
SELECT to_jsonb(s) - '{data,version,last_accessed_at}'::text[] AS rest FROM pg_temp.row_of('a') s \gset
SELECT session_patch('a', '{"title": null}');
SELECT to_jsonb(s) - '{data,version,last_accessed_at}'::text[] = :'rest' AS rest_unchanged,
	pg_temp.is_now(last_accessed_at) AS used, version FROM pg_temp.row_of('a') s;

-- jsonb and names.
SELECT session_patch(patch => '{"title": "x"}'::jsonb, id => 'a'), session_patch('a', jsonb_build_object('title', 'y'));
SELECT session_get('a') -> 'title';

-- It never creates and never revives.
SELECT session_set('expired', '{}', ttl => 10), session_set('revoked', '{}'), session_revoke('revoked');
SELECT pg_temp.age('expired', 10);
SELECT pg_temp.content() AS content \gset
SELECT session_patch('missing', '{}'), session_patch('expired', '{"a": 1}'), session_patch('revoked', '{"a": 1}');
SELECT session_patch('', '{}'), session_patch('a b', '{}'), session_patch('é', '{}'), session_patch(repeat('x', 256), '{}');

-- What only a programmer gets wrong, on a live session and on a missing one.
SELECT id, pg_temp.error_of(format('SELECT session_patch(%L, %s)', id, patch))
FROM (VALUES ('a'), ('missing'), (NULL)) i (id),
	(VALUES ('NULL'), ('NULL::jsonb'), ($$'[]'$$), ($$'1'::jsonb$$), ($$'{"a": "\ud800"}'$$)) d (patch)
ORDER BY id, patch COLLATE "C";
SELECT pg_temp.error_of($$SELECT session_patch('a', '{"a": 1')$$);
SELECT pg_temp.content() = :'content' AS unchanged;

-- Neither the patch nor what comes of it may be too large.
SELECT session_set('e', jsonb_build_object('a', repeat('x', 60))), session_set('f', '{}');
SELECT pg_column_size(session_get('e')) - 4 AS stored;
SET covet_sessions.max_data_size = 100;
SELECT pg_temp.content() AS content \gset
SELECT pg_temp.error_of($$SELECT session_patch('e', jsonb_build_object('b', repeat('x', 30)))$$);
SELECT pg_temp.error_of($$SELECT session_patch('f', jsonb_build_object('b', repeat('x', 100)))$$);
SELECT pg_temp.content() = :'content' AS unchanged;
SELECT session_patch('e', jsonb_build_object('a', repeat('x', 80))), session_patch('e', '{"a": null}');
-- Data from before the limit may be made smaller, not larger.
RESET covet_sessions.max_data_size;
SELECT session_set('e', jsonb_build_object('a', repeat('x', 1000)));
SET covet_sessions.max_data_size = 100;
SELECT pg_temp.error_of($$SELECT session_patch('e', '{"b": 1}')$$);
SELECT session_patch('e', '{"a": "small"}'), session_get('e');
RESET covet_sessions.max_data_size;

-- Deep objects merge at the bottom.
SELECT repeat('{"a":', 100) AS open, repeat('}', 100) AS close \gset
SELECT session_set('g', :'open' || '{"x": 1}' || :'close'), session_patch('g', :'open' || '{"y": 2, "x": null}' || :'close');
SELECT session_get('g') = (:'open' || '{"y": 2}' || :'close')::jsonb AS merged;
