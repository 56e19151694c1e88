/*
 * session_cleanup: the sweep's work.
 *
 * A row is due when its sweep_at has come.  That is never later than its end,
 * but may be earlier, because a use does not move it: what is due and lives is
 * given a new sweep_at, the rest is deleted.  Rows are locked as they are
 * found, those that others hold are skipped, so that it waits for nobody; the
 * joins are straight, so that no other rows are looked at.
 */
@create@ FUNCTION session_cleanup(p_max_rows BIGINT)
RETURNS BIGINT
@writes@
COMMENT 'Deletes what has ended, oldest first, at most max_rows; how many.'
BEGIN
	DECLARE v_started DATETIME(6) DEFAULT covet_now();
	DECLARE v_left BIGINT DEFAULT IFNULL(p_max_rows, 9223372036854775807);
	DECLARE v_total BIGINT DEFAULT 0;
	DECLARE v_deleted, v_batch, v_rows INT;
	DECLARE v_has_more BOOLEAN DEFAULT TRUE;
	DECLARE v_is_safe BOOLEAN DEFAULT @@SESSION.sql_safe_updates;
	DECLARE EXIT HANDLER FOR SQLEXCEPTION
	BEGIN
		SET SESSION sql_safe_updates = v_is_safe;
		RESIGNAL;
	END;

	@guard@;
	IF p_max_rows < 0 THEN @fail:MAX_ROWS_NEGATIVE@; END IF;
	SELECT cleanup_batch INTO v_batch FROM session_settings WHERE only_row = 1 @steady@;
	/* It means rows that are not found by a key; these were, in the table before. */
	SET SESSION sql_safe_updates = FALSE;
	WHILE v_has_more DO
		SET v_rows = LEAST(v_left, v_batch);
		CALL session_cleanup_batch(v_started, v_rows, v_deleted);
		SET v_left = v_left - v_deleted, v_total = v_total + v_deleted;
		SET v_has_more = v_deleted > 0 AND v_deleted = v_rows AND v_left > 0;
	END WHILE;
	CALL session_prune(v_started, v_batch);
	SET SESSION sql_safe_updates = v_is_safe;
	DO covet_note(@counter_key@, 'last_sweep_at', covet_now());
	DO covet_note(@counter_key@, 'last_sweep_ms', TIMESTAMPDIFF(MICROSECOND, v_started, covet_now()) DIV 1000);
	DO covet_note(@counter_key@, 'last_error', NULL);
	@count@ 'sweeps');
	RETURN v_total;
END//

@create@ PROCEDURE session_cleanup_batch(IN v_now DATETIME(6), IN p_rows INT, OUT p_deleted INT)
MODIFIES SQL DATA SQL SECURITY DEFINER
BEGIN
	DECLARE v_audit @word@;

	SET p_deleted = 0;
	SELECT audit INTO v_audit FROM session_settings WHERE only_row = 1 @steady@;
	UPDATE (SELECT id AS due_id, @valid_until@ AS next_sweep FROM sessions FORCE INDEX (idx_sessions_sweep_at)
		WHERE sweep_at <= v_now AND @live@
		ORDER BY sweep_at LIMIT p_rows FOR UPDATE SKIP LOCKED) due
	STRAIGHT_JOIN sessions s ON s.id = due.due_id
	SET s.sweep_at = due.next_sweep WHERE s.id = due.due_id;
	IF v_audit = 'all' THEN
		CALL session_cleanup_noted(v_now, p_rows, p_deleted);
	ELSEIF p_rows > 0 THEN
		DELETE s FROM (
			SELECT id AS due_id FROM sessions FORCE INDEX (idx_sessions_sweep_at)
			WHERE sweep_at <= v_now AND NOT (@live@)
			ORDER BY sweep_at LIMIT p_rows FOR UPDATE SKIP LOCKED) due
		STRAIGHT_JOIN sessions s ON s.id = due.due_id
		WHERE s.id = due.due_id;
		SET p_deleted = ROW_COUNT();
	END IF;
	IF p_deleted > 0 THEN
		@count@ 'swept', p_deleted);
	END IF;
END//

/* The same with an event for each that was not revoked before. */
@create@ PROCEDURE session_cleanup_noted(IN v_now DATETIME(6), IN p_rows INT, OUT p_deleted INT)
MODIFIES SQL DATA SQL SECURITY DEFINER
BEGIN
	DECLARE v_handle @handle@;
	DECLARE v_is_active BOOLEAN;
	DECLARE v_is_done BOOLEAN DEFAULT FALSE;
	DECLARE due CURSOR FOR
		SELECT id, is_active FROM sessions FORCE INDEX (idx_sessions_sweep_at)
		WHERE sweep_at <= v_now AND NOT (@live@)
		ORDER BY sweep_at LIMIT p_rows FOR UPDATE SKIP LOCKED;
	DECLARE CONTINUE HANDLER FOR NOT FOUND SET v_is_done = TRUE;

	SET p_deleted = 0;
	OPEN due;
	FETCH due INTO v_handle, v_is_active;
	WHILE NOT v_is_done DO
		IF v_is_active THEN
			CALL session_note(v_now, 'expired', v_handle, NULL);
		END IF;
		DELETE FROM sessions WHERE id = v_handle;
		SET p_deleted = p_deleted + 1;
		FETCH due INTO v_handle, v_is_active;
	END WHILE;
	CLOSE due;
END//

/* Removes what is too old of events, new sessions and users to lock. */
@create@ PROCEDURE session_prune(IN v_now DATETIME(6), IN p_rows INT)
MODIFIES SQL DATA SQL SECURITY DEFINER
BEGIN
	DECLARE v_retention, v_count INT;

	SELECT audit_retention INTO v_retention FROM session_settings WHERE only_row = 1 @steady@;
	SET v_count = IF(v_retention > 0, p_rows, 0);
	WHILE v_count = p_rows DO
		DELETE e FROM (
			SELECT event_id AS old_id FROM session_events FORCE INDEX (idx_session_events_at)
			WHERE at < v_now - INTERVAL v_retention SECOND
			ORDER BY at LIMIT p_rows FOR UPDATE SKIP LOCKED) old
		STRAIGHT_JOIN session_events e ON e.event_id = old.old_id
		WHERE e.event_id = old.old_id;
		SET v_count = ROW_COUNT();
	END WHILE;
	SET v_count = p_rows;
	WHILE v_count = p_rows DO
		DELETE c FROM (
			SELECT creation_id AS old_id FROM session_creations FORCE INDEX (idx_session_creations_at)
			WHERE at < v_now - INTERVAL 60 SECOND
			ORDER BY at LIMIT p_rows FOR UPDATE SKIP LOCKED) old
		STRAIGHT_JOIN session_creations c ON c.creation_id = old.old_id
		WHERE c.creation_id = old.old_id;
		SET v_count = ROW_COUNT();
	END WHILE;
	SET v_count = p_rows;
	WHILE v_count = p_rows DO
		DELETE u FROM (
			SELECT user_id AS old_id FROM session_users FORCE INDEX (idx_session_users_changed_at)
			WHERE changed_at < v_now - INTERVAL 1 DAY
			ORDER BY changed_at LIMIT p_rows FOR UPDATE SKIP LOCKED) old
		STRAIGHT_JOIN session_users u ON u.user_id = old.old_id
		WHERE u.user_id = old.old_id;
		SET v_count = ROW_COUNT();
	END WHILE;
END//

/* Each batch is a transaction of its own, unless the caller has one open. */
@create@ PROCEDURE session_cleanup(p_max_rows BIGINT)
@twin@
BEGIN
	DECLARE v_left BIGINT DEFAULT IFNULL(p_max_rows, 9223372036854775807);
	DECLARE v_total BIGINT DEFAULT 0;
	DECLARE v_deleted, v_batch, v_rows BIGINT;
	DECLARE v_has_more BOOLEAN DEFAULT TRUE;
	DECLARE EXIT HANDLER FOR @read_only@ @fail:READ_ONLY@;

	IF p_max_rows < 0 THEN @fail:MAX_ROWS_NEGATIVE@; END IF;
	SELECT cleanup_batch INTO v_batch FROM session_settings WHERE only_row = 1;
	WHILE v_has_more DO
		SET v_rows = LEAST(v_left, v_batch);
		SELECT session_cleanup(v_rows) INTO v_deleted;
		SET v_left = v_left - v_deleted, v_total = v_total + v_deleted;
		SET v_has_more = v_deleted > 0 AND v_deleted = v_rows AND v_left > 0;
	END WHILE;
	SELECT v_total AS session_cleanup;
END//
