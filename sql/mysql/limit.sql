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
 * user is held.
 */
@create@ PROCEDURE session_admit(IN p_user_id @owner@, IN p_handle @handle@, IN p_is_new BOOLEAN,
	IN v_now DATETIME(6), IN p_max_sessions INT, IN p_policy @word@, IN p_rate INT,
	IN p_retention INT, IN p_audit @word@)
MODIFIES SQL DATA SQL SECURITY DEFINER
BEGIN
	DECLARE v_count, v_excess INT;

	IF p_is_new AND p_rate > 0 THEN
		SELECT COUNT(*) INTO v_count FROM session_creations
		WHERE user_id = p_user_id AND at > v_now - INTERVAL 60 SECOND;
		IF v_count >= p_rate THEN @fail:RATE_LIMIT@; END IF;
		INSERT INTO session_creations (user_id, at) VALUES (p_user_id, v_now);
	END IF;
	IF p_max_sessions > 0 THEN
		SELECT COUNT(*) INTO v_count FROM @of_user@ AND id <> p_handle AND @live@;
		SET v_excess = v_count + 1 - p_max_sessions;
		IF v_excess > 0 THEN
			IF p_policy = 'reject' THEN @fail:USER_LIMIT@; END IF;
			CALL session_evict(p_user_id, p_handle, v_excess, v_now, p_retention, p_audit);
		END IF;
	END IF;
END//

/* Revokes the least recently used. */
@create@ PROCEDURE session_evict(IN p_user_id @owner@, IN p_handle @handle@, IN p_count INT,
	IN v_now DATETIME(6), IN p_retention INT, IN p_audit @word@)
MODIFIES SQL DATA SQL SECURITY DEFINER
BEGIN
	DECLARE v_victim @handle@;
	DECLARE v_was_live BOOLEAN;
	DECLARE v_is_done BOOLEAN DEFAULT FALSE;
	DECLARE victims CURSOR FOR
		SELECT id FROM @of_user@ AND id <> p_handle AND @live@
		ORDER BY last_accessed_at, id LIMIT p_count;
	DECLARE CONTINUE HANDLER FOR NOT FOUND SET v_is_done = TRUE;

	OPEN victims;
	FETCH victims INTO v_victim;
	WHILE NOT v_is_done DO
		CALL session_end(v_victim, p_user_id, 'evict', NULL, v_now, p_retention, p_audit, v_was_live);
		IF v_was_live THEN
			@count@ 'evictions');
		END IF;
		FETCH victims INTO v_victim;
	END WHILE;
	CLOSE victims;
END//

/* Turns a session, of the user unless NULL, into its tombstone, if it is live: whether it was. */
@create@ PROCEDURE session_end(IN p_handle @handle@, IN p_user_id @owner@, IN p_event @word@, IN p_detail @text@,
	IN v_now DATETIME(6), IN p_retention INT, IN p_audit @word@, OUT p_was_live BOOLEAN)
MODIFIES SQL DATA SQL SECURITY DEFINER
BEGIN
	@latest@ UPDATE sessions
	SET is_active = FALSE, data = '{}', sweep_at = v_now + INTERVAL p_retention SECOND
	WHERE id = p_handle AND (p_user_id IS NULL OR user_id = p_user_id) AND @live@;
	SET p_was_live = ROW_COUNT() > 0;
	IF p_was_live AND p_audit <> 'off' THEN
		CALL session_note(v_now, p_event, p_handle, p_detail);
	END IF;
END//
