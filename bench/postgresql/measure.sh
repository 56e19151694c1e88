# shellcheck shell=bash
#
# measure.sh
#	Rivals by name, and measuring them in turn.

# prepare_rivals: their workloads, as the load generator reads them.
prepare_rivals()
{
	local from=$ROOT/bench/postgresql/rivals name

	OPERATIONS=$PRIVATE/operations
	mkdir -p "$OPERATIONS" && cp "$from"/*.ops "$OPERATIONS" || exit
	for name in hand hand_c; do
		sed "s/SCHEMA/$name/g" "$from/hand.ops" >"$OPERATIONS/$name.ops"
	done
	for name in plpgsql language_sql; do
		sed "s/SCHEMA/$name/g" "$from/functions.ops" >"$OPERATIONS/$name.ops"
	done
	make -s -C "$ROOT/bench/client" PG_CONFIG="$PG_CONFIG" >"$LOGS/client.log" 2>&1 ||
		give_up_engine "the load generator does not build" "$LOGS/client.log"
	CLIENT=$ROOT/bench/client/client
}

#
# rival NAME DATABASE
#
# Sets LABEL, how it is called in the results, and DRIVER, TARGET and WORKLOAD
# for the load generator.  ASYNC set: with asynchronous commit.  ALL_RECORDING
# set: covet_recording stands for covet itself.
#
rival()
{
	local user=app

	DRIVER=postgresql
	WORKLOAD=$OPERATIONS/$1.ops
	case $1 in
		covet*) WORKLOAD=$OPERATIONS/covet.ops ;;
	esac
	case $1 in
		covet) LABEL=covet ;;
		covet_recording)
			LABEL=${ALL_RECORDING:+covet}
			LABEL=${LABEL:-covet, every use recorded}
			user=app_recording
			;;
		covet_by_sql) LABEL='covet, by SQL (SPI)' user=app_by_sql ;;
		hand) LABEL='by hand' ;;
		hand_c) LABEL='by hand, key in "C"' ;;
		plpgsql) LABEL='PL/pgSQL' ;;
		language_sql) LABEL='LANGUAGE sql' ;;
		connect_pg_simple) LABEL='connect-pg-simple' ;;
		select_1) LABEL='SELECT 1' ;;
		redis_*) LABEL="Redis, ${1#redis_}" DRIVER=redis WORKLOAD=$OPERATIONS/redis.ops ;;
		*) give_up_engine "no such rival: $1" ;;
	esac
	if [ "${ASYNC-}" = 1 ]; then
		user=${user/app/app_async}
	fi
	TARGET="host=${POOL_HOST:-$PGHOST} port=${POOL_PORT:-$PGPORT} user=$user dbname=$2"
	[ "$DRIVER" = postgresql ] || TARGET=$PRIVATE/$1/socket
}

# has_operation RIVAL OPERATION
has_operation()
{
	rival "$1" none
	grep -q "^$2[[:space:]]" "$WORKLOAD"
}

#
# measure TABLE CASE DATABASE "OPERATION[=WEIGHT]..." "RIVAL..." [OPTION...]
#
# Runs the operations against each rival in turn, as often as there are
# rounds.  The options are the load generator's.  Rivals that lack the
# operation are left out; one is written RIVAL:OPERATION if it has another one.
# BEFORE names a command that is called before each with the database and the
# rival.
#
measure()
{
	local table=$1 case=$2 database=$3 operations=$4 rivals=() name round
	local -a options=("${@:6}")

	for name in $5; do
		if [[ $name = *:* ]] || has_operation "$name" "${operations%%[= ]*}"; then
			rivals+=("$name")
		fi
	done
	progress "$table: $case"
	for ((round = 1; round <= ROUNDS; round++)); do
		for name in $(rotated "$round" "${rivals[@]}"); do
			measure_one "$table" "$case" "$database" "$operations" "$name" \
				"$round" "${options[@]}"
		done
	done
}

measure_one()
{
	local table=$1 case=$2 database=$3 operations=$4 name=$5 round=$6 metric value
	shift 6

	if [[ $name = *:* ]]; then
		operations=${name#*:}
		name=${name%%:*}
	fi
	[ -z "${BEFORE-}" ] || "$BEFORE" "$database" "$name"
	rival "$name" "$database"
	[ "$operations" != merge ] || LABEL+=', with ||'
	# shellcheck disable=SC2086 # several operations
	"$CLIENT" "$DRIVER" -t "$TARGET" -d "$DURATION" -w "$(warmup)" -s "$SEED" \
		-x "$round" "$@" "$WORKLOAD" $operations >"$PRIVATE/measured" ||
		give_up_engine "$table, $case: $LABEL failed"
	while read -r metric value; do
		case $metric in
			throughput) result "$table" "$case" "$LABEL" "$metric" 1/s "$round" "$value" ;;
			latency_p50 | latency_p99)
				result "$table" "$case" "$LABEL" "$metric" us "$round" "$value"
				;;
		esac
	done <"$PRIVATE/measured"
}

#
# used_lately DATABASE RIVAL
#
# For BEFORE: as if the first FEW sessions had been used all the time, more
# often than covet records it: the last recorded use of each lies somewhere in
# the last minute.
#
used_lately()
{
	[[ $2 = covet || $2 = covet_by_sql ]] || return 0
	sql -d "$1" -v "seed=$SEED" -v "last=$((FEW - 1))" \
		-f "$ROOT/bench/postgresql/used_lately.sql"
}

# A fifth of the time to warm up.
warmup()
{
	awk -v seconds="$DURATION" 'BEGIN { print seconds / 5 }'
}

#
# measure_instructions TABLE CASE DATABASE OPERATION "RIVAL..." [OPTION...]
#
# Instructions per call of one backend, of the server that start_callgrind has
# started: the difference between two backends, of which one does CALLS more,
# on a hundred of the sessions.
#
measure_instructions()
{
	local table=$1 case=$2 database=$3 operation=$4 candidates=$5 name
	shift 5

	progress "$table: $case"
	for name in $candidates; do
		if [[ $name = *:* ]] || has_operation "$name" "$operation"; then
			count_one "$table" "$case" "$database" "$operation" "$name" "$@" || return
		fi
	done
}

count_one()
{
	local table=$1 case=$2 database=$3 operation=$4 name=$5 fewer more
	shift 5

	if [[ $name = *:* ]]; then
		operation=${name#*:}
		name=${name%%:*}
	fi
	# The first backend fills caches that are kept in files; and a use recorded
	# now is not due again while it is counted.
	rival "$name" "$database"
	if [[ $operation = touch && $name = covet* ]]; then
		rival covet_recording "$database"
	fi
	call_backend "$operation" 200 -e "$@" >/dev/null || return
	rival "$name" "$database"
	[ "$operation" != merge ] || LABEL+=', with ||'
	fewer=$(call_backend "$operation" "$WARM_CALLS" "$@") &&
		more=$(call_backend "$operation" $((WARM_CALLS + CALLS)) "$@") || return
	result "$table" "$case" "$LABEL" instructions '' 1 $(((more - fewer) / CALLS))
}

# call_backend OPERATION COUNT [OPTION...]: instructions of its backend.
call_backend()
{
	local operation=$1 count=$2 pid file try
	shift 2

	pid=$("$CLIENT" "$DRIVER" -t "$TARGET" -n "$count" -k 100 -s "$SEED" "$@" \
		"$WORKLOAD" "$operation" | awk '$1 == "pid" { print $2 }')
	file=$PRIVATE/callgrind/$pid
	for try in {1..300}; do
		if [ -n "$pid" ] && grep -qs '^totals:' "$file"; then
			ln -sf "$file" "$PRIVATE/callgrind/last"
			awk '$1 == "totals:" { print $2 }' "$file"
			return
		fi
		sleep 0.1
	done
	give_up_engine "no count of $LABEL's instructions after $try tries"
}

#
# start_callgrind [OPTION...]
#
# Starts the server again, such that each backend counts its instructions.  The
# options are callgrind's.
#
start_callgrind()
{
	local directory=$PRIVATE/callgrind postgres try

	stop_cluster bench
	mkdir -p "$directory"
	postgres=$(command -v postgres)
	valgrind --tool=callgrind --trace-children=yes --quiet \
		--log-file="$LOGS/valgrind.%p.log" --callgrind-out-file="$directory/%p" "$@" \
		"$postgres" -D "$PRIVATE/bench/data" -c shared_buffers=1GB -c fsync=off \
		-c autovacuum=off -c max_wal_size=16GB >>"$LOGS/callgrind.log" 2>&1 </dev/null &
	CALLGRIND_PID=$!
	for try in {1..600}; do
		! sql -d postgres -c 'SELECT' >/dev/null 2>&1 || return 0
		sleep 0.2
	done
	give_up_engine "the server under valgrind did not start after $try tries"
}

stop_callgrind()
{
	kill -INT "$CALLGRIND_PID"
	wait "$CALLGRIND_PID" 2>/dev/null
	start_postgresql
}
