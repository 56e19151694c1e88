# shellcheck shell=bash
#
# servers.sh
#	The servers and databases of the benchmarks, and who calls them.

# The collation that most databases have.  The locale is made here, because
# containers and fresh machines often have none but C.
USUAL_LOCALE=en_US.UTF-8

prepare_locale()
{
	mkdir -p "$PRIVATE/locale"
	localedef --no-archive -i en_US -f UTF-8 "$PRIVATE/locale/$USUAL_LOCALE" \
		>"$LOGS/locale.log" 2>&1 || give_up_engine "localedef failed" "$LOGS/locale.log"
	export LOCPATH=$PRIVATE/locale
}

# kilobytes_of_memory
kilobytes_of_memory()
{
	awk '/^MemTotal/ { print $2 }' /proc/meminfo
}

start_postgresql()
{
	local buffers=$(($(kilobytes_of_memory) * 2 / 5))

	if [ "$FORM" != long ] && [ $buffers -gt 2000000 ]; then
		buffers=2000000
	fi
	echo "shared_buffers = ${buffers}kB" >"$PRIVATE/memory.conf"
	start_cluster bench "$ROOT/bench/postgresql/postgresql.conf" "$PRIVATE/memory.conf"
}

sql()
{
	psql -X -q -A -t -v ON_ERROR_STOP=1 "$@"
}

#
# make_database NAME SESSIONS BYTES RIVAL...
#
# A database with that many sessions, of documents of that size, for covet and
# the rivals of this server ("hand", "hand_c", "connect_pg_simple").
#
make_database()
{
	local name=$1 sessions=$2 bytes=$3 document rival
	shift 3
	local rivals=$PRIVATE/src/bench/postgresql/rivals

	[[ " ${DATABASES-} " != *" $name "* ]] || return
	progress "$sessions sessions of $bytes bytes for: $*"
	document=$("$CLIENT" document "$bytes" "$SEED")
	createdb --template template0 --locale "$USUAL_LOCALE" "$name" || exit
	sql -d "$name" -c 'CREATE EXTENSION covet_sessions' -f "$rivals/hand.sql" \
		-f "$rivals/connect_pg_simple.sql" -f "$rivals/functions.sql" \
		-f "$ROOT/bench/postgresql/roles.sql" >"$LOGS/$name.log" || exit
	for rival in "$@"; do
		fill_in_parts "$name" "$rival" "$sessions" "$document"
	done
	sql -d "$name" -c 'VACUUM (FREEZE, ANALYZE)' -c CHECKPOINT || exit
	DATABASES+=" $name"
}

# fill_in_parts DATABASE RIVAL SESSIONS DOCUMENT: a part on each processor.
fill_in_parts()
{
	local parts part pids=() pid
	parts=$(nproc)

	for ((part = 0; part < parts; part++)); do
		fill "$1" "$2" $(($3 * part / parts)) $(($3 * (part + 1) / parts - 1)) "$4" &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		wait "$pid" || give_up_engine "$1 could not be filled"
	done
}

# fill DATABASE RIVAL FIRST LAST DOCUMENT
fill()
{
	case $2 in
		covet) set -- "$@" covet=1 ;;
		hand | hand_c) set -- "$@" "hand=$2" ;;
		connect_pg_simple) set -- "$@" connect_pg_simple=1 ;;
		*) return ;;
	esac
	sql -d "$1" -v "first=$3" -v "last=$4" -v "document=$5" -v "seed=$SEED" \
		-v "$6" -f "$ROOT/bench/postgresql/fill.sql"
}

drop_database()
{
	dropdb "$1"
	DATABASES=${DATABASES/ $1/}
}

# start_redis NAME everysec|always SESSIONS BYTES: with that many sessions.
start_redis()
{
	local directory=$PRIVATE/redis_$1 try

	[ ! -S "$directory/socket" ] || return
	mkdir -p "$directory" || return
	redis-server --port 0 --unixsocket "$directory/socket" --dir "$directory" \
		--save '' --appendonly yes --appendfsync no --daemonize no \
		>"$LOGS/redis_$1.log" 2>&1 </dev/null &
	REDIS_PIDS+=" $!"
	for try in {1..100}; do
		[ ! -S "$directory/socket" ] || break
		[ "$try" -lt 100 ] ||
			give_up_engine "redis-server did not start" "$LOGS/redis_$1.log"
		sleep 0.1
	done
	"$CLIENT" redis -t "$directory/socket" -c 8 -e -k "$3" -b "$4" -s "$SEED" \
		"$OPERATIONS/redis.ops" set >/dev/null &&
		redis-cli -s "$directory/socket" CONFIG SET appendfsync "$2" >/dev/null
}

# stop_redis: all of them, with their data.
stop_redis()
{
	local pid

	for pid in ${REDIS_PIDS-}; do
		kill -KILL "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	REDIS_PIDS=''
	rm -rf "$PRIVATE"/redis_*
}

# start_pgbouncer: in transaction mode, in front of every database.
start_pgbouncer()
{
	local directory=$PRIVATE/pgbouncer try

	mkdir -p "$directory" &&
		printf '"%s" ""\n' app postgres >"$directory/users" &&
		cat >"$directory/pgbouncer.ini" <<-END || return
			[databases]
			* = host=$PGHOST port=$PGPORT
			[pgbouncer]
			listen_addr =
			listen_port = 6432
			unix_socket_dir = $directory
			auth_type = trust
			auth_file = $directory/users
			pool_mode = transaction
			default_pool_size = 8
		END
	pgbouncer "$directory/pgbouncer.ini" >"$LOGS/pgbouncer.log" 2>&1 </dev/null &
	PGBOUNCER_PID=$!
	for try in {1..100}; do
		[ ! -S "$directory/.s.PGSQL.6432" ] || return 0
		sleep 0.1
	done
	give_up_engine "pgbouncer did not start after $try tries" "$LOGS/pgbouncer.log"
}

stop_pgbouncer()
{
	kill -TERM "$PGBOUNCER_PID" && { wait "$PGBOUNCER_PID" || true; } 2>/dev/null
}
