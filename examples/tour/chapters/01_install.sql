--@ only postgresql
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

--@ only sqlite
--# Install
-- A connection loads the extension, here with ".load covet_sessions" before each
-- of the statements below.  The tables come with the first write, or now.

SELECT session_install() AS version;
--> *

PRAGMA journal_mode = wal;
--> wal

-- The tables are in the application's own database file, beside the others.

SELECT name FROM sqlite_master WHERE name LIKE 'session%' AND type = 'table' ORDER BY 1;
--> session_creations
--> session_events
--> session_schema
--> session_settings
--> sessions
--@ both
