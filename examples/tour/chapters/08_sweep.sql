--# Sessions end by themselves
-- A visitor's session ends after two seconds of disuse.

--@ as shop
SELECT session_create(NULL, '{"locale": "en-GB"}', 2) AS token;
--> <token>
--@ keep visitor

SELECT session_get(:'visitor') AS data;
--> {"locale": "en-GB"}

--@ wait 2.1
SELECT session_get(:'visitor') AS two_seconds_later;
--> NULL

-- An ended session is invisible at once, whether or not its row is still there.

--@ only postgresql
-- Rows go when the worker comes by, here every second.  Five thousand visitors:

SELECT count(session_create(NULL, '{"locale": "fr-FR"}', ttl => 3))
FROM generate_series(1, 5000);
--> 5000

-- Nobody calls anything now.  The table shrinks:

--@ watch_sweep 5

--@ only sqlite
-- There is no server that could remove the rows; now and then a write removes a
-- few on its way.  A thousand visitors:

BEGIN;
WITH RECURSIVE visitor (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM visitor WHERE n < 1000)
SELECT count(session_create(NULL, '{"locale": "fr-FR"}', 3)) AS visitors FROM visitor;
COMMIT;
--> 1000

SELECT count(*) AS "rows" FROM sessions;
--> 1005

-- session_cleanup() removes all that has ended.  A program that writes little
-- calls it from time to time, or cron does.

--@ wait 3.1
SELECT session_cleanup() AS removed;
--> 1000

--@ both
-- The rows that are left: user 77's session, and four tombstones, which keep
-- requests that come too late out for five minutes.

--@ as postgres
SELECT is_active, count(*) FROM sessions GROUP BY 1 ORDER BY 1;
--> f | 4
--> t | 1
