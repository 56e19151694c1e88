# shellcheck shell=bash
#
# sweep.sh
#	Requests while ended sessions are removed.
#
# Requests come at a fixed rate, whatever happens to those before them, and
# wait from the moment when they come.  They commit asynchronously: by hand each
# of them writes, and the disk would be too slow for the rate without any sweep.
#
# Each way of sweeping removes as many ended sessions, added for it beforehand.
# A round is a stretch of that sweep; a sweep that is over before has fewer
# rounds.  Stretches without a sweep precede each way.

# How often the launcher looks, in seconds, unless a way says otherwise.  What is
# due counts as late after five times that.
SWEEP_INTERVAL=20

part_sweep()
{
	local table way ASYNC=1
	local -A idle=()
	table="Sweep: touch at 1,500 per second, $(thousands "$DUE") of $(thousands $((KEPT + DUE))) sessions due"

	make_database sweep "$KEPT" 500 covet hand connect_pg_simple
	DOCUMENT=$("$CLIENT" document 500 "$SEED")
	set_sweep_interval $SWEEP_INTERVAL
	for way in ${BENCH_SWEEPS:-worker hurried small_batches large_batches no_pause \
		delete prune}; do
		"sweep_$way" || return
	done
	set_sweep_interval DEFAULT
	drop_database sweep
}

sweep_worker()
{
	sweep_by_worker 'default pace' 1000
}

sweep_hurried()
{
	set_sweep_interval 1
	sweep_by_worker 'shorter pauses, as when it is late' 1000
	set_sweep_interval $SWEEP_INTERVAL
}

sweep_small_batches()
{
	sweep_by_worker 'batches of 100' 100
}

sweep_large_batches()
{
	sweep_by_worker 'batches of 10,000' 10000
}

sweep_no_pause()
{
	sweep_by_sql covet 'batches without a pause' 'DO $$
		BEGIN
			LOOP
				EXIT WHEN session_cleanup(1000) = 0;
				COMMIT;
			END LOOP;
		END $$'
}

sweep_delete()
{
	sweep_by_sql hand 'one DELETE' 'DELETE FROM hand.sessions WHERE expires_at < now()'
}

# set_sweep_interval SECONDS
set_sweep_interval()
{
	sql -d postgres -c "ALTER SYSTEM SET covet_sessions.cleanup_interval = $1" \
		-c 'SELECT pg_reload_conf()' >/dev/null
}

# What connect-pg-simple does each quarter of an hour.
sweep_prune()
{
	sweep_by_sql connect_pg_simple prune \
		'DELETE FROM connect_pg_simple.session WHERE expire < to_timestamp(extract(epoch FROM now()))'
}

# sweep_by_worker CASE ROWS: with this cleanup_batch.
sweep_by_worker()
{
	local before swept started try

	prepare_sweep covet "$1" || return
	sql -d sweep -c "ALTER SYSTEM SET covet_sessions.cleanup_batch = $2" \
		-c 'ALTER DATABASE sweep SET covet_sessions.cleanup_enabled = on' \
		-c 'SELECT pg_reload_conf()' >/dev/null || return
	# A session that ends soon tells the launcher when to look; it may have put
	# off the database while the sweep was disabled.
	sql -d sweep -c "SELECT session_set('soon-to-be-swept', '{}', '', 1)" >/dev/null
	before=$(swept)
	for try in {1..1000}; do
		! has_swept "$before" 0 || break
		[ "$try" -lt 1000 ] || give_up_engine "no sweep came" "$LOGS/bench.log"
		sleep 0.1
	done

	swept=$(swept) started=$EPOCHREALTIME
	requests_until "has_swept $before $((DUE - 1))" covet "$1"
	has_swept "$before" $((DUE - 1)) || result "$table" "$1" covet rows 1/s 1 \
		"$(quotient $(($(swept) - swept)) "$(seconds_since "$started")")"

	sql -d sweep -c 'ALTER DATABASE sweep RESET covet_sessions.cleanup_enabled'
	while worker_runs; do
		sleep 0.2
	done
	sql -d sweep -c 'ALTER SYSTEM RESET covet_sessions.cleanup_batch' \
		-c 'SELECT pg_reload_conf()' -c 'SELECT session_cleanup()' >/dev/null
}

# sweep_by_sql RIVAL CASE SQL
sweep_by_sql()
{
	local seconds pid

	prepare_sweep "$1" "$2" || return
	{
		TIMEFORMAT=%R
		time sql -d sweep -c "$3"
	} 2>"$PRIVATE/sweep_seconds" &
	pid=$!
	requests_until "has_ended $pid" "$1" "$2"
	wait "$pid" || give_up_engine "$2 failed" "$PRIVATE/sweep_seconds"
	seconds=$(tail -n 1 "$PRIVATE/sweep_seconds")
	rival "$1" sweep
	result "$table" "$2" "$LABEL" rows 1/s 1 "$(quotient "$DUE" "$seconds")"
}

#
# prepare_sweep RIVAL CASE
#
# Adds what the sweep will remove and vacuums the table, or autovacuum would come
# for the added rows in the middle of it; and measures requests without a sweep.
#
prepare_sweep()
{
	local rival=$1 round part parts pids=() pid
	parts=$(nproc)

	progress "$table: $2"
	for ((part = 0; part < parts; part++)); do
		sql -d sweep -v "due=$((DUE * (part + 1) / parts - DUE * part / parts))" \
			-v "document=$DOCUMENT" -v "$rival=$rival" \
			-f "$ROOT/bench/postgresql/sweep.sql" &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		wait "$pid" || return
	done
	sql -d sweep -c "VACUUM (ANALYZE) $(table_of "$rival")" -c CHECKPOINT &&
		used_lately sweep "$rival" || return
	for ((round = 1; round <= ROUNDS; round++)); do
		idle[$rival]=$((${idle[$rival]-0} + 1))
		requests 'no sweep' "$rival" "${idle[$rival]}"
	done
}

# requests_until COMMAND RIVAL CASE: rounds until the command succeeds.
requests_until()
{
	local round

	for ((round = 1; round <= ROUNDS; round++)); do
		! $1 || return 0
		requests "$3" "$2" "$round"
	done
}

# requests CASE RIVAL ROUND
requests()
{
	DURATION=$SWEEP_SECONDS measure_one "$table" "$1" sweep touch "$2" "$3" \
		-k "$FEW" -c 4 -r 1500 -w 0
}

# How many rows were swept since the server started.
swept()
{
	sql -d sweep -c 'SELECT swept FROM session_stats()'
}

# has_swept BEFORE NUMBER: more than so many since then?
has_swept()
{
	[ "$(swept)" -gt $(($1 + $2)) ]
}

# has_ended PID
has_ended()
{
	! kill -0 "$1" 2>/dev/null
}

worker_runs()
{
	[ "$(sql -d sweep -c "SELECT count(*) FROM pg_stat_activity
		WHERE application_name = 'covet_sessions worker'")" != 0 ]
}

quotient()
{
	awk -v a="$1" -v b="$2" 'BEGIN { printf "%.0f\n", a / b }'
}

# seconds_since TIME
seconds_since()
{
	awk -v from="$1" -v to="$EPOCHREALTIME" 'BEGIN { print to - from }'
}
