/*
 * session_verify: session_touch for the client that the session is bound to,
 * and for nobody else.
 */
@create@ FUNCTION session_verify(p_id LONGBLOB, p_ip @text@, p_user_agent @text@)
RETURNS @json@
@writes@
COMMENT 'As session_touch, for the client that the session was created with.'
BEGIN
	DECLARE v_handle @handle@ DEFAULT covet_handle(p_id);
	DECLARE v_data @json@;
	DECLARE v_now DATETIME(6) DEFAULT covet_now();
	DECLARE v_is_active, v_is_alive, v_is_due, v_is_recorded, v_was_live BOOLEAN;
	DECLARE v_owner @owner@;
	DECLARE v_bound_ip, v_bound_user_agent @text@;
	DECLARE v_bind_ip, v_bind_user_agent, v_on_mismatch, v_audit @word@;
	DECLARE v_retention INT;
	DECLARE v_mismatch @word@;
	DECLARE CONTINUE HANDLER FOR NOT FOUND BEGIN END;

	@guard@;
	IF NOT covet_ip_valid(p_ip) THEN @fail:IP_INVALID@; END IF;
	/* An empty text is what was bound where nothing was known at first. */
	SELECT data, is_active, @alive@, @touch_due@, user_id,
		NULLIF(IFNULL(bound_ip, ip_address), ''), NULLIF(IFNULL(bound_user_agent, user_agent), '')
	INTO v_data, v_is_active, v_is_alive, v_is_due, v_owner, v_bound_ip, v_bound_user_agent
	FROM sessions WHERE id = v_handle;
	IF NOT (v_is_active AND v_is_alive) OR v_is_active IS NULL THEN
		@count@ @missed@) @counted@;
		RETURN NULL;
	END IF;

	SELECT bind_ip, bind_user_agent, on_mismatch, audit, tombstone_retention
	INTO v_bind_ip, v_bind_user_agent, v_on_mismatch, v_audit, v_retention
	FROM session_settings WHERE only_row = 1;
	IF NOT covet_ip_match(v_bound_ip, p_ip, v_bind_ip) THEN
		SET v_mismatch = 'ip';
	ELSEIF NOT covet_user_agent_match(v_bound_user_agent, p_user_agent, v_bind_user_agent) THEN
		SET v_mismatch = 'user_agent';
	END IF;

	IF v_mismatch IS NOT NULL THEN
		@count@ 'gets hits rejected') @counted@;
		IF v_audit <> 'off' THEN
			CALL session_note_client(v_now, 'mismatch', v_handle, v_owner, p_ip, p_user_agent, v_mismatch);
		END IF;
		IF v_on_mismatch = 'revoke' THEN
			CALL session_end(v_handle, NULL, 'revoke', 'mismatch', v_now, v_retention, v_audit, v_was_live);
			IF v_was_live THEN @count@ 'revocations') @counted@; END IF;
		END IF;
		RETURN NULL;
	END IF;
	IF v_is_due THEN
		@record_use@;
	END IF;
	@count@ IF(v_is_recorded, 'gets hits touches', 'gets hits touches_skipped')) @counted@;
	RETURN v_data;
END//

/* On a server that cannot write a mismatch is answered, but not noted. */
@create@ PROCEDURE session_verify(p_id LONGBLOB, p_ip @text@, p_user_agent @text@)
@twin@
BEGIN
	DECLARE v_data @json@;
	DECLARE EXIT HANDLER FOR @read_only@
	SELECT CASE WHEN covet_ip_match(NULLIF(IFNULL(s.bound_ip, s.ip_address), ''), p_ip, t.bind_ip)
			AND covet_user_agent_match(NULLIF(IFNULL(s.bound_user_agent, s.user_agent), ''), p_user_agent, t.bind_user_agent)
		THEN session_get(p_id) END AS session_verify
	FROM session_settings t LEFT JOIN sessions s ON s.id = CONVERT(covet_handle(p_id) USING utf8mb4) COLLATE @exact@
	WHERE t.only_row = 1;
	SELECT session_verify(p_id, p_ip, p_user_agent) AS session_verify;
END//
