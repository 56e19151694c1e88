PRAGMA journal_mode = wal;
CREATE TEMP TABLE cookie (token);
.mode line
.echo on
-- A visitor fills a cart.  The token goes into the cookie; it is shown once.
INSERT INTO cookie SELECT session_create(NULL, '{"cart": {"tea": 2}}', 1800);

-- Every request reads the session, which restarts its idle timeout.
SELECT session_touch(token) AS data FROM cookie;

-- Two tabs change different keys: both changes survive.
SELECT session_patch(token, '{"cart": {"milk": 1}}') AS version FROM cookie;
SELECT session_patch(token, '{"coupon": "SPRING"}') AS version FROM cookie;
SELECT session_get(token) AS data FROM cookie;

-- A login: the same session under a fresh token, owned by user 42.
UPDATE cookie SET token = session_rotate(token, '42');
SELECT user_id, version, data FROM cookie, session_info(cookie.token);

-- The table holds digests, never a token.
SELECT count(*) AS found FROM sessions JOIN cookie ON id = token;

-- Signed out everywhere, and it stays so.
SELECT session_revoke_user('42') AS revoked;
SELECT session_set(token, '{"late": true}') AS stored FROM cookie;
SELECT "check", ok, detail FROM session_health;
