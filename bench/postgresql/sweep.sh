# shellcheck shell=bash
#
# sweep.sh
#	Requests while ended sessions are removed.
#
# Requests come at a fixed rate, whatever happens to those before them, and
# wait from the moment when they come.  They commit asynchronously: by hand each
# of them writes, and the disk would be too slow for the rate without any sweep.
# The ways of sweeping are measured in turn; the ended sessions are added each
# time.

# How a sweep that is due soon is made to begin.
SWEEP_INTERVAL=2

part_sweep()
{
	local table round way ASYNC=1
	table="Sweep: touch at 1,500 per second, $(thousands "$DUE") of $(thousands $((SESSIONS + DUE))) sessions due"

	main_database
	DOCUMENT=$("$CLIENT" document 500 "$SEED")
	sql -d main -c "ALTER SYSTEM SET covet_sessions.cleanup_interval = $SWEEP_INTERVAL" \
		-c 'SELECT pg_reload_conf()' >/dev/null
	progress "$table"
	for ((round = 1; round <= ROUNDS; round++)); do
		for way in $(rotated "$round" nothing pace batches hand_nothing hand_delete); do
			"sweep_$way" "$table" "$round" || return
		done
	done
	sql -d main -c 'ALTER SYSTEM RESET covet_sessions.cleanup_interval' \
		-c 'SELECT pg_reload_conf()' >/dev/null
}

# requests TABLE CASE RIVAL ROUND
requests()
{
	DURATION=$SWEEP_SECONDS measure_one "$1" "$2" main touch "$3" "$4" \
		-k "$FEW" -c 4 -r 1500 -w 0
}

sweep_nothing()
{
	used_lately main covet
	requests "$1" 'no sweep' covet "$2"
}

sweep_hand_nothing()
{
	requests "$1" 'no sweep' hand "$2"
}

# The worker, as it comes.
sweep_pace()
{
	local before try

	add_due && used_lately main covet || return
	before=$(swept)
	sql -d main -c 'ALTER DATABASE main SET covet_sessions.cleanup_enabled = on' || return
	# A session that ends soon tells the launcher when to look; it may have put
	# off the database while the sweep was disabled.
	sql -d main -c "SELECT session_set('soon-to-be-swept', '{}', '', 1)" >/dev/null
	for try in {1..1000}; do
		[ "$(swept)" = "$before" ] || break
		[ "$try" -lt 1000 ] || give_up_engine "no sweep came" "$LOGS/bench.log"
		sleep 0.1
	done
	before=$(swept)
	requests "$1" 'default pace' covet "$2"
	result "$1" 'default pace' covet rows 1/s "$2" \
		"$(quotient $(($(swept) - before)) "$SWEEP_SECONDS")"
	sql -d main -c 'ALTER DATABASE main RESET covet_sessions.cleanup_enabled'
	wait_for_worker
	sql -d main -c 'SELECT session_cleanup()' >/dev/null
}

# Batches of a thousand without a pause.
sweep_batches()
{
	add_due && used_lately main covet || return
	in_background "$1" 'batches without a pause' covet "$2" 'DO $$
		BEGIN
			LOOP
				EXIT WHEN session_cleanup(1000) = 0;
				COMMIT;
			END LOOP;
		END $$'
}

sweep_hand_delete()
{
	add_due hand=hand || return
	in_background "$1" 'one DELETE' hand "$2" \
		'DELETE FROM hand.sessions WHERE expires_at < now()'
}

# add_due [hand=SCHEMA]
add_due()
{
	sql -d main -v "due=$DUE" -v "document=$DOCUMENT" ${1:+-v "$1"} \
		-f "$ROOT/bench/postgresql/sweep.sql"
}

# in_background TABLE CASE RIVAL ROUND SQL: requests while the SQL runs.
in_background()
{
	local seconds

	{
		TIMEFORMAT=%R
		time sql -d main -c "$5"
	} 2>"$PRIVATE/sweep_seconds" &
	local pid=$!
	requests "$1" "$2" "$3" "$4"
	wait "$pid" || give_up_engine "$2 failed" "$PRIVATE/sweep_seconds"
	seconds=$(tail -n 1 "$PRIVATE/sweep_seconds")
	rival "$3" main
	result "$1" "$2" "$LABEL" rows 1/s "$4" "$(quotient "$DUE" "$seconds")"
}

# How many rows were swept since the server started.
swept()
{
	sql -d main -c 'SELECT swept FROM session_stats()'
}

quotient()
{
	awk -v a="$1" -v b="$2" 'BEGIN { printf "%.0f\n", a / b }'
}

wait_for_worker()
{
	while [ "$(sql -d main -c "SELECT count(*) FROM pg_stat_activity
		WHERE application_name = 'covet_sessions worker'")" != 0 ]; do
		sleep 0.2
	done
}
