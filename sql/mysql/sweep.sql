/*
 * session_sweep: what the event calls.  It does something when cleanup_interval
 * has passed since it last tried, where the server may write and nobody else
 * sweeps; an error is noted for session_health, and goes to the server's log.
 */
@create@ PROCEDURE session_sweep()
MODIFIES SQL DATA SQL SECURITY DEFINER
BEGIN
	DECLARE v_lock VARCHAR(64) CHARACTER SET utf8mb4
		DEFAULT CONCAT('covet_sessions ', LEFT(SHA2(@counter_key@, 256), 40));
	DECLARE v_now DATETIME(6) DEFAULT covet_now();
	DECLARE v_last DATETIME(6) DEFAULT covet_noted(@counter_key@, 'last_try_at');
	DECLARE v_enabled @word@;
	DECLARE v_interval INT;
	DECLARE v_total BIGINT;
	DECLARE v_message VARCHAR(255) CHARACTER SET utf8mb4;
	DECLARE EXIT HANDLER FOR SQLEXCEPTION
	BEGIN
		GET DIAGNOSTICS CONDITION 1 v_message = MESSAGE_TEXT;
		DO covet_note(@counter_key@, 'last_error', v_message);
		DO RELEASE_LOCK(v_lock);
		RESIGNAL;
	END;

	SELECT cleanup_enabled, cleanup_interval INTO v_enabled, v_interval
	FROM session_settings WHERE only_row = 1;
	IF v_enabled = 'on' AND NOT @@GLOBAL.read_only
		AND NOT v_now < v_last + INTERVAL v_interval SECOND <=> TRUE
		AND GET_LOCK(v_lock, 0) THEN
		DO covet_note(@counter_key@, 'last_try_at', v_now);
		CALL session_cleanup_batches(NULL, v_total);
		DO RELEASE_LOCK(v_lock);
	END IF;
END//
