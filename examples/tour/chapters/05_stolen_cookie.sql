--# A stolen cookie
-- The administrator binds sessions to the browser's family and to the network,
-- and keeps an audit trail.

--@ as postgres
SELECT session_configure('bind_ip', 'subnet') AS bind_ip,
       session_configure('bind_user_agent', 'family') AS bind_user_agent,
       session_configure('audit', 'security') AS audit;
--> subnet | family | security

-- session_verify() is session_touch() with that check.  A new address in the same
-- network and an updated browser are fine:

--@ as shop
--@ let laptop_new_ip 203.0.113.201
--@ let firefox_new Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:131.0) Gecko/20100101 Firefox/131.0

SELECT session_verify(:'laptop', :'laptop_new_ip', :'firefox_new')
       -> 'passport' AS passport;
--> {"user": 42}

-- Somebody has copied the laptop's cookie and sends it with curl, or from
-- elsewhere:

SELECT session_verify(:'laptop', :'laptop_ip', 'curl/8.5.0') AS browser,
       session_verify(:'laptop', '192.0.2.66', :'firefox') AS network;
--> NULL | NULL

-- The phone's IPv6 address may change within its /64.

SELECT session_verify(:'phone', '2001:db8:4a7c:12:1:2:3:4', :'safari')
           IS NOT NULL AS same_subnet,
       session_verify(:'phone', '2001:db8:4a7c:13::1', :'safari')
           IS NOT NULL AS other_subnet;
--> t | f

-- What the administrator reads about it later:

--@ as postgres
SELECT event, user_id, ip_address, substr(user_agent, 1, 11) AS agent, detail
FROM session_events
ORDER BY at;
--> mismatch | 42 | 203.0.113.7 | curl/8.5.0 | user_agent
--> mismatch | 42 | 192.0.2.66 | Mozilla/5.0 | ip
--> mismatch | 42 | 2001:db8:4a7c:13::1 | Mozilla/5.0 | ip
