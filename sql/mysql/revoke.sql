/*
 * session_revoke, session_revoke_handle, session_revoke_user: logout.
 *
 * All leave tombstones.
 */
@create@ FUNCTION session_revoke(p_id LONGBLOB)
RETURNS BOOLEAN
@writes@
COMMENT 'Logout: ends a session and leaves a tombstone; whether it was live.'
BEGIN
	DECLARE v_handle @handle@ DEFAULT covet_handle(p_id);
	DECLARE v_was_live BOOLEAN;

	@guard@;
	IF v_handle IS NULL THEN
		IF p_id IS NOT NULL THEN @count@ 'invalid_ids') @counted@; END IF;
		RETURN FALSE;
	END IF;
	CALL session_revoke_one(v_handle, NULL, FALSE, v_was_live);
	RETURN v_was_live;
END//

@create@ FUNCTION session_revoke_handle(p_user_id @text@, p_handle @text@)
RETURNS BOOLEAN
@writes@
COMMENT 'Revokes the session of a handle if it is that user''s; whether it was live.'
BEGIN
	DECLARE v_was_live BOOLEAN;

	@guard@;
	@known_user@;
	IF p_handle IS NULL THEN @fail:HANDLE_NULL@; END IF;
	IF CHAR_LENGTH(p_handle) <> 43 THEN RETURN FALSE; END IF;
	CALL session_revoke_one(p_handle, p_user_id, FALSE, v_was_live);
	RETURN v_was_live;
END//

/*
 * Revokes a session, of the user unless NULL.  If it has been rotated since it
 * was found, and is to be followed, it goes by another handle.
 */
@create@ PROCEDURE session_revoke_one(IN p_handle @handle@, IN p_user_id @owner@, IN p_follow BOOLEAN,
	OUT p_was_live BOOLEAN)
MODIFIES SQL DATA SQL SECURITY DEFINER
BEGIN
	DECLARE v_handle @handle@ DEFAULT p_handle;
	DECLARE v_next @handle@;
	DECLARE v_retention INT;
	DECLARE v_audit @word@;
	DECLARE CONTINUE HANDLER FOR NOT FOUND BEGIN END;

	@first@ SELECT tombstone_retention, audit INTO v_retention, v_audit
	FROM session_settings WHERE only_row = 1 @steady@;
	SET p_was_live = FALSE;
	WHILE v_handle IS NOT NULL AND NOT p_was_live DO
		CALL session_end(v_handle, p_user_id, 'revoke', NULL, covet_now(), v_retention, v_audit, p_was_live);
		IF NOT p_was_live THEN
			SET v_next = NULL;
			IF p_follow THEN
				/* A change, for the snapshot may have it as it was before. */
				@latest@ UPDATE sessions SET version = version + 1
				WHERE id = v_handle AND rotated_to IS NOT NULL;
				SELECT rotated_to INTO v_next FROM sessions WHERE id = v_handle;
			END IF;
			SET v_handle = v_next;
		END IF;
	END WHILE;
	IF p_was_live THEN @count@ 'revocations') @counted@; END IF;
END//

/*
 * The sessions are found without a lock and then ended one by one, by their
 * keys and in their order: a lock on all that the user has would meet, the
 * other way round, with that of a session that is about to be his.
 */
@create@ FUNCTION session_revoke_user(p_user_id @text@, p_except_id LONGBLOB)
RETURNS INT
@writes@
COMMENT 'Revokes all sessions of a user but the one with the token except_id; how many were live.'
BEGIN
	DECLARE v_except @handle@ DEFAULT covet_handle(p_except_id);
	DECLARE v_max_sessions, v_rate INT;
	DECLARE v_count INT;

	@guard@;
	@known_user@;
	IF v_except IS NULL AND p_except_id IS NOT NULL THEN @count@ 'invalid_ids') @counted@; END IF;
	@first@ SELECT max_sessions_per_user, create_rate_limit INTO v_max_sessions, v_rate
	FROM session_settings WHERE only_row = 1 @steady@;
	IF v_max_sessions > 0 OR v_rate > 0 THEN
		@first@ CALL session_hold_user(p_user_id);
	END IF;
	CALL session_revoke_found(p_user_id, v_except, v_count);
	RETURN v_count;
END//

@create@ PROCEDURE session_revoke_found(IN p_user_id @owner@, IN p_except @handle@, OUT p_count INT)
MODIFIES SQL DATA SQL SECURITY DEFINER
BEGIN
	DECLARE v_handle @handle@;
	DECLARE v_now DATETIME(6) DEFAULT covet_now();
	DECLARE v_was_live BOOLEAN;
	DECLARE v_is_done BOOLEAN DEFAULT FALSE;
	DECLARE found CURSOR FOR
		SELECT id FROM @of_user@ AND NOT id <=> p_except AND @live@
		ORDER BY id LIMIT 18446744073709551615;
	DECLARE CONTINUE HANDLER FOR NOT FOUND SET v_is_done = TRUE;

	SET p_count = 0;
	OPEN found;
	FETCH found INTO v_handle;
	WHILE NOT v_is_done DO
		CALL session_revoke_one(v_handle, p_user_id, TRUE, v_was_live);
		SET p_count = p_count + v_was_live;
		FETCH found INTO v_handle;
	END WHILE;
	CLOSE found;
END//

@create@ PROCEDURE session_revoke(p_id LONGBLOB)
@twin@
BEGIN
	DECLARE EXIT HANDLER FOR @read_only@ @fail:READ_ONLY@;
	SELECT session_revoke(p_id) AS session_revoke;
END//

@create@ PROCEDURE session_revoke_handle(p_user_id @text@, p_handle @text@)
@twin@
BEGIN
	DECLARE EXIT HANDLER FOR @read_only@ @fail:READ_ONLY@;
	SELECT session_revoke_handle(p_user_id, p_handle) AS session_revoke_handle;
END//

@create@ PROCEDURE session_revoke_user(p_user_id @text@, p_except_id LONGBLOB)
@twin@
BEGIN
	DECLARE EXIT HANDLER FOR @read_only@ @fail:READ_ONLY@;
	SELECT session_revoke_user(p_user_id, p_except_id) AS session_revoke_user;
END//
