-- Every function: name, arguments with defaults, result, properties.
--
-- The portable form of a call is positional, so names, order and defaults are
-- the interface.

\set QUIET on
BEGIN;
SELECT no_plan();

CREATE TEMP TABLE expected (
	name text, arguments text, result text,
	volatility text DEFAULT 'volatile', parallel text DEFAULT 'unsafe'
);

INSERT INTO expected (name, arguments, result) VALUES
	('session_create', 'user_id text, data text, ttl bigint DEFAULT NULL::bigint, ip text DEFAULT NULL::text, user_agent text DEFAULT NULL::text', 'text'),
	('session_create', 'user_id text DEFAULT NULL::text, data jsonb DEFAULT NULL::jsonb, ttl bigint DEFAULT NULL::bigint, ip text DEFAULT NULL::text, user_agent text DEFAULT NULL::text', 'text'),
	('session_set', 'id text, data text, user_id text DEFAULT NULL::text, ttl bigint DEFAULT NULL::bigint, ip text DEFAULT NULL::text, user_agent text DEFAULT NULL::text', 'boolean'),
	('session_set', 'id text, data jsonb, user_id text DEFAULT NULL::text, ttl bigint DEFAULT NULL::bigint, ip text DEFAULT NULL::text, user_agent text DEFAULT NULL::text', 'boolean'),
	('session_get', 'id text', 'jsonb'),
	('session_touch', 'id text', 'jsonb'),
	('session_info', 'id text, OUT id text, OUT user_id text, OUT created_at timestamp with time zone, OUT last_accessed_at timestamp with time zone, OUT expires_at timestamp with time zone, OUT idle_timeout integer, OUT ip_address text, OUT user_agent text, OUT is_active boolean, OUT version bigint, OUT data jsonb, OUT valid_until timestamp with time zone', 'SETOF record'),
	('session_verify', 'id text, ip text DEFAULT NULL::text, user_agent text DEFAULT NULL::text', 'jsonb'),
	('session_update', 'id text, data text, version bigint DEFAULT NULL::bigint', 'bigint'),
	('session_update', 'id text, data jsonb, version bigint DEFAULT NULL::bigint', 'bigint'),
	('session_patch', 'id text, patch text', 'bigint'),
	('session_patch', 'id text, patch jsonb', 'bigint'),
	('session_rotate', 'id text, user_id text DEFAULT NULL::text', 'text'),
	('session_expire', 'id text, seconds bigint DEFAULT NULL::bigint', 'boolean'),
	('session_delete', 'id text', 'boolean'),
	('session_revoke', 'id text', 'boolean'),
	('session_revoke_handle', 'user_id text, handle text', 'boolean'),
	('session_revoke_user', 'user_id text, except_id text DEFAULT NULL::text', 'integer'),
	('session_list', 'user_id text, OUT id text, OUT user_id text, OUT created_at timestamp with time zone, OUT last_accessed_at timestamp with time zone, OUT expires_at timestamp with time zone, OUT idle_timeout integer, OUT ip_address text, OUT user_agent text, OUT is_active boolean, OUT version bigint, OUT data jsonb, OUT valid_until timestamp with time zone', 'SETOF record'),
	('session_cleanup', 'max_rows bigint DEFAULT NULL::bigint', 'bigint'),
	('session_import', 'id text, data text, user_id text DEFAULT NULL::text, created_at timestamp with time zone DEFAULT NULL::timestamp with time zone, last_accessed_at timestamp with time zone DEFAULT NULL::timestamp with time zone, expires_at timestamp with time zone DEFAULT NULL::timestamp with time zone, ip text DEFAULT NULL::text, user_agent text DEFAULT NULL::text', 'boolean'),
	('session_import', 'id text, data jsonb, user_id text DEFAULT NULL::text, created_at timestamp with time zone DEFAULT NULL::timestamp with time zone, last_accessed_at timestamp with time zone DEFAULT NULL::timestamp with time zone, expires_at timestamp with time zone DEFAULT NULL::timestamp with time zone, ip text DEFAULT NULL::text, user_agent text DEFAULT NULL::text', 'boolean'),
	('session_configure', 'name text, value text', 'text'),
	('session_stats', 'OUT gets bigint, OUT hits bigint, OUT misses bigint, OUT expired_reads bigint, OUT rejected bigint, OUT invalid_ids bigint, OUT touches bigint, OUT touches_skipped bigint, OUT creates bigint, OUT sets bigint, OUT updates bigint, OUT conflicts bigint, OUT refused_revoked bigint, OUT rotations bigint, OUT deletes bigint, OUT revocations bigint, OUT evictions bigint, OUT sweeps bigint, OUT swept bigint, OUT last_sweep_at timestamp with time zone, OUT last_sweep_ms bigint, OUT last_error text, OUT oldest_unswept bigint', 'record'),
	('session_stats_reset', '', 'void'),
	('session_sweep_progress', 'OUT pid integer, OUT started_at timestamp with time zone, OUT phase text, OUT batches bigint, OUT removed bigint, OUT rescheduled bigint, OUT stuck bigint, OUT reached timestamp with time zone, OUT backlog bigint, OUT late boolean', 'SETOF record'),
	('session_grant', 'role regrole, operator boolean DEFAULT false', 'void'),
	('session_revoke_grant', 'role regrole', 'void'),
	('session_health', 'OUT "check" text, OUT ok boolean, OUT detail text, OUT hint text', 'SETOF record');

INSERT INTO expected VALUES
	('session_digest', 'id text', 'text', 'immutable', 'safe'),
	('session_setting', 'name text', 'text', 'stable', 'safe'),
	('session_version', '', 'text', 'stable', 'safe');

CREATE TEMP VIEW actual AS
	SELECT p.oid, p.proname::text AS name,
		pg_get_function_arguments(p.oid) AS arguments,
		pg_get_function_result(p.oid) AS result,
		CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END AS volatility,
		CASE p.proparallel WHEN 's' THEN 'safe' WHEN 'r' THEN 'restricted' ELSE 'unsafe' END AS parallel,
		p.proisstrict, p.prosecdef, p.proleakproof, p.proconfig,
		p.proowner, p.pronamespace, l.lanname, p.prosrc, p.probin
	FROM pg_proc p
		JOIN pg_language l ON l.oid = p.prolang
		JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid
		JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
	WHERE d.deptype = 'e' AND e.extname = 'covet_sessions';

-- each one by itself, and no other

SELECT is(a.result, e.result, format('%s(%s) returns', e.name, e.arguments))
FROM expected e LEFT JOIN actual a USING (name, arguments);

SELECT is(a.volatility || ', parallel ' || a.parallel,
	e.volatility || ', parallel ' || e.parallel,
	format('%s(%s) is', e.name, e.arguments))
FROM expected e LEFT JOIN actual a USING (name, arguments);

SELECT set_eq('SELECT name, arguments FROM actual', 'SELECT name, arguments FROM expected',
	'the extension has these functions and no other');

-- all alike

SELECT is_empty($$ SELECT name FROM actual WHERE lanname <> 'c' $$, 'all are written in C');
SELECT is_empty($$ SELECT name FROM actual WHERE prosrc <> name $$, 'each has the C symbol of its name');
SELECT is_empty($$ SELECT name, probin FROM actual WHERE probin <> '$libdir/covet_sessions' $$, 'all are in the extension''s library');
SELECT is_empty('SELECT name FROM actual WHERE proisstrict', 'none is strict: a null argument has a meaning or is an error');
SELECT is_empty('SELECT name FROM actual WHERE prosecdef', 'none is SECURITY DEFINER');
SELECT is_empty('SELECT name FROM actual WHERE proleakproof', 'none claims to be leak-proof');
SELECT is_empty('SELECT name FROM actual WHERE proconfig IS NOT NULL', 'none has settings attached, which cost time');
SELECT is_empty($$ SELECT name FROM actual, pg_extension
	WHERE extname = 'covet_sessions' AND (proowner <> extowner OR pronamespace <> extnamespace) $$,
	'all have the extension''s owner and schema');

-- portable calls find their function: literals and untyped parameters are text

SELECT lives_ok($$ SELECT session_create() $$, 'session_create() is not ambiguous');
SELECT lives_ok($$ SELECT session_create('alice') $$, 'session_create(user_id) is not ambiguous');
SELECT lives_ok($$ SELECT session_create('alice', '{}') $$, 'session_create with a literal is not ambiguous');
SELECT lives_ok($$ SELECT session_create('alice', '{}'::jsonb) $$, 'session_create takes jsonb');
SELECT lives_ok($$ SELECT session_create(ttl => 1800) $$, 'session_create takes arguments by name');
SELECT lives_ok($$ SELECT session_create(NULL, NULL, NULL, NULL, NULL) $$, 'session_create takes nulls');
SELECT lives_ok($$ SELECT session_set('a', '{}') $$, 'session_set with literals is not ambiguous');
SELECT lives_ok($$ SELECT session_set('a', '{}'::jsonb, ttl => 1800) $$, 'session_set takes jsonb and arguments by name');
SELECT lives_ok($$ SELECT session_set('a', '{}'::text) $$, 'session_set takes text');
SELECT lives_ok($$ SELECT session_update('a', '{}') $$, 'session_update with literals is not ambiguous');
SELECT lives_ok($$ SELECT session_update('a', '{}', 1) $$, 'session_update takes an integer for a version');
SELECT lives_ok($$ SELECT session_patch('a', '{}') $$, 'session_patch with literals is not ambiguous');
SELECT lives_ok($$ SELECT session_patch('a', '{}'::jsonb) $$, 'session_patch takes jsonb');
SELECT lives_ok($$ SELECT session_expire('a', 60) $$, 'session_expire takes an integer');
SELECT lives_ok($$ SELECT session_import('b', '{}') $$, 'session_import with literals is not ambiguous');
SELECT lives_ok($$ SELECT session_import('c', '{}', created_at => now()) $$, 'session_import takes arguments by name');
SELECT lives_ok($$ SELECT * FROM session_info(id => 'a') $$, 'session_info takes its argument by name');
SELECT lives_ok($$ SELECT * FROM session_list(user_id => 'alice') $$, 'session_list takes its argument by name');
PREPARE set_unknown AS SELECT session_set($1, $2, $3, $4, $5, $6);
SELECT lives_ok($$ EXECUTE set_unknown('a', '{}', 'alice', 60, '192.0.2.1', 'any') $$, 'untyped parameters are not ambiguous');

SELECT * FROM finish();
ROLLBACK;
