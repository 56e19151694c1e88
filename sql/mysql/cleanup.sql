/*
 * session_cleanup: the sweep's work.
 *
 * A row is due when its sweep_at has come.  That is never later than its end,
 * but may be earlier, because a use does not move it: what is due and lives is
 * given a new sweep_at, the rest is deleted.  A batch looks at no more rows than
 * it may delete, so that a sweep's work grows as what is due.  Rows are locked as they are
 * found, those that others hold are skipped, so that it waits for nobody, as
 * far as the servers remember SKIP LOCKED.  Both forget it in an UPDATE; MySQL
 * in a function, so that there the procedure does not use it; MariaDB when it
 * executes a DELETE for the second time, so that there a cursor finds the rows,
 * or in a function any statement, so that there each is executed once.  And in
 * a function MariaDB takes all that uses one alias for skipping if one does:
 * aliases that begin with "free" are for such a statement alone.
 */
@create@ FUNCTION session_cleanup(p_max_rows BIGINT)
RETURNS BIGINT
@writes@
COMMENT 'Deletes what has ended, oldest first, at most max_rows; how many.'
BEGIN
	DECLARE v_started DATETIME(6) DEFAULT covet_now();
	DECLARE v_total BIGINT;
	DECLARE v_has_more BOOLEAN;

	@guard@;
	@first@ CALL session_cleanup_rows(v_started, p_max_rows, NULL, v_total, v_has_more);
	@swept@;
	RETURN v_total;
END//

/* One batch, which MariaDB makes a transaction of: how many, or -1 minus that if there may be more. */
@create@ FUNCTION session_cleanup_batch(p_rows BIGINT)
RETURNS BIGINT
@writes@
BEGIN
	DECLARE v_deleted BIGINT;
	DECLARE v_has_more BOOLEAN;

	@first@ CALL session_cleanup_rows(covet_now(), p_rows, p_rows, v_deleted, v_has_more);
	RETURN IF(v_has_more, -1 - v_deleted, v_deleted);
END//

/* Each batch is a transaction of its own, unless the caller has one open. */
@create@ PROCEDURE session_cleanup(p_max_rows BIGINT)
@twin@
BEGIN
	DECLARE v_total BIGINT;
	DECLARE EXIT HANDLER FOR @read_only@ @fail:READ_ONLY@;

	CALL session_cleanup_batches(p_max_rows, v_total);
	SELECT v_total AS session_cleanup;
END//

@create@ PROCEDURE session_cleanup_batches(IN p_max_rows BIGINT, OUT p_total BIGINT)
MODIFIES SQL DATA SQL SECURITY DEFINER
BEGIN
	DECLARE v_started DATETIME(6) DEFAULT covet_now();
	DECLARE v_from DATETIME(6);
	DECLARE v_left BIGINT DEFAULT IFNULL(p_max_rows, 9223372036854775807);
	DECLARE v_rows, v_deleted BIGINT;
	DECLARE v_batch INT;
	DECLARE v_has_more BOOLEAN DEFAULT TRUE;

	@guard@;
	IF p_max_rows < 0 THEN @fail:MAX_ROWS_NEGATIVE@; END IF;
	SELECT cleanup_batch INTO v_batch FROM session_settings WHERE only_row = 1;
	SET p_total = 0;
	WHILE v_has_more DO
		SET v_from = covet_now(), v_rows = LEAST(v_left, v_batch);
		/*!80017 CALL session_cleanup_rows(covet_now(), v_rows, v_rows, v_deleted, v_has_more) */
		/*M!100000 SELECT session_cleanup_batch(v_rows) INTO v_deleted;
		SET v_has_more = v_deleted < 0, v_deleted = IF(v_deleted < 0, -1 - v_deleted, v_deleted) */;
		SET v_left = v_left - v_deleted, p_total = p_total + v_deleted;
		SET v_has_more = v_has_more AND v_left > 0;
		/* Requests come first: a pause is as long as what was before it. */
		IF v_has_more THEN
			DO SLEEP(TIMESTAMPDIFF(MICROSECOND, v_from, covet_now()) / 1000000);
		END IF;
	END WHILE;
	@swept@;
END//

/* Looks at p_window rows, the oldest; NULL: at all. */
@create@ PROCEDURE session_cleanup_rows(IN v_now DATETIME(6), IN p_max_rows BIGINT, IN p_window BIGINT,
	OUT p_deleted BIGINT, OUT p_has_more BOOLEAN)
MODIFIES SQL DATA SQL SECURITY DEFINER
BEGIN
	DECLARE v_rows BIGINT DEFAULT IFNULL(p_max_rows, 9223372036854775807);
	DECLARE v_seen, v_moved BIGINT;
	DECLARE v_upto DATETIME(6);
	DECLARE v_batch INT;
	DECLARE v_audit @word@;
	DECLARE v_is_safe BOOLEAN DEFAULT @@SESSION.sql_safe_updates;
	DECLARE EXIT HANDLER FOR SQLEXCEPTION
	BEGIN
		SET SESSION sql_safe_updates = v_is_safe;
		RESIGNAL;
	END;

	IF p_max_rows < 0 THEN @fail:MAX_ROWS_NEGATIVE@; END IF;
	SELECT cleanup_batch, audit INTO v_batch, v_audit
	FROM session_settings WHERE only_row = 1 @steady@;
	CALL session_prune_users(v_now, v_batch);
	CALL session_reschedule(v_now, p_window, v_seen, v_moved, v_upto);
	CALL session_cleanup_each(v_now, v_upto, /*!80017 IF(v_audit = 'all', v_rows, 0) */ /*M!100000 v_rows */,
		v_audit, p_deleted);
	/* It means rows that no key finds; these were found by one before. */
	SET SESSION sql_safe_updates = FALSE;
	/*!80017
	IF v_audit <> 'all' THEN
		DELETE s FROM (SELECT id AS due_id
			FROM sessions free FORCE INDEX (idx_sessions_sweep_at)
			WHERE sweep_at <= v_upto AND NOT (@live@)
			ORDER BY sweep_at LIMIT v_rows FOR UPDATE SKIP LOCKED) due
		STRAIGHT_JOIN sessions s ON s.id = due.due_id
		WHERE s.id = due.due_id;
		SET p_deleted = ROW_COUNT();
	END IF;
	*/
	SET p_has_more = v_seen = p_window AND v_moved + p_deleted > 0;
	CALL session_prune(v_now, v_batch);
	SET SESSION sql_safe_updates = v_is_safe;
	@count@ 'swept', p_deleted) @counted@;
END//

/*
 * Looks again, later, at what is due and lives, among the p_rows oldest that are
 * due, or all: how many rows there were, how many moved, and the sweep_at up to
 * which it has looked.
 */
@create@ PROCEDURE session_reschedule(IN v_now DATETIME(6), IN p_rows BIGINT,
	OUT p_seen BIGINT, OUT p_moved BIGINT, OUT p_upto DATETIME(6))
MODIFIES SQL DATA SQL SECURITY DEFINER
BEGIN
	DECLARE v_handle @handle@;
	DECLARE v_sweep_at, v_next_sweep DATETIME(6);
	DECLARE v_is_live BOOLEAN;
	DECLARE v_limit BIGINT DEFAULT IFNULL(p_rows, 9223372036854775807);
	DECLARE v_is_done BOOLEAN DEFAULT FALSE;
	DECLARE due CURSOR FOR
		SELECT id, sweep_at, @valid_until@, @live@ FROM sessions free_alive FORCE INDEX (idx_sessions_sweep_at)
		WHERE sweep_at <= v_now AND (p_rows IS NOT NULL OR @live@)
		ORDER BY sweep_at LIMIT v_limit FOR UPDATE SKIP LOCKED;
	DECLARE CONTINUE HANDLER FOR NOT FOUND SET v_is_done = TRUE;

	SET p_seen = 0, p_moved = 0;
	OPEN due;
	FETCH due INTO v_handle, v_sweep_at, v_next_sweep, v_is_live;
	WHILE NOT v_is_done DO
		SET p_seen = p_seen + 1;
		IF v_is_live THEN
			/* Where the cursor's locks are gone already, it may have changed. */
			UPDATE sessions SET sweep_at = v_next_sweep WHERE id = v_handle AND @live@;
			SET p_moved = p_moved + ROW_COUNT();
		END IF;
		FETCH due INTO v_handle, v_sweep_at, v_next_sweep, v_is_live;
	END WHILE;
	CLOSE due;
	SET p_upto = IF(p_seen = p_rows, v_sweep_at, v_now);
END//

/* Deletes one by one, with an event for each that was not revoked before. */
@create@ PROCEDURE session_cleanup_each(IN v_now DATETIME(6), IN p_upto DATETIME(6), IN p_rows BIGINT, IN p_audit @word@,
	OUT p_deleted INT)
MODIFIES SQL DATA SQL SECURITY DEFINER
BEGIN
	DECLARE v_handle @handle@;
	DECLARE v_is_active BOOLEAN;
	DECLARE v_is_done BOOLEAN DEFAULT FALSE;
	DECLARE due CURSOR FOR
		SELECT id, is_active FROM sessions free_due FORCE INDEX (idx_sessions_sweep_at)
		WHERE sweep_at <= p_upto AND NOT (@live@)
		ORDER BY sweep_at LIMIT p_rows FOR UPDATE SKIP LOCKED;
	DECLARE CONTINUE HANDLER FOR NOT FOUND SET v_is_done = TRUE;

	SET p_deleted = 0;
	OPEN due;
	FETCH due INTO v_handle, v_is_active;
	WHILE NOT v_is_done DO
		IF v_is_active AND p_audit = 'all' THEN
			CALL session_note(v_now, 'expired', v_handle, NULL);
		END IF;
		DELETE FROM sessions WHERE id = v_handle AND sweep_at <= v_now AND NOT (@live@);
		SET p_deleted = p_deleted + ROW_COUNT();
		FETCH due INTO v_handle, v_is_active;
	END WHILE;
	CLOSE due;
END//

/* Removes what is too old of events and new sessions; nobody holds what is that old. */
@create@ PROCEDURE session_prune(IN v_now DATETIME(6), IN p_rows INT)
MODIFIES SQL DATA SQL SECURITY DEFINER
BEGIN
	DECLARE v_retention, v_count INT;

	SELECT audit_retention INTO v_retention FROM session_settings WHERE only_row = 1 @steady@;
	SET v_count = IF(v_retention > 0, p_rows, 0);
	WHILE v_count = p_rows DO
		DELETE FROM session_events WHERE at < v_now - INTERVAL v_retention SECOND
		ORDER BY at LIMIT p_rows;
		SET v_count = ROW_COUNT();
	END WHILE;
	SET v_count = p_rows;
	WHILE v_count = p_rows DO
		DELETE FROM session_creations WHERE at < v_now - INTERVAL 1 HOUR
		ORDER BY at LIMIT p_rows;
		SET v_count = ROW_COUNT();
	END WHILE;
END//

/*
 * Removes users who have not logged in for a day, as a login locks them: before
 * any session.  Found with locks, as a snapshot would be one for all that follows.
 */
@create@ PROCEDURE session_prune_users(IN v_now DATETIME(6), IN p_rows INT)
MODIFIES SQL DATA SQL SECURITY DEFINER
BEGIN
	DECLARE v_user_id @owner@;
	DECLARE v_is_done BOOLEAN DEFAULT FALSE;
	DECLARE old CURSOR FOR
		SELECT user_id FROM session_users free_old FORCE INDEX (idx_session_users_changed_at)
		WHERE changed_at < v_now - INTERVAL 1 DAY
		ORDER BY changed_at LIMIT p_rows FOR UPDATE SKIP LOCKED;
	DECLARE CONTINUE HANDLER FOR NOT FOUND SET v_is_done = TRUE;

	OPEN old;
	FETCH old INTO v_user_id;
	WHILE NOT v_is_done DO
		DELETE FROM session_users
		WHERE user_id = v_user_id AND changed_at < v_now - INTERVAL 1 DAY;
		FETCH old INTO v_user_id;
	END WHILE;
	CLOSE old;
END//
