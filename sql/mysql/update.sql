/*
 * session_update: replace the data of a live session, if it is still what the
 * caller has seen.
 */
@create@ FUNCTION session_update(p_id LONGBLOB, p_data @text@, p_version BIGINT)
RETURNS BIGINT
@writes@
COMMENT 'Changes a live session: the new version, 0 if the given one did not match, NULL if it is not live.'
BEGIN
	DECLARE v_handle @handle@ DEFAULT covet_handle(p_id);
	DECLARE v_text @text@ DEFAULT covet_json(p_data);
	DECLARE v_data @json@;
	DECLARE v_now DATETIME(6) DEFAULT covet_now();
	DECLARE v_is_changed BOOLEAN;
	DECLARE v_version BIGINT;
	DECLARE v_max_size INT;
	DECLARE v_audit @word@;
	DECLARE EXIT HANDLER FOR NOT FOUND RETURN NULL;

	@guard@;
	@known_id@;
	IF v_text IS NULL THEN
		IF p_data IS NULL THEN @fail:DATA_NULL@; END IF;
		CALL session_refuse_json(p_data);
	END IF;
	@first@ SELECT max_data_size, audit INTO v_max_size, v_audit
	FROM session_settings WHERE only_row = 1 @steady@;
	SET v_data = v_text;
	IF @json_size@(v_data) > v_max_size THEN @fail:DATA_TOO_LARGE@; END IF;

	IF v_handle IS NULL THEN RETURN NULL; END IF;
	@first@ UPDATE sessions
	SET data = v_data, version = version + 1, last_accessed_at = GREATEST(last_accessed_at, v_now)
	WHERE id = v_handle AND @live@ AND (p_version IS NULL OR version = p_version);
	SET v_is_changed = ROW_COUNT() > 0;
	SELECT version INTO v_version FROM sessions WHERE id = v_handle AND @live@;
	IF NOT v_is_changed THEN
		@count@ 'conflicts') @counted@;
		RETURN 0;
	END IF;
	IF v_audit = 'all' THEN
		CALL session_note(v_now, 'update', v_handle, NULL);
	END IF;
	@count@ 'updates') @counted@;
	RETURN v_version;
END//

@create@ PROCEDURE session_update(p_id LONGBLOB, p_data @text@, p_version BIGINT)
@twin@
BEGIN
	DECLARE EXIT HANDLER FOR @read_only@ @fail:READ_ONLY@;
	SELECT session_update(p_id, p_data, p_version) AS session_update;
END//
