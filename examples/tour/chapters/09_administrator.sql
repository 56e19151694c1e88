--# What the administrator sees
-- The table is open for reports: owner, times, address, data.

--@ as postgres
SELECT user_id, ip_address, idle_timeout, version, is_active
FROM sessions
ORDER BY created_at, user_id;
--> | 203.0.113.7 | 1800 | 1 | f
--> 42 | 203.0.113.7 | 1800 | 4 | f
--> 42 | 2001:db8:4a7c:12::9f3e | 1209600 | 1 | f
--> 42 | 198.51.100.23 | 7200 | 1 | f
--> 77 | NULL | 3600 | 1 | t

--@ only postgresql
-- Counters since the server started, some of them:

SELECT hits + misses = gets AS ok, creates, rotations, conflicts
FROM session_stats;
--> t | 5005 | 1 | 1

SELECT rejected, revocations, refused_revoked, swept >= 5000 AS ok
FROM session_stats;
--> 3 | 3 | 1 | t

-- And whether all is well:

SELECT "check", ok, detail FROM session_health();
--> version | t | library *, schema *
--> preload | t | the library is preloaded
--> launcher | t | running, process *
--> sweep | t | last * s ago, took * ms
--> backlog | t | no rows due
--> access_path | t | rows are read and written directly
--> settings | t | nothing looks wrong

--@ only sqlite
-- Each connection counts what it does:

SELECT session_touch('no-such-token') AS session;
SELECT gets, hits, misses FROM session_stats;
--> NULL
--> 1 | 0 | 1

-- And whether all is well:

SELECT "check", ok, detail FROM session_health;
--> version | t | library *, schema *
--> sweep | t | none on this connection
--> backlog | t | 0 rows due, *
--> settings | t | nothing looks wrong
--@ both
