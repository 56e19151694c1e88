# shellcheck shell=bash
#
# parts.sh
#	The parts of the PostgreSQL benchmarks, one function each.
#
# shellcheck disable=SC2153 # how much to measure is set by run

main_database()
{
	make_database main "$SESSIONS" 500 covet hand hand_c connect_pg_simple
}

# thousands NUMBER: with commas, for people.
thousands()
{
	printf "%s\n" "$1" | sed -E ':a; s/([0-9])([0-9]{3})($|,)/\1,\2\3/; ta'
}

part_instructions()
{
	local table verb
	table="Instructions per call, $(thousands "$SESSIONS") sessions of 500 bytes"

	main_database
	make_database large "$FEW" 5000 covet hand
	start_callgrind
	for verb in $COUNTED; do
		measure_instructions "$table" "$verb" main "$verb" "$COUNTED_RIVALS"
	done
	if [ "$FORM" = smoke ]; then
		stop_callgrind
		return
	fi
	ALL_RECORDING=1 measure_instructions "$table" 'touch, every use recorded' main touch \
		'covet_recording hand hand_c'
	table="Instructions per call without PREPARE, ${table#*, }"
	measure_instructions "$table" 'get, extended protocol' main get \
		"$MAIN_RIVALS" -p extended
	measure_instructions "$table" 'get, simple protocol' main get \
		"$MAIN_RIVALS" -p simple
	measure_instructions "Instructions per call, 5 kB" 'patch of one key' large patch \
		'covet hand hand:merge' -b 5000
	stop_callgrind
}

# Where the instructions of a function go: those that other functions took on
# its behalf are counted in (inclusive).
part_profile()
{
	local table='Inside session_get' verb calls=$((2 * CALLS)) file=$PRIVATE/profile

	main_database
	progress "Profiles of $CALLS calls"
	for verb in get touch set; do
		start_callgrind --toggle-collect=PortalRun && rival covet main &&
			call_backend $verb "$CALLS" >/dev/null &&
			call_backend $verb $calls >/dev/null &&
			callgrind_annotate --inclusive=yes --threshold=100 \
				"$PRIVATE/callgrind/last" >"$file.$verb" || return
		stop_callgrind
		{
			echo "### Profile of session_$verb"
			echo
			echo "Instructions of $calls calls as the server executes them, without"
			echo "receiving, binding and committing; those of callees are included:"
			echo
			echo '```'
			grep -E '^ *[0-9,]+ \(' "$file.$verb" |
				sed -E -e 's,/[^ ]*/src/,src/,' -e 's, \[[^]]*\],,' -e 's,\?\?\?:,,' |
				sed -n '/ PortalRun$/,$p' | grep -v ' 0x' |
				awk '!seen[$0]++' | head -n 45
			echo '```'
		} >"$OUT/profile_$verb.md"
	done
	result "$table" session_get covet instructions '' 1 \
		$(($(inclusive "$file.get" session_get) / calls))
	result "$table" 'counters and access checks' covet instructions '' 1 \
		$(($(inclusive "$file.get" cs_count cs_store_owner GetUserIdAndSecContext \
			SetUserIdAndSecContext pg_class_aclcheck) / calls))
}

# inclusive FILE FUNCTION...: the sum of what callgrind_annotate says of them.
inclusive()
{
	local file=$1 name
	shift

	for name in "$@"; do
		grep -E "[:/]$name( \[|$)" "$file" | head -n 1
	done | awk '{ gsub(",", "", $1); sum += $1 } END { print sum + 0 }'
}

# With asynchronous commit: else the disk is measured, not the statements.
part_verbs()
{
	local table verb connections rivals=$ALL_RIVALS ASYNC=1
	table="Verbs, $(thousands "$SESSIONS") sessions of 500 bytes, asynchronous commit"

	main_database
	make_database large "$FEW" 5000 covet hand
	for connections in 1 2 4; do
		if [ $connections -gt 1 ]; then
			rivals=$MAIN_RIVALS
		fi
		measure "$table" "get, $(clients $connections)" main get \
			"$rivals" -k "$SESSIONS" -c $connections
		BEFORE=used_lately measure "$table" "touch, $(clients $connections)" main touch \
			"covet covet_recording ${rivals#covet }" -k "$FEW" -c $connections
		for verb in set new; do
			measure "$table" "$verb, $(clients $connections)" main $verb \
				"$rivals" -k "$SESSIONS" -c $connections
		done
	done
	measure "Patch of one key, $(thousands "$FEW") sessions of 5 kB, asynchronous commit" \
		"4 clients" large patch 'covet hand hand:merge' -k "$FEW" -b 5000 -c 4
}

# clients NUMBER: in words.
clients()
{
	if [ "$1" -eq 1 ]; then
		echo '1 client'
	else
		echo "$1 clients"
	fi
}

part_clients()
{
	local verb connections policy

	main_database
	for policy in everysec always; do
		start_redis $policy $policy "$SESSIONS" 500 || return
	done
	for verb in get touch set; do
		for connections in $CONNECTIONS; do
			BEFORE=$([ $verb != touch ] || echo used_lately) measure \
				"Clients: $verb, $(thousands "$SESSIONS") sessions of 500 bytes" \
				"$(clients "$connections")" main $verb \
				'covet hand hand_c connect_pg_simple redis_everysec redis_always' \
				-k "$([ $verb = touch ] && echo "$FEW" || echo "$SESSIONS")" \
				-c "$connections"
		done
	done
	stop_redis
}

part_protocols()
{
	local protocol table
	table="Protocols: get, $(thousands "$SESSIONS") sessions of 500 bytes, 4 clients"

	main_database
	for protocol in simple extended prepared; do
		measure "$table" $protocol main get \
			"$MAIN_RIVALS" \
			-k "$SESSIONS" -c 4 -p $protocol
	done

	start_pgbouncer || return
	for protocol in simple extended; do
		POOL_HOST=$PRIVATE/pgbouncer POOL_PORT=6432 \
			measure "$table" "pgbouncer, $protocol" main get \
			"$MAIN_RIVALS" \
			-k "$SESSIONS" -c 4 -p $protocol
	done
	stop_pgbouncer
}

part_sizes()
{
	local bytes sessions verb

	for bytes in $SIZES; do
		sessions=$((FEW * 500 / bytes))
		if [ $sessions -gt "$FEW" ]; then
			sessions=$FEW
		fi
		make_database "size_$bytes" "$sessions" "$bytes" covet hand
		start_redis everysec everysec "$sessions" "$bytes" || return
		for verb in get set; do
			measure "Sizes: $verb, 4 clients" "$(thousands "$bytes") bytes" \
				"size_$bytes" $verb 'covet hand redis_everysec' \
				-k "$sessions" -b "$bytes" -c 4
		done
		stop_redis
		drop_database "size_$bytes"
	done
}

# One number of sessions after the other in each round, because it is they that
# are compared.  Of each as many are used: a backend maps each page of the shared
# buffers when it first sees it, and takes minutes to have seen ten gigabytes.
part_counts()
{
	local table="Numbers of sessions: get, $(thousands "$FEW") of them in use, 500 bytes, 1 client"
	local round name database
	local -A sessions=([few]=$FEW [main]=$SESSIONS)

	make_database few "$FEW" 500 covet hand
	main_database
	if [ "$MANY" -gt 0 ]; then
		make_database many "$MANY" 500 covet
		sessions[many]=$MANY
	fi
	for database in "${!sessions[@]}"; do
		warm_cache "$database" "${sessions[$database]}"
	done
	progress "$table"
	for ((round = 1; round <= ROUNDS; round++)); do
		for database in $(rotated "$round" "${!sessions[@]}"); do
			for name in covet hand; do
				[ "$database $name" != "many hand" ] || continue
				measure_one "$table" "$(thousands "${sessions[$database]}")" \
					"$database" get $name "$round" -k "$FEW"
			done
		done
	done
	[ "$MANY" -eq 0 ] || drop_database many
}

# warm_cache DATABASE: reads the tables and indexes into memory.
warm_cache()
{
	sql -d "$1" -c 'CREATE EXTENSION IF NOT EXISTS pg_prewarm' -c "
		SELECT sum(pg_prewarm(oid)) FROM pg_class
		WHERE relkind IN ('r', 'i') AND relname ~ '^sessions'" >/dev/null
}

part_mix()
{
	local seconds=$DURATION few=$FEW table commit
	table="Mix: 95 % touch, 5 % set, $(thousands "$HOT") hot sessions of 500 bytes, 4 clients"

	FEW=$HOT
	[ "$FORM" != long ] || DURATION=$(awk -v s="$DURATION" 'BEGIN { print 4 * s }')
	make_database hot "$HOT" 500 covet hand hand_c connect_pg_simple
	for commit in sync async; do
		BEFORE=used_and_vacuumed ASYNC=$([ $commit = async ] && echo 1) \
			measure "$table" "synchronous_commit $([ $commit = sync ] && echo on || echo off)" \
			hot 'touch=95 set=5' \
			'covet covet_recording hand hand_c connect_pg_simple' -k "$HOT" -c 4
	done
	DURATION=$seconds FEW=$few
}

# used_and_vacuumed DATABASE RIVAL: for BEFORE, so that none suffers from what
# was done to its table before.
used_and_vacuumed()
{
	used_lately "$1" "$2" && sql -d "$1" -c "VACUUM $(table_of "$2")"
}

# Every touch is recorded, as if each came a minute after the one before.  The
# rival wears off so fast that a tenth of them shows it.
part_endurance()
{
	local table share before name touches ALL_RECORDING=1
	table="Endurance: touches of $(thousands "$HOT") sessions, every use recorded"

	progress "$table"
	for name in covet_recording connect_pg_simple; do
		make_database "wear_$name" "$HOT" 500 covet connect_pg_simple
		rival "$name" "wear_$name"
		before=$(index_bytes "wear_$name" "$name")
		touches=$TOUCHES
		[ $name = covet_recording ] || touches=$((TOUCHES / 10))
		ASYNC=1 rival "$name" "wear_$name"
		"$CLIENT" "$DRIVER" -t "$TARGET" -c 4 -n $((touches / 4)) -k "$HOT" \
			-s "$SEED" "$WORKLOAD" touch >"$PRIVATE/measured" || return
		sleep 1
		result "$table" '4 clients' "$LABEL" touches '' 1 "$touches"
		result "$table" '4 clients' "$LABEL" index_after bytes 1 \
			"$(index_bytes "wear_$name" "$name")"
		result "$table" '4 clients' "$LABEL" index_before bytes 1 "$before"
		share=$(sql -d "wear_$name" -c "
			SELECT round(100.0 * n_tup_hot_upd / greatest(n_tup_upd, 1), 2)
			FROM pg_stat_user_tables WHERE relid = '$(table_of "$name")'::regclass")
		result "$table" '4 clients' "$LABEL" hot_updates % 1 "$share"
		drop_database "wear_$name"
	done
}

table_of()
{
	case $1 in
		covet*) echo public.sessions ;;
		hand | hand_c) echo "$1.sessions" ;;
		connect_pg_simple) echo connect_pg_simple.session ;;
	esac
}

# index_bytes DATABASE RIVAL
index_bytes()
{
	sql -d "$1" -c "SELECT pg_indexes_size('$(table_of "$2")')"
}
