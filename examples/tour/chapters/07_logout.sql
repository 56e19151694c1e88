--# The request that comes too late
-- A slow request has read the session and will write it back when it is done.

--@ as shop
SELECT session_touch(:'laptop') -> 'cart' AS cart;
--> {"tea": 3, "coffee": 1}

-- Meanwhile the user logs out.

SELECT session_revoke(:'laptop') AS logged_out;
--> t

-- The slow request ends.  A store that only deletes rows would start the session
-- anew here, and the user would be logged in again.  This one remembers.

SELECT session_set(:'laptop', :'express', '42') AS stored,
       session_get(:'laptop') AS session;
--> f | NULL

-- That was noted, too.

--@ as postgres
SELECT event, user_id, ip_address, detail
FROM session_events
WHERE event IN ('revoke', 'refuse')
ORDER BY at;
--> revoke | 42 | 198.51.100.23 | NULL
--> revoke | 42 | 2001:db8:4a7c:12::9f3e | NULL
--> revoke | 42 | 203.0.113.7 | NULL
--> refuse | 42 | NULL | set after revocation
