/*
 * session_stats: what has happened since the server was started.
 */
@create@ PROCEDURE session_stats()
@reads@
COMMENT 'Counters since the server was started, in one row.'
BEGIN
	DECLARE v_now DATETIME(6) DEFAULT covet_now();

	SELECT @counter@ 'gets') AS gets,
		@counter@ 'hits') AS hits,
		@counter@ 'misses') AS misses,
		@counter@ 'expired_reads') AS expired_reads,
		@counter@ 'rejected') AS rejected,
		@counter@ 'invalid_ids') AS invalid_ids,
		@counter@ 'touches') AS touches,
		@counter@ 'touches_skipped') AS touches_skipped,
		@counter@ 'creates') AS creates,
		@counter@ 'sets') AS sets,
		@counter@ 'updates') AS updates,
		@counter@ 'conflicts') AS conflicts,
		@counter@ 'refused_revoked') AS refused_revoked,
		@counter@ 'rotations') AS rotations,
		@counter@ 'deletes') AS deletes,
		@counter@ 'revocations') AS revocations,
		@counter@ 'evictions') AS evictions,
		@counter@ 'sweeps') AS sweeps,
		@counter@ 'swept') AS swept,
		CAST(@noted@ 'last_sweep_at') USING utf8mb4) AS DATETIME(6)) AS last_sweep_at,
		CAST(@noted@ 'last_sweep_ms') USING utf8mb4) AS SIGNED) AS last_sweep_ms,
		@noted@ 'last_error') USING utf8mb4) AS last_error,
		@oldest_unswept@ AS oldest_unswept;
END//

@create@ FUNCTION session_stats()
RETURNS @json@
@reads@
COMMENT 'Counters since the server was started, as a JSON object.'
BEGIN
	DECLARE v_now DATETIME(6) DEFAULT covet_now();

	RETURN (SELECT JSON_OBJECT('gets', @counter@ 'gets') + 0,
		'hits', @counter@ 'hits') + 0,
		'misses', @counter@ 'misses') + 0,
		'expired_reads', @counter@ 'expired_reads') + 0,
		'rejected', @counter@ 'rejected') + 0,
		'invalid_ids', @counter@ 'invalid_ids') + 0,
		'touches', @counter@ 'touches') + 0,
		'touches_skipped', @counter@ 'touches_skipped') + 0,
		'creates', @counter@ 'creates') + 0,
		'sets', @counter@ 'sets') + 0,
		'updates', @counter@ 'updates') + 0,
		'conflicts', @counter@ 'conflicts') + 0,
		'refused_revoked', @counter@ 'refused_revoked') + 0,
		'rotations', @counter@ 'rotations') + 0,
		'deletes', @counter@ 'deletes') + 0,
		'revocations', @counter@ 'revocations') + 0,
		'evictions', @counter@ 'evictions') + 0,
		'sweeps', @counter@ 'sweeps') + 0,
		'swept', @counter@ 'swept') + 0,
		'last_sweep_at', @noted@ 'last_sweep_at') USING utf8mb4),
		'last_sweep_ms', CAST(@noted@ 'last_sweep_ms') USING utf8mb4) AS SIGNED),
		'last_error', @noted@ 'last_error') USING utf8mb4),
		'oldest_unswept', @oldest_unswept@));
END//

@create@ FUNCTION session_stats_reset()
RETURNS BOOLEAN
@reads@
COMMENT 'Sets the counters to zero.'
BEGIN
	RETURN covet_counters_reset(@counter_key@);
END//

@create@ PROCEDURE session_stats_reset()
@reads@
BEGIN
	SELECT session_stats_reset() AS session_stats_reset;
END//
