-- Tables, columns, indexes and comments.
--
-- Names and meaning of the columns are public: people write reports on them.

\set QUIET on
BEGIN;
SELECT no_plan();

CREATE TEMP VIEW members AS
	SELECT c.oid, c.relname::text AS name, c.relkind, c.relpersistence, c.reloptions
	FROM pg_class c
		JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid
		JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
	WHERE d.deptype = 'e' AND e.extname = 'covet_sessions';

SELECT set_eq('SELECT name, relkind::text, relpersistence::text FROM members',
	$$ VALUES ('sessions', 'r', 'p'), ('session_events', 'r', 'p'),
		('session_creations', 'r', 'u'), ('session_stats', 'v', 'p'), ('session_sweep_progress', 'v', 'p') $$,
	'the extension has these relations and no other');

-- The extension itself

SELECT is(extversion, session_version(), 'the library has the version of the extension')
FROM pg_extension WHERE extname = 'covet_sessions';
SELECT is(extrelocatable, false, 'the extension stays in its schema')
FROM pg_extension WHERE extname = 'covet_sessions';
SELECT set_eq($$ SELECT relation::regclass::text, condition
		FROM pg_extension, unnest(extconfig, extcondition) AS kept (relation, condition)
		WHERE extname = 'covet_sessions' $$,
	$$ VALUES ('sessions', ''), ('session_events', '') $$,
	'a dump keeps sessions and events');
SELECT is_empty($$ SELECT d.classid::regclass, d.objid
		FROM pg_depend d JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
		WHERE d.deptype = 'e' AND e.extname = 'covet_sessions'
			AND d.classid NOT IN ('pg_proc'::regclass, 'pg_class'::regclass, 'pg_type'::regclass) $$,
	'it has functions, relations and their types only: no operator, cast or trigger');

-- Columns

CREATE TEMP VIEW columns AS
	SELECT c.name AS relation, a.attnum AS number, a.attname::text COLLATE "default" AS name,
		format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS required,
		pg_get_expr(d.adbin, d.adrelid) COLLATE "default" AS default_value,
		CASE WHEN a.attcollation <> t.typcollation THEN l.collname::text COLLATE "default" END AS collation_name
	FROM members c
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		JOIN pg_type t ON t.oid = a.atttypid
		LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
		LEFT JOIN pg_collation l ON l.oid = a.attcollation;

SELECT results_eq($$ SELECT name, type, required, default_value, collation_name
		FROM columns WHERE relation = 'sessions' ORDER BY number $$,
	$$ VALUES
		('id', 'character varying(255)', true, NULL, 'C'),
		('user_id', 'character varying(255)', true, '''''::character varying', 'C'),
		('created_at', 'timestamp with time zone', true, NULL, NULL),
		('last_accessed_at', 'timestamp with time zone', true, NULL, NULL),
		('expires_at', 'timestamp with time zone', false, NULL, NULL),
		('idle_timeout', 'integer', false, NULL, NULL),
		('ip_address', 'character varying(45)', false, NULL, NULL),
		('user_agent', 'text', false, NULL, NULL),
		('is_active', 'boolean', true, 'true', NULL),
		('version', 'bigint', true, '1', NULL),
		('data', 'jsonb', true, '''{}''::jsonb', NULL),
		('sweep_at', 'timestamp with time zone', false, '''-infinity''::timestamp with time zone', NULL),
		('bound_ip', 'character varying(45)', false, NULL, NULL),
		('bound_user_agent', 'text', false, NULL, NULL) $$,
	'columns of sessions');

SELECT results_eq($$ SELECT name, type, required, default_value, collation_name
		FROM columns WHERE relation = 'session_events' ORDER BY number $$,
	$$ VALUES
		('at', 'timestamp with time zone', true, NULL, NULL),
		('event', 'text', true, NULL, NULL),
		('handle', 'character varying(255)', false, NULL, 'C'),
		('user_id', 'character varying(255)', false, NULL, 'C'),
		('ip_address', 'character varying(45)', false, NULL, NULL),
		('user_agent', 'text', false, NULL, NULL),
		('detail', 'text', false, NULL, NULL) $$,
	'columns of session_events');

SELECT results_eq($$ SELECT name, type, required, default_value, collation_name
		FROM columns WHERE relation = 'session_creations' ORDER BY number $$,
	$$ VALUES
		('user_id', 'character varying(255)', true, NULL, 'C'),
		('at', 'timestamp with time zone', true, NULL, NULL) $$,
	'columns of session_creations');

SELECT results_eq($$ SELECT name, type FROM columns WHERE relation = 'session_stats' ORDER BY number $$,
	$$ SELECT proargnames[i] COLLATE "default", format_type(proallargtypes[i], NULL)
		FROM pg_proc, generate_subscripts(proallargtypes, 1) i
		WHERE oid = 'session_stats()'::regprocedure ORDER BY i $$,
	'the view session_stats has the columns of the function');

-- Keys, indexes, storage

SELECT col_is_pk('sessions', 'id', 'a session''s key is its id');
SELECT set_eq($$ SELECT i.indexrelid::regclass::text,
			regexp_replace(pg_get_indexdef(i.indexrelid), '^.* USING ', ''), i.indisunique
		FROM pg_index i JOIN members m ON m.oid = i.indrelid $$,
	$$ VALUES
		('sessions_pkey', 'btree (id)', true),
		('idx_sessions_user_id', 'btree (user_id) WHERE ((user_id)::text <> ''''::text)', false),
		('idx_sessions_sweep_at', 'btree (sweep_at) WHERE (sweep_at IS NOT NULL)', false),
		('idx_session_events_at', 'btree (at)', false),
		('idx_session_events_user_id', 'btree (user_id, at)', false),
		('idx_session_creations', 'btree (user_id, at)', false),
		('idx_session_creations_at', 'btree (at)', false) $$,
	'these indexes and no other');
SELECT set_eq($$ SELECT m.name, c.contype::text, pg_get_constraintdef(c.oid)
		FROM pg_constraint c JOIN members m ON m.oid = c.conrelid WHERE c.contype <> 'n' $$,
	$$ VALUES ('sessions', 'p', 'PRIMARY KEY (id)'),
		('sessions', 'c', 'CHECK ((idle_timeout > 0))') $$,
	'these constraints and no other');
SELECT ok('fillfactor=85' = ANY (reloptions), 'pages of sessions keep room for touches')
FROM members WHERE name = 'sessions';
SELECT ok(bool_and(coalesce(a.attstattarget, -1) BETWEEN 0 AND 10), 'ANALYZE of sessions is short')
FROM members m JOIN pg_attribute a ON a.attrelid = m.oid AND a.attnum > 0 WHERE m.name = 'sessions';
SELECT is_empty($$ SELECT t.tgname FROM pg_trigger t JOIN members m ON m.oid = t.tgrelid $$, 'no triggers');

SET LOCAL covet_sessions.touch_interval = 0;
DO $$ BEGIN
	PERFORM session_set('a', '{}'), session_touch('a');
	PERFORM session_touch('a') FROM generate_series(1, 5);
END $$;
SELECT is(pg_stat_get_xact_tuples_hot_updated('sessions'::regclass), 6::bigint,
	'a touch writes no index entry');
SELECT is(pg_stat_get_xact_tuples_updated('sessions'::regclass), 6::bigint,
	'a touch writes one row');

-- What a hand-written row must be

SELECT throws_ok($$ INSERT INTO sessions (id) VALUES ('x') $$, '23502', NULL, 'a session has times');
SELECT throws_ok($$ INSERT INTO sessions (id, created_at, last_accessed_at, idle_timeout) VALUES ('x', now(), now(), 0) $$,
	'23514', NULL, 'an idle timeout is positive');
SELECT throws_ok($$ INSERT INTO sessions (id, created_at, last_accessed_at) VALUES (session_digest('a'), now(), now()) $$,
	'23505', NULL, 'a handle is there once');
SELECT lives_ok($$ INSERT INTO sessions (id, created_at, last_accessed_at) VALUES (session_digest('by-hand'), now(), now()) $$,
	'the defaults make a session');
SELECT is(sweep_at, '-infinity', 'which the next sweep looks at') FROM sessions WHERE id = session_digest('by-hand');

-- Comments

SELECT is_empty($$ SELECT p.oid::regprocedure
		FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid
			JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
		WHERE d.deptype = 'e' AND e.extname = 'covet_sessions'
			AND coalesce(obj_description(p.oid, 'pg_proc'), '') = '' $$,
	'every function has a comment');
SELECT is_empty($$ SELECT name FROM members WHERE coalesce(obj_description(oid, 'pg_class'), '') = '' $$,
	'every table and view has a comment');
SELECT is_empty($$ SELECT m.name, a.attname FROM members m
			JOIN pg_attribute a ON a.attrelid = m.oid AND a.attnum > 0
		WHERE coalesce(col_description(m.oid, a.attnum), '') = '' $$,
	'every column has a comment');
SELECT is_empty($$ SELECT i.indexrelid::regclass FROM pg_index i JOIN members m ON m.oid = i.indrelid
		WHERE coalesce(obj_description(i.indexrelid, 'pg_class'), '') = '' $$,
	'every index has a comment');
SELECT isnt(obj_description(oid, 'pg_extension'), NULL, 'the extension has a comment')
FROM pg_extension WHERE extname = 'covet_sessions';

-- Overloads say the same
SELECT is_empty($$ SELECT p.proname FROM pg_proc p
		WHERE p.proname LIKE 'session\_%' AND p.pronamespace = (SELECT extnamespace FROM pg_extension WHERE extname = 'covet_sessions')
		GROUP BY p.proname HAVING count(DISTINCT obj_description(p.oid, 'pg_proc')) > 1 $$,
	'overloads have one comment');

SELECT * FROM finish();
ROLLBACK;
