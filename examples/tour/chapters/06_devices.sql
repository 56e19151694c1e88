--# Your devices
-- The account page lists the user's sessions.  What it shows is the handle, a
-- digest of the token: good for naming a session, useless as a cookie.

--@ as shop
SELECT substr(id, 1, 8) || '...' AS handle, ip_address,
       user_agent LIKE '%Mobile%' AS mobile,
       session_digest(:'laptop') = id AS this_one
FROM session_list('42')
ORDER BY created_at;
--> *... | 203.0.113.7 | f | t
--> *... | 2001:db8:4a7c:12::9f3e | t | f
--> *... | 198.51.100.23 | t | f

-- "Sign out the tablet" sends its handle.  It works for the owner alone.

SELECT session_digest(:'tablet') AS handle;
--> <token>
--@ keep handle

SELECT session_revoke_handle('77', :'handle') AS by_another_user,
       session_revoke_handle('42', :'handle') AS by_the_owner;
--> f | t

SELECT session_get(:'tablet') AS tablet,
       session_get(:'handle') AS handle_as_cookie;
--> NULL | NULL

-- "Sign out everywhere else" keeps the session that asks.

SELECT session_revoke_user('42', :'laptop') AS signed_out;
--> 1

SELECT session_get(:'phone') IS NULL AS phone_is_out,
       session_get(:'laptop') IS NOT NULL AS laptop_is_in;
--> t | t
