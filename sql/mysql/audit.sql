/*
 * The audit trail, which the verbs write as the setting "audit" asks.
 */

/* An event of a session as it is now. */
@create@ PROCEDURE session_note(IN p_at DATETIME(6), IN p_event @word@, IN p_handle @handle@, IN p_detail @text@)
MODIFIES SQL DATA SQL SECURITY DEFINER
BEGIN
	INSERT INTO session_events (at, event, handle, user_id, ip_address, user_agent, detail)
	SELECT p_at, p_event, id, user_id, ip_address, user_agent, p_detail
	FROM sessions WHERE id = p_handle;
END//

/* The same of a session that another client has asked for. */
@create@ PROCEDURE session_note_client(IN p_at DATETIME(6), IN p_event @word@, IN p_handle @handle@,
	IN p_user_id @owner@, IN p_ip @text@, IN p_user_agent @text@, IN p_detail @text@)
MODIFIES SQL DATA SQL SECURITY DEFINER
BEGIN
	INSERT INTO session_events (at, event, handle, user_id, ip_address, user_agent, detail)
	VALUES (p_at, p_event, p_handle, p_user_id, p_ip, p_user_agent, p_detail);
END//

/* What is wrong with a text that is not stored. */
@create@ PROCEDURE session_refuse_json(IN p_json @text@)
NO SQL SQL SECURITY DEFINER
BEGIN
	DECLARE v_error @text@ DEFAULT covet_json_check(p_json);
	DECLARE v_message VARCHAR(128) CHARACTER SET utf8mb4 DEFAULT SUBSTR(v_error, 7);

	IF v_error LIKE '22023:%' THEN
		SIGNAL SQLSTATE '22023' SET MESSAGE_TEXT = v_message;
	END IF;
	SIGNAL SQLSTATE '22032' SET MESSAGE_TEXT = v_message;
END//
