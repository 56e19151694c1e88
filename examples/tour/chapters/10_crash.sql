--@ only postgresql
--# The server crashes
--@ only sqlite
--# A program is killed
--@ both
-- A session that was stored before:

--@ as shop
SELECT session_create('42', :'django', 1209600, :'phone_ip', :'safari') AS token;
--> <token>
--@ keep phone

--@ only postgresql
--@ crash

--@ only sqlite
-- A program is about to log it out when it is killed, before it can commit:

BEGIN;
SELECT session_revoke(:'phone') AS logged_out;
.system kill -9 $PPID
COMMIT;
--> 1
--> Killed

--@ both
-- Sessions are as durable as everything else in the database, and so are
-- logouts.

SELECT session_touch(:'phone') ->> '_auth_user_id' AS phone,
       session_touch(:'laptop') AS laptop,
       session_set(:'laptop', '{}', '42') AS revived;
--> 42 | NULL | f
