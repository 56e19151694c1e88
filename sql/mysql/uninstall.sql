
/* What is left when the routines are gone. */
DROP EVENT IF EXISTS session_sweep//
DROP VIEW IF EXISTS session_live//
DROP TABLE IF EXISTS session_events, session_creations, session_users, session_settings, session_grantees, sessions//
REVOKE EXECUTE, EVENT ON * FROM 'covet_sessions'@'localhost'//

DELIMITER ;
