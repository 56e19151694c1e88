-- Row security that is forced on the owner: what it hides does not exist
\set ECHO none
\getenv source PG_ABS_SRCDIR
\set helpers :source/sql/include/helpers.psql
\i :helpers
\set ECHO all

-- Only a superuser may install, and nobody else than the owner's role acts in
-- the functions.  Here it is one that was a superuser when it did.
DROP EXTENSION covet_sessions CASCADE;
CREATE ROLE regress_covet_owner SUPERUSER;
CREATE ROLE regress_covet_app;
SET ROLE regress_covet_owner;
CREATE SCHEMA "covet Store";
SET client_min_messages = error;
CREATE EXTENSION covet_sessions SCHEMA "covet Store";
SET client_min_messages = warning;
SET search_path = "covet Store", public;
SELECT session_grant('regress_covet_app');
RESET ROLE;
ALTER ROLE regress_covet_owner NOSUPERUSER;

-- Without policies, row security does not concern the owner.
ALTER TABLE sessions ENABLE ROW LEVEL SECURITY;
SET ROLE regress_covet_app;
SELECT session_set('a', '{"n": 1}', 'ann'), session_set('b', '{"n": 2}', 'bob'), session_get('a'), session_rotate('b', 'ann') AS b \gset
SELECT count(*) FROM session_list('ann');

-- Forced, it does: by tenant, say.
RESET ROLE;
ALTER TABLE sessions FORCE ROW LEVEL SECURITY;
SET ROLE regress_covet_app;
SELECT session_get('a'), session_touch('a'), session_delete('a'), session_revoke_user('ann');
SELECT left(pg_temp.error_of($$SELECT session_create('ann')$$), 5);
RESET ROLE;
CREATE POLICY tenant ON sessions USING (user_id = current_setting('tenant.name'));
SET tenant.name = 'ann';
SET ROLE regress_covet_app;
SELECT session_get('a'), session_patch('a', '{"m": 1}'), session_get(:'b');
SELECT count(*) FROM session_list('ann');
SELECT session_set('c', '{}', 'ann'), session_get('c');
SET tenant.name = 'bob';
SELECT session_get('a'), session_revoke('a'), session_revoke_user('ann');
-- An id that is taken by what it hides is an error, not a loop.
SELECT pg_temp.error_of($$SELECT session_set('a', '{}', 'bob')$$);
SELECT left(pg_temp.error_of($$SELECT session_set('d', '{}', 'ann')$$), 5), session_set('d', '{}', 'bob');
SET tenant.name = 'ann';
SELECT session_get('a'), session_get('d'), session_revoke_user('ann', 'a');
RESET ROLE;
SELECT user_id, is_active, count(*) FROM sessions GROUP BY 1, 2 ORDER BY 1, 2;

DROP EXTENSION covet_sessions;
DROP SCHEMA "covet Store";
DROP OWNED BY regress_covet_owner, regress_covet_app;
DROP ROLE regress_covet_owner, regress_covet_app;
