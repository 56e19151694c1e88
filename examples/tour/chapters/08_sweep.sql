--# Sessions end by themselves
-- A visitor's session ends after two seconds of disuse.

--@ as shop
SELECT session_create(NULL, '{"locale": "en-GB"}', ttl => 2);
--> <token>
--@ keep visitor

SELECT session_get(:'visitor');
--> {"locale": "en-GB"}

--@ wait 2.1
SELECT session_get(:'visitor') AS two_seconds_later;
--> NULL

-- An ended session is invisible at once, whether or not its row is still there.
-- Rows go when the worker comes by, here every second.  Five thousand visitors:

SELECT count(session_create(NULL, '{"locale": "fr-FR"}', ttl => 3))
FROM generate_series(1, 5000);
--> 5000

-- Nobody calls anything now.  The table shrinks:

--@ watch_sweep 5

-- The rows that are left: user 77's session, and four tombstones, which keep
-- requests that come too late out for five minutes.

--@ as postgres
SELECT is_active, count(*) FROM sessions GROUP BY 1 ORDER BY 1;
--> f | 4
--> t | 1
