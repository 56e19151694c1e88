/*
 * How many sessions a user may have and start.
 *
 * Whoever lets a session in for a user holds the user's row in session_users
 * until the transaction ends, before any row of sessions.  What others have let
 * in is therefore seen, unless the transaction has a snapshot from before they
 * did: then it must be tried again.
 */

@create@ PROCEDURE session_hold_user(IN p_user_id @owner@)
MODIFIES SQL DATA SQL SECURITY DEFINER
BEGIN
	DECLARE v_seen DATETIME(6);
	DECLARE CONTINUE HANDLER FOR NOT FOUND BEGIN END;

	/* Not now, which is about to be its time, nor so old that the sweep looks at it. */
	INSERT INTO session_users (user_id, changed_at) VALUES (p_user_id, @now@ - INTERVAL 1 SECOND)
	ON DUPLICATE KEY UPDATE user_id = p_user_id;
	SELECT changed_at INTO v_seen FROM session_users WHERE user_id = p_user_id;
	/* An UPDATE meets the latest row, whatever the snapshot has. */
	UPDATE session_users SET changed_at = covet_now()
	WHERE user_id = p_user_id AND changed_at <=> v_seen;
	IF ROW_COUNT() = 0 THEN
		SIGNAL SQLSTATE '40001'
			SET MESSAGE_TEXT = 'another transaction has changed the user''s sessions; try again';
	END IF;
END//

/*
 * Makes room for a session, which may be stored already, or refuses it.  The
 * user is held.  To make room is to revoke the least recently used: here and not
 * in another procedure, as a function opens the tables of all that it may call.
 */
@create@ PROCEDURE session_admit(IN p_user_id @owner@, IN p_handle @handle@, IN p_is_new BOOLEAN,
	IN v_now DATETIME(6), IN p_max_sessions INT, IN p_policy @word@, IN p_rate INT,
	IN v_retention INT, IN p_audit @word@)
MODIFIES SQL DATA SQL SECURITY DEFINER
BEGIN
	DECLARE v_excess INT;
	DECLARE v_victim @handle@;
	DECLARE v_is_done BOOLEAN DEFAULT FALSE;
	DECLARE victims CURSOR FOR
		SELECT id FROM @of_user@ AND id <> p_handle AND @live@
		ORDER BY last_accessed_at, id LIMIT v_excess;
	DECLARE CONTINUE HANDLER FOR NOT FOUND SET v_is_done = TRUE;

	IF p_is_new AND p_rate > 0 THEN
		IF (SELECT COUNT(*) FROM session_creations
			WHERE user_id = p_user_id AND at > v_now - INTERVAL 60 SECOND) >= p_rate THEN
			@fail:RATE_LIMIT@;
		END IF;
		INSERT INTO session_creations (user_id, at) VALUES (p_user_id, v_now);
	END IF;
	IF p_max_sessions > 0 THEN
		SELECT COUNT(*) + 1 - p_max_sessions INTO v_excess FROM @of_user@ AND id <> p_handle AND @live@;
		IF v_excess > 0 THEN
			IF p_policy = 'reject' THEN @fail:USER_LIMIT@; END IF;
			OPEN victims;
			FETCH victims INTO v_victim;
			WHILE NOT v_is_done DO
				@revoke@ WHERE id = v_victim AND user_id = p_user_id AND @live@;
				IF ROW_COUNT() > 0 THEN
					@count@ 'evictions') @counted@;
					IF p_audit <> 'off' THEN
						INSERT INTO @events@
						SELECT v_now, 'evict', id, user_id, ip_address, user_agent, NULL
						FROM sessions WHERE id = v_victim;
					END IF;
				END IF;
				FETCH victims INTO v_victim;
			END WHILE;
			CLOSE victims;
		END IF;
	END IF;
END//

/* Turns a session, of the user unless NULL, into its tombstone, if it is live: whether it was. */
@create@ PROCEDURE session_end(IN p_handle @handle@, IN p_user_id @owner@, IN p_event @word@, IN p_detail @text@,
	IN v_now DATETIME(6), IN v_retention INT, IN p_audit @word@, OUT p_was_live BOOLEAN)
MODIFIES SQL DATA SQL SECURITY DEFINER
BEGIN
	@revoke@ WHERE id = p_handle AND (p_user_id IS NULL OR user_id = p_user_id) AND @live@;
	SET p_was_live = ROW_COUNT() > 0;
	IF p_was_live AND p_audit <> 'off' THEN
		CALL session_note(v_now, p_event, p_handle, p_detail);
	END IF;
END//
