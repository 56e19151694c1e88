/*
 * It wakes every second and asks session_sweep whether it is time.  Replicas do
 * not run it.
 */
DROP EVENT IF EXISTS session_sweep//
@create@ EVENT session_sweep
ON SCHEDULE EVERY 1 SECOND ON COMPLETION PRESERVE
COMMENT 'Removes ended sessions, as the settings cleanup_* say.'
DO BEGIN
	SET SESSION autocommit = TRUE;
	SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED;
	CALL session_sweep();
END//
