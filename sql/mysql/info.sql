/*
 * session_info, session_list: all that is known of live sessions.  The
 * functions return JSON text, which may nest deeper than what the servers take
 * as JSON; the procedures return rows.
 */
@create@ FUNCTION session_info(p_id LONGBLOB)
RETURNS @text@
@reads@
COMMENT 'A live session as a JSON object, otherwise NULL.'
BEGIN
	DECLARE v_handle @handle@ DEFAULT covet_handle(p_id);
	DECLARE v_json @text@;
	DECLARE v_now DATETIME(6) DEFAULT covet_now();
	DECLARE v_is_active, v_is_alive BOOLEAN;
	DECLARE CONTINUE HANDLER FOR NOT FOUND BEGIN END;

	SELECT @as_json@, is_active, @alive@ INTO v_json, v_is_active, v_is_alive
	FROM sessions WHERE id = v_handle;
	IF v_is_active AND v_is_alive THEN
		@count@ 'gets hits') @counted@;
		RETURN v_json;
	END IF;
	@count@ @missed@) @counted@;
	RETURN NULL;
END//

@create@ FUNCTION session_list(p_user_id @text@)
RETURNS @text@
@reads@
COMMENT 'A user''s live sessions as a JSON array, latest use first.'
BEGIN
	DECLARE v_json, v_all @text@ DEFAULT '';
	DECLARE v_now DATETIME(6) DEFAULT covet_now();
	DECLARE v_is_done BOOLEAN DEFAULT FALSE;
	DECLARE found CURSOR FOR
		SELECT @as_json@ FROM @of_user@ AND @live@
		ORDER BY last_accessed_at DESC, id LIMIT 18446744073709551615;
	DECLARE CONTINUE HANDLER FOR NOT FOUND SET v_is_done = TRUE;

	@known_user@;
	OPEN found;
	FETCH found INTO v_json;
	WHILE NOT v_is_done DO
		SET v_all = CONCAT(v_all, IF(v_all = '', '', ', '), v_json);
		FETCH found INTO v_json;
	END WHILE;
	CLOSE found;
	IF v_all IS NULL THEN @fail:DATA_TOO_LARGE@; END IF;
	RETURN CONCAT('[', v_all, ']');
END//

@create@ PROCEDURE session_info(p_id LONGBLOB)
@reads@
BEGIN
	DECLARE v_handle @handle@ DEFAULT covet_handle(p_id);
	DECLARE v_now DATETIME(6) DEFAULT covet_now();
	DECLARE v_is_active, v_is_alive BOOLEAN;
	DECLARE CONTINUE HANDLER FOR NOT FOUND BEGIN END;

	SELECT is_active, @alive@ INTO v_is_active, v_is_alive FROM sessions WHERE id = v_handle;
	@count@ IF(v_is_active AND v_is_alive, 'gets hits', @missed@)) @counted@;
	SELECT @columns@ FROM sessions WHERE id = v_handle AND @live@;
END//

@create@ PROCEDURE session_list(p_user_id @text@)
@reads@
BEGIN
	DECLARE v_now DATETIME(6) DEFAULT covet_now();

	@known_user@;
	SELECT @columns@ FROM @of_user@ AND @live@
	ORDER BY last_accessed_at DESC, id LIMIT 18446744073709551615;
END//
