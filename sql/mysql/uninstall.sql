
/* What is left when the routines are gone. */
DROP EVENT IF EXISTS session_sweep//
DROP TABLE IF EXISTS session_events, session_creations, session_users, session_settings, sessions//
REVOKE EXECUTE, EVENT ON * FROM 'covet_sessions'@'localhost'//

DELIMITER ;
