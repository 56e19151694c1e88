--# Two tabs at once
-- Two requests of one session change different things at the same moment.  The
-- first is slow; the second waits for it.

--@ only postgresql
--@ as shop
--@ start tab_1
SELECT session_patch(:'laptop', '{"cart": {"tea": 3}}'), pg_sleep(2);

--@ until wait_event = 'PgSleep'
--@ start tab_2
SELECT session_patch(:'laptop', '{"cart": {"coffee": 1}}');

--@ until wait_event_type = 'Lock'
--@ as postgres
SELECT usename, state, wait_event_type
FROM pg_stat_activity
WHERE datname = 'shop' AND wait_event_type = 'Lock';
--> shop | active | Lock

--@ as shop
--@ finish tab_1
--> 3 |

--@ only sqlite
--@ start tab_1
BEGIN;
SELECT session_patch(:'laptop', '{"cart": {"tea": 3}}') AS version;
.system sleep 1
COMMIT;

--@ until locked
--@ start tab_2
SELECT session_patch(:'laptop', '{"cart": {"coffee": 1}}') AS version;

--@ finish tab_1
--> 3

--@ both
--@ finish tab_2
--> 4

-- Both changes are there.  With "read, change, write back" one would be lost.

SELECT session_get(:'laptop') -> 'cart' AS cart;
--> {"tea": 3, "coffee": 1}

-- Code that must write everything back says which version it has read.  The
-- answer 0 means that somebody was faster: read again.

SELECT session_update(:'laptop', '{"cart": {}}', 3) AS stale,
       version AS current
FROM session_info(:'laptop');
--> 0 | 4
