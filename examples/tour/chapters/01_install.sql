--# Install
-- The library is preloaded (shared_preload_libraries), so that a worker sweeps
-- what has ended.  The rest is two statements in the shop's database: one makes
-- the extension, one lets the application's role use it.

CREATE EXTENSION covet_sessions;
--> CREATE EXTENSION

CREATE ROLE shop LOGIN;
--> CREATE ROLE

SELECT session_grant('shop');
-->

-- The role can call the functions.  It cannot read the table behind them.

--@ as shop
SELECT count(*) FROM sessions;
--> ERROR:  permission denied for table sessions
