/*
 * session_version, session_digest.
 */
@create@ FUNCTION session_version()
RETURNS VARCHAR(255) CHARACTER SET utf8mb4 COLLATE @exact@
@reads@
COMMENT 'The version of the library.'
BEGIN
	RETURN covet_version();
END//

@create@ FUNCTION session_digest(p_id LONGBLOB)
RETURNS VARCHAR(255) CHARACTER SET utf8mb4 COLLATE @exact@
DETERMINISTIC READS SQL DATA SQL SECURITY DEFINER
COMMENT 'The handle of a token.'
BEGIN
	DECLARE v_handle @handle@ DEFAULT covet_handle(p_id);

	IF v_handle IS NULL THEN
		IF p_id IS NULL THEN @fail:ID_NULL@; END IF;
		@count@ 'invalid_ids') @counted@;
		@fail:ID_INVALID@;
	END IF;
	RETURN v_handle;
END//
