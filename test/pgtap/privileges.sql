-- Who may do what: every function and relation for every kind of role, asked
-- and tried.  All that a role does here, it does with an empty search path.

\set QUIET on
SET client_min_messages = error;
BEGIN;
SELECT no_plan();

SELECT format('%I', extnamespace::regnamespace::text::name) AS schema
FROM pg_extension WHERE extname = 'covet_sessions' \gset

CREATE ROLE covet_stranger;
CREATE ROLE covet_application;
CREATE ROLE covet_operator;
CREATE ROLE covet_former_application;
CREATE ROLE covet_former_operator;
CREATE ROLE covet_superuser SUPERUSER;
CREATE ROLE covet_target;

SELECT lives_ok($$ SELECT session_grant('covet_application') $$, 'session_grant(role)');
SELECT lives_ok($$ SELECT session_grant('covet_operator', true) $$, 'session_grant(role, operator)');
SELECT session_grant('covet_former_application'), session_grant('covet_former_operator', operator => true) \g /dev/null
SELECT lives_ok($$ SELECT session_revoke_grant('covet_former_application') $$, 'session_revoke_grant from an application');
SELECT lives_ok($$ SELECT session_revoke_grant('covet_former_operator') $$, 'session_revoke_grant from an operator');

CREATE TEMP TABLE roles (role name PRIMARY KEY, rank integer);
INSERT INTO roles VALUES
	('covet_stranger', 0), ('covet_former_application', 0), ('covet_former_operator', 0),
	('covet_application', 1), ('covet_operator', 2), ('covet_superuser', 3);
INSERT INTO roles SELECT extowner::regrole::text, 3 FROM pg_extension WHERE extname = 'covet_sessions';

-- The least rank that may use a function.
CREATE TEMP VIEW functions AS
	SELECT p.oid, p.proname::text AS name, p.proargtypes::oid[] AS types,
		CASE
			WHEN p.proname IN ('session_create', 'session_set', 'session_get', 'session_touch',
				'session_info', 'session_verify', 'session_update', 'session_patch',
				'session_rotate', 'session_expire', 'session_delete', 'session_revoke',
				'session_revoke_handle', 'session_revoke_user', 'session_list',
				'session_digest', 'session_setting', 'session_version') THEN 1
			WHEN p.proname IN ('session_cleanup', 'session_import', 'session_configure',
				'session_stats', 'session_stats_reset', 'session_sweep_progress', 'session_health') THEN 2
			ELSE 3
		END AS rank
	FROM pg_proc p
		JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid
		JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
	WHERE d.deptype = 'e' AND e.extname = 'covet_sessions';

CREATE TEMP VIEW relations AS
	SELECT c.oid, c.relname::text AS name, c.relacl, c.relowner
	FROM pg_class c
		JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid
		JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
	WHERE d.deptype = 'e' AND e.extname = 'covet_sessions';

-- Runs a query as a role: its first value, or the SQLSTATE of its error.
CREATE FUNCTION pg_temp.as_role(role text, query text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	previous text := current_setting('search_path');
	result text;
BEGIN
	PERFORM set_config('search_path', '', true), set_config('role', role, true);
	BEGIN
		IF query LIKE 'SELECT %' THEN
			EXECUTE query INTO result;
		ELSE
			EXECUTE query;
			result := 'done';
		END IF;
	EXCEPTION WHEN OTHERS THEN
		result := SQLSTATE;
	END;
	PERFORM set_config('role', 'none', true), set_config('search_path', previous, true);
	RETURN result;
END $$;

---------------------------------------------------------------------------
-- The matrix, as the catalogs tell it
---------------------------------------------------------------------------

SELECT is(has_function_privilege(r.role, f.oid, 'EXECUTE'), r.rank >= f.rank,
	format('%s %s execute %s', r.role, CASE WHEN r.rank >= f.rank THEN 'may' ELSE 'may not' END, f.oid::regprocedure))
FROM roles r CROSS JOIN functions f ORDER BY r.rank, r.role, f.name;

SELECT is(has_table_privilege(r.role, t.oid, p.privilege),
	r.rank = 3 OR r.rank = 2 AND p.privilege = 'SELECT' AND t.name IN ('session_events', 'session_stats', 'session_sweep_progress'),
	format('%s and %s on %s', r.role, p.privilege, t.name))
FROM roles r CROSS JOIN relations t
	CROSS JOIN (VALUES ('SELECT'), ('INSERT'), ('UPDATE'), ('DELETE'), ('TRUNCATE'), ('REFERENCES'), ('TRIGGER')) p (privilege)
ORDER BY r.rank, r.role, t.name, p.privilege;

SELECT is(has_any_column_privilege(r.role, t.oid, p.privilege), false,
	format('%s and %s on columns of %s', r.role, p.privilege, t.name))
FROM roles r CROSS JOIN relations t CROSS JOIN (VALUES ('SELECT'), ('INSERT'), ('UPDATE'), ('REFERENCES')) p (privilege)
WHERE r.rank < 2 ORDER BY r.rank, r.role, t.name, p.privilege;

SELECT is_empty($$ SELECT f.name FROM functions f, pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
		WHERE p.oid = f.oid AND a.grantee = 0 $$,
	'PUBLIC may execute no function');
SELECT is_empty($$ SELECT r.name FROM relations r, aclexplode(coalesce(r.relacl, acldefault('r', r.relowner))) a
		WHERE a.grantee = 0 $$,
	'PUBLIC has no right on any relation');
SELECT is_empty($$ SELECT f.name FROM functions f, pg_proc p, aclexplode(p.proacl) a
		WHERE p.oid = f.oid AND a.is_grantable AND a.grantee <> p.proowner $$,
	'nobody may pass his rights on');
SELECT is_empty($$ SELECT f.name FROM functions f, pg_proc p, aclexplode(p.proacl) a, roles r
		WHERE p.oid = f.oid AND a.grantee = r.role::text::regrole AND r.role LIKE 'covet_former%' $$,
	'session_revoke_grant leaves no entry behind');

---------------------------------------------------------------------------
-- The matrix, tried: whoever may not gets 42501, the rest some other answer
---------------------------------------------------------------------------

CREATE TEMP VIEW calls AS
	SELECT f.oid, f.name, f.rank,
		format('SELECT count(*) FROM %s.%s(%s)', :'schema', f.name,
			(SELECT string_agg(CASE format_type(type, NULL)
					WHEN 'regrole' THEN '''covet_target''::pg_catalog.regrole'
					WHEN 'boolean' THEN 'false'
					ELSE format('NULL::%s', format_type(type, NULL)) END, ', ' ORDER BY n)
				FROM unnest(f.types) WITH ORDINALITY AS argument (type, n))) AS call
	FROM functions f;

SELECT CASE WHEN r.rank >= c.rank THEN isnt(pg_temp.as_role(r.role, c.call), '42501', r.role || ': ' || c.call)
	ELSE is(pg_temp.as_role(r.role, c.call), '42501', r.role || ': ' || c.call || ' is refused') END
FROM roles r CROSS JOIN calls c ORDER BY r.rank, r.role, c.name;
SELECT session_revoke_grant('covet_target') \g /dev/null

SELECT is(pg_temp.as_role(r.role, replace(s.statement, '@', :'schema' || '.')), '42501', r.role || ': ' || s.statement)
FROM roles r, (VALUES
	('SELECT count(*) FROM @sessions'),
	('SELECT data FROM @sessions LIMIT 1'),
	('SELECT 1 FROM @sessions FOR UPDATE'),
	('INSERT INTO @sessions (id, created_at, last_accessed_at) VALUES (''x'', now(), now())'),
	('UPDATE @sessions SET is_active = true'),
	('DELETE FROM @sessions'),
	('TRUNCATE @sessions'),
	('LOCK TABLE @sessions'),
	('ALTER TABLE @sessions DISABLE TRIGGER ALL'),
	('CREATE TRIGGER spy AFTER INSERT ON @sessions EXECUTE FUNCTION pg_catalog.suppress_redundant_updates_trigger()'),
	('CREATE INDEX ON @sessions (data)'),
	('SELECT count(*) FROM @session_creations'),
	('INSERT INTO @session_creations VALUES (''x'', now())'),
	('UPDATE @session_creations SET at = now()'),
	('DELETE FROM @session_creations'),
	('TRUNCATE @session_creations'),
	('INSERT INTO @session_events (at, event) VALUES (now(), ''x'')'),
	('UPDATE @session_events SET event = ''x'''),
	('DELETE FROM @session_events'),
	('TRUNCATE @session_events'),
	('DROP EXTENSION covet_sessions'),
	('ALTER EXTENSION covet_sessions UPDATE')) s (statement)
WHERE r.rank < 3
ORDER BY r.rank, r.role, s.statement;

SELECT is(pg_temp.as_role(r.role, format('SELECT count(*) >= 0 FROM %s.%s', :'schema', v.name)),
	CASE WHEN r.rank >= 2 THEN 'true' ELSE '42501' END, format('%s reads %s', r.role, v.name))
FROM roles r, (VALUES ('session_events'), ('session_stats')) v (name) ORDER BY r.rank, r.role, v.name;

---------------------------------------------------------------------------
-- Settings are the superuser's
---------------------------------------------------------------------------

SELECT set_eq($$ SELECT context FROM pg_settings WHERE name LIKE 'covet\_sessions.%' $$, $$ VALUES ('superuser') $$,
	'every setting is for superusers');
SELECT is(pg_temp.as_role(r.role, format('SET %s = %L', s.name, s.setting)), '42501', format('%s cannot set %s', r.role, s.name))
FROM roles r, pg_settings s WHERE r.rank BETWEEN 1 AND 2 AND s.name LIKE 'covet\_sessions.%' ORDER BY r.role, s.name;
SELECT is(pg_temp.as_role('covet_application', s.statement), '42501', 'covet_application: ' || s.statement)
FROM (VALUES
	('SELECT pg_catalog.set_config(''covet_sessions.audit'', ''off'', false)'),
	('RESET covet_sessions.audit'),
	('ALTER ROLE covet_application SET covet_sessions.audit = off'),
	(format('ALTER DATABASE %I SET covet_sessions.audit = off', current_database()))) s (statement);
SELECT is(pg_temp.as_role('covet_operator', format('SELECT %s.session_configure(''touch_interval'', ''17'')', :'schema')), '17',
	'an operator configures with session_configure');
SELECT is(pg_temp.as_role('covet_application', format('SELECT %s.session_setting(''touch_interval'')', :'schema')), '17',
	'and an application reads it with session_setting');
SELECT session_configure('touch_interval', NULL) \g /dev/null

---------------------------------------------------------------------------
-- EXECUTE alone: the whole life of a session
---------------------------------------------------------------------------

CREATE FUNCTION pg_temp.application(query text, VARIADIC arguments text[] DEFAULT '{}') RETURNS text
LANGUAGE sql AS $$ SELECT pg_temp.as_role('covet_application', format(query, VARIADIC arguments)) $$;

SET LOCAL covet_sessions.audit = 'all';
SET LOCAL covet_sessions.max_sessions_per_user = 5;
SET LOCAL covet_sessions.create_rate_limit = 20;
SET LOCAL covet_sessions.touch_interval = 0;
SET LOCAL covet_sessions.bind_ip = 'exact';
SET LOCAL covet_sessions.on_mismatch = 'revoke';

SELECT pg_temp.application('SELECT %s.session_create(''alice'', ''{"a": 1}'', 1800, ''192.0.2.1'', ''any'')', :'schema') AS token \gset
SELECT matches(:'token'::text, '^[A-Za-z0-9_-]{43}$', 'an application creates a session');
SELECT is(pg_temp.application('SELECT %s.session_get(%L)', :'schema', :'token'), '{"a": 1}', 'gets it');
SELECT is(pg_temp.application('SELECT %s.session_touch(%L)', :'schema', :'token'), '{"a": 1}', 'touches it');
SELECT is(pg_temp.application('SELECT id FROM %s.session_info(%L)', :'schema', :'token'), session_digest(:'token'), 'looks at it');
SELECT is(pg_temp.application('SELECT %s.session_verify(%L, ''192.0.2.1'')', :'schema', :'token'), '{"a": 1}', 'verifies it');
SELECT is(pg_temp.application('SELECT %s.session_update(%L, ''{"a": 2}'', 1)', :'schema', :'token'), '2', 'updates it');
SELECT is(pg_temp.application('SELECT %s.session_patch(%L, ''{"b": 3}'')', :'schema', :'token'), '3', 'patches it');
SELECT is(pg_temp.application('SELECT %s.session_set(%L, ''{"c": 4}'')', :'schema', :'token'), 'true', 'sets it');
SELECT is(pg_temp.application('SELECT %s.session_expire(%L, 60)', :'schema', :'token'), 'true', 'gives it a deadline');
SELECT pg_temp.application('SELECT %s.session_rotate(%L)', :'schema', :'token') AS rotated \gset
SELECT is(pg_temp.application('SELECT %s.session_get(%L)', :'schema', :'rotated'), '{"c": 4}', 'rotates it');
SELECT is(pg_temp.application('SELECT count(*) FROM %s.session_list(''alice'')', :'schema'), '1', 'lists the user''s');
SELECT is(pg_temp.application('SELECT %s.session_revoke(%L)', :'schema', :'rotated'), 'true', 'revokes it');
SELECT is(pg_temp.application('SELECT %s.session_set(%L, ''{}'')', :'schema', :'rotated'), 'false', 'cannot bring it back');
SELECT is(pg_temp.application('SELECT %s.session_set(''mine'', ''1'', ''alice'', ip => ''192.0.2.1'')', :'schema'), 'true', 'sets another');
SELECT is(pg_temp.application('SELECT %s.session_verify(''mine'', ''192.0.2.2'')', :'schema'), NULL::text, 'has a stolen one revoked');
SELECT is(is_active, false, 'which is') FROM sessions WHERE id = session_digest('mine');
SELECT is(pg_temp.application('SELECT %s.session_set(''third'', ''1'', ''alice'')', :'schema'), 'true', 'sets a third');
SELECT is(pg_temp.application('SELECT %s.session_revoke_handle(''alice'', %s.session_digest(''third''))', :'schema', :'schema'), 'true', 'revokes it by its handle');
SELECT is(pg_temp.application('SELECT %s.session_set(''fourth'', ''1'', ''alice'')', :'schema'), 'true', 'sets a fourth');
SELECT is(pg_temp.application('SELECT %s.session_revoke_user(''alice'')', :'schema'), '1', 'signs the user out everywhere');
SELECT is(pg_temp.application('SELECT %s.session_set(''fifth'', ''1'')', :'schema'), 'true', 'sets an anonymous one');
SELECT is(pg_temp.application('SELECT %s.session_delete(''fifth'')', :'schema'), 'true', 'deletes it');
SELECT is(pg_temp.application('SELECT %s.session_version()', :'schema'), session_version(), 'and knows the version');

UPDATE sessions SET expires_at = now() - interval '1 second', is_active = true WHERE id = session_digest('fourth');
SELECT is(pg_temp.application('SELECT %s.session_get(''fourth'')', :'schema'), NULL::text, 'a read of an expired session as the application');
SELECT is(count(*), 0::bigint, 'removes its row') FROM sessions WHERE id = session_digest('fourth');

-- ... and nothing of another's

SELECT session_set('secret', '"secret"', 'bob'), session_digest('secret') AS handle \gset
SELECT is(pg_temp.application('SELECT %s.session_get(%L)', :'schema', :'handle'), NULL::text, 'a handle is no token: get');
SELECT is(pg_temp.application('SELECT %s.session_touch(%L)', :'schema', :'handle'), NULL::text, 'a handle is no token: touch');
SELECT is(pg_temp.application('SELECT count(*) FROM %s.session_info(%L)', :'schema', :'handle'), '0', 'a handle is no token: info');
SELECT is(pg_temp.application('SELECT %s.session_rotate(%L)', :'schema', :'handle'), NULL::text, 'a handle is no token: rotate');
SELECT is(pg_temp.application('SELECT %s.session_revoke(%L)', :'schema', :'handle'), 'false', 'a handle is no token: revoke');
SELECT is(pg_temp.application('SELECT %s.session_revoke_handle(''alice'', %L)', :'schema', :'handle'), 'false', 'a handle of another user''s session is not revoked');
SELECT is(session_get('secret'), '"secret"'::jsonb, 'the other session is as it was');
SELECT is(pg_temp.application('SELECT count(*) FROM %s.session_list('''')', :'schema'), '22023', 'anonymous sessions cannot be listed');

-- The function gives its owner's rights back, also after an error.

SELECT is(pg_temp.application('SELECT current_user FROM %s.session_set(''x'', ''1'')', :'schema'), 'covet_application', 'a call leaves the caller who he is');
SELECT is(pg_temp.application('SELECT pg_catalog.current_setting(''search_path'') FROM %s.session_set(''x'', ''1'')', :'schema'), '', 'and his search path');
CREATE FUNCTION pg_temp.who_after_error() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM session_set('bad id', '1');
EXCEPTION WHEN invalid_parameter_value THEN
	RETURN current_user;
END $$;
SET LOCAL ROLE covet_application;
SELECT pg_temp.who_after_error() AS who \gset
RESET ROLE;
SELECT is(:'who'::text, 'covet_application', 'also after an error');

---------------------------------------------------------------------------
-- Granting
---------------------------------------------------------------------------

-- Only the owner grants, whoever may call the function.
GRANT EXECUTE ON FUNCTION session_grant(regrole, boolean), session_revoke_grant(regrole) TO covet_stranger, covet_operator;
SELECT is(pg_temp.as_role('covet_stranger', format('SELECT %s.session_grant(''covet_target'')', :'schema')), '42501', 'who has nothing can grant nothing');
SELECT pg_temp.as_role('covet_operator', format('SELECT %s.session_grant(''covet_target'', true)', :'schema')) \g /dev/null
SELECT is_empty($$ SELECT name FROM functions WHERE has_function_privilege('covet_target', oid, 'EXECUTE') $$, 'an operator can pass on no function');
SELECT is_empty($$ SELECT name FROM relations WHERE has_table_privilege('covet_target', oid, 'SELECT') $$, 'an operator can pass on no relation');
SELECT pg_temp.as_role('covet_operator', format('SELECT %s.session_revoke_grant(''covet_application'')', :'schema')) \g /dev/null
SELECT is(has_function_privilege('covet_application', 'session_get(text)', 'EXECUTE'), true, 'nor take away anything');

-- Another superuser grants in the owner's name, so the owner can revoke it.
SELECT isnt(pg_temp.as_role('covet_superuser', format('SELECT %s.session_grant(''covet_target'', true)', :'schema')), '42501', 'another superuser grants');
SELECT is(has_function_privilege('covet_target', 'session_cleanup(bigint)', 'EXECUTE'), true, 'with effect');
SELECT lives_ok($$ SELECT session_grant('covet_target', true) $$, 'granting again is no error');
SELECT session_revoke_grant('covet_target') \g /dev/null
SELECT is_empty($$ SELECT name FROM functions WHERE has_function_privilege('covet_target', oid, 'EXECUTE') $$, 'the owner takes it back: functions');
SELECT is_empty($$ SELECT name FROM relations WHERE has_table_privilege('covet_target', oid, 'SELECT') $$, 'the owner takes it back: relations');
SELECT lives_ok($$ SELECT session_revoke_grant('covet_target') $$, 'taking back again is no error');

-- To nobody, nothing.
CREATE TEMP VIEW entries AS
	SELECT (SELECT count(*) FROM pg_proc p, aclexplode(p.proacl))
		+ (SELECT count(*) FROM pg_class c, aclexplode(c.relacl))
		+ (SELECT count(*) FROM pg_namespace n, aclexplode(n.nspacl)) AS number;
SELECT number FROM entries \gset
SELECT throws_ok($$ SELECT session_grant(NULL) $$, '22023', NULL, 'a null role is an error: grant');
SELECT throws_ok($$ SELECT session_revoke_grant(NULL) $$, '22023', NULL, 'a null role is an error: revoke');
SELECT throws_ok($$ SELECT session_grant('no such role') $$, '42602', NULL, 'what is no role name is an error');
SELECT throws_ok($$ SELECT session_grant('covet_nobody') $$, '42704', NULL, 'an unknown role is an error');
SELECT throws_ok($$ SELECT session_grant('public') $$, '42704', NULL, 'PUBLIC is no role');
SELECT throws_ok($$ SELECT session_grant('-') $$, NULL, NULL, 'neither is none');
SELECT is(number::numeric, :number::numeric, 'and none of them changes a right') FROM entries;

-- Names that must be quoted.
CREATE TEMP TABLE odd_names (role name);
INSERT INTO odd_names VALUES ('Covet Role'), ('covet"quote'), ('covet''quote'), ('covet;drop'),
	('covet.dot'), ('current_user'), ('group'), ('covet\backslash'), ('covet ünïcode'), ('1covet'), ('@covet');
DO $$ DECLARE odd name; BEGIN
	FOR odd IN SELECT role FROM odd_names LOOP
		EXECUTE format('CREATE ROLE %I', odd);
	END LOOP;
END $$;
SELECT lives_ok(format('SELECT session_grant(%L, true)', quote_ident(role)), format('session_grant to %I', role)) FROM odd_names;
SELECT is(count(*) FILTER (WHERE has_function_privilege(o.role, f.oid, 'EXECUTE')), count(*) FILTER (WHERE f.rank < 3),
	format('%I has an operator''s rights', o.role)) FROM odd_names o, functions f GROUP BY o.role;
SELECT lives_ok(format('SELECT session_revoke_grant(%L)', quote_ident(role)), format('session_revoke_grant from %I', role)) FROM odd_names;
SELECT is(count(*) FILTER (WHERE has_function_privilege(o.role, f.oid, 'EXECUTE')), 0::bigint,
	format('%I has none left', o.role)) FROM odd_names o, functions f GROUP BY o.role;

SELECT * FROM finish();
ROLLBACK;
