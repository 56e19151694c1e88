/*
 * session_patch: merge into the data of a live session (RFC 7396).
 */
@create@ FUNCTION session_patch(p_id LONGBLOB, p_patch @text@)
RETURNS BIGINT
@writes@
COMMENT 'Merges into the data of a live session: the new version, NULL if it is not live.'
BEGIN
	DECLARE v_handle @handle@ DEFAULT covet_handle(p_id);
	DECLARE v_text @text@ DEFAULT covet_json(p_patch);
	DECLARE v_data @json@;
	DECLARE v_now DATETIME(6) DEFAULT covet_now();
	DECLARE v_version BIGINT;
	DECLARE v_max_size INT;
	DECLARE v_audit @word@;
	DECLARE EXIT HANDLER FOR NOT FOUND RETURN NULL;

	@guard@;
	@known_id@;
	IF v_text IS NULL THEN
		IF p_patch IS NULL THEN @fail:PATCH_NULL@; END IF;
		CALL session_refuse_json(p_patch);
	END IF;
	@first@ SELECT max_data_size, audit INTO v_max_size, v_audit
	FROM session_settings WHERE only_row = 1 @steady@;
	SET v_data = v_text;
	IF @json_size@(v_data) > v_max_size THEN @fail:DATA_TOO_LARGE@; END IF;
	IF LEFT(v_text, 1) <> '{' THEN @fail:PATCH_NOT_OBJECT@; END IF;

	IF v_handle IS NULL THEN RETURN NULL; END IF;
	@first@ UPDATE sessions
	SET version = version + 1, last_accessed_at = GREATEST(last_accessed_at, v_now)
	WHERE id = v_handle AND @live@;
	IF ROW_COUNT() = 0 THEN RETURN NULL; END IF;
	SELECT version, data INTO v_version, v_data FROM sessions WHERE id = v_handle;
	SET v_text = covet_json_patch(v_data, v_text);
	IF v_text IS NULL THEN @fail:DATA_NOT_OBJECT@; END IF;
	SET v_data = v_text;
	IF @json_size@(v_data) > v_max_size THEN @fail:DATA_TOO_LARGE@; END IF;
	UPDATE sessions SET data = v_data WHERE id = v_handle;
	IF v_audit = 'all' THEN
		CALL session_note(v_now, 'patch', v_handle, NULL);
	END IF;
	@count@ 'updates') @counted@;
	RETURN v_version;
END//

@create@ PROCEDURE session_patch(p_id LONGBLOB, p_patch @text@)
@twin@
BEGIN
	DECLARE EXIT HANDLER FOR @read_only@ @fail:READ_ONLY@;
	SELECT session_patch(p_id, p_patch) AS session_patch;
END//
