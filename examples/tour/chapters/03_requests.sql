--# Every request
-- One call reads the session and restarts its idle timeout.

--@ as shop
SELECT session_touch(:'laptop') -> 'passport' ->> 'user' AS user_id;
--> 42

-- A use is recorded at most every touch_interval, one minute, and at least 20
-- times per idle timeout: most requests write nothing.

--@ only postgresql
SELECT created_at <= last_accessed_at AS used, idle_timeout,
       valid_until - last_accessed_at AS valid_for
FROM session_info(:'laptop');
--> t | 1800 | 00:30:00
--@ only sqlite
SELECT created_at <= last_accessed_at AS used, idle_timeout,
       strftime('%s', valid_until) - strftime('%s', last_accessed_at) AS valid_for
FROM session_info(:'laptop');
--> t | 1800 | 1800
--@ both

-- A stranger's cookie is no error, whatever is in it.

SELECT session_touch('no-such-token') AS unknown,
       session_touch('') AS empty,
       session_touch(replace('1234567890', '1', :'firefox')) AS no_token;
--> NULL | NULL | NULL
