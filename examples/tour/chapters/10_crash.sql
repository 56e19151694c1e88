--# The server crashes
-- A session that was stored before:

--@ as shop
SELECT session_create('42', :'django', 1209600, :'phone_ip', :'safari');
--> <token>
--@ keep phone

--@ crash

-- Sessions are as durable as everything else in the database, and so are
-- logouts.

SELECT session_touch(:'phone') ->> '_auth_user_id' AS phone,
       session_touch(:'laptop') AS laptop,
       session_set(:'laptop', '{}', '42') AS revived;
--> 42 | NULL | f
