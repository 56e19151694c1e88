# shellcheck shell=bash
#
# postgresql.sh
#	The tour on a PostgreSQL server, and what its chapters need beside SQL.

# shellcheck disable=SC2034 # for player.sh
ROLE=postgres

open_shop()
{
	printf 'Building the extension and starting a server ... '
	if ! build_extension; then
		echo "failed."
		tail -n 40 "$LOGS/build_extension.log" >&2
		return 1
	fi
	start_cluster tour "$TOUR/postgresql.conf" && createdb shop
}

keep_shop()
{
	echo "The database of the tour is \"shop\", the application's role \"shop\"."
	keep_cluster tour
}

run_sql()
{
	local name arguments=()

	for name in "${!VARIABLES[@]}"; do
		arguments+=(-v "$name=${VARIABLES[$name]}")
	done
	psql -X -d shop -U "$ROLE" -P footer=off -P null=NULL \
		-v ON_ERROR_STOP=1 "${arguments[@]}" <<<"$BLOCK"
}

# The chapters are written as PostgreSQL answers.
as_answered()
{
	# shellcheck disable=SC2034 # for player.sh
	EXPECTED_ROW=$1
}

# ---- words of the chapters ----

# Waits until the condition is true of a connection to the shop's database.
tour_until()
{
	local query="SELECT count(*) FROM pg_stat_activity WHERE datname = 'shop' AND $1"

	for _ in {1..100}; do
		[ "$(psql -X -At -c "$query")" = 0 ] || return 0
		sleep 0.05
	done
	fail "$1"
}

#
# Watches the table until the sweep has brought it down to NUMBER rows, and
# shows what the worker says about it in the server's log.
#
tour_watch_sweep()
{
	local rows='' before=0 most=0 started=$SECONDS said

	while [ "$rows" != "$1" ]; do
		rows=$(psql -X -At -d shop -c 'SELECT count(*) FROM sessions') ||
			fail "a count"
		[ "$rows" -eq "$before" ] || printf '  %5d rows\n' "$rows"
		before=$rows
		[ "$rows" -le "$most" ] || most=$rows
		[ $((SECONDS - started)) -lt 30 ] ||
			fail "$1 rows after 30 seconds"
		sleep 0.05
	done

	[ "$most" -gt "$1" ] || fail "more rows than $1 at first"

	said=$(tail_log 'covet_sessions worker.*removed .* ended sessions')
	[ -n "$said" ] || fail "a line of the worker in the server's log"
	printf '\n%s\n\n  %s\n' "The worker's line in the server's log:" "$said"
	((ANSWERS++))
}

# tail_log PATTERN: the last line of the server's log that has it, from there on.
tail_log()
{
	# The worker may still be about to write it.
	for _ in {1..50}; do
		grep -oE "$1.*" "$LOGS/tour.log" && break
		sleep 0.1
	done | tail -n 1
}

# Stops the server as a crash would and starts it again.
tour_crash()
{
	printf '  %s\n' "${BLUE}\$ pg_ctl stop -m immediate$PLAIN"
	stop_cluster tour immediate || fail "the server stops"
	printf '  %s\n' "${BLUE}\$ pg_ctl start$PLAIN"
	start_cluster tour || fail "the server starts"
	printf '  %s\n' "$(tail_log 'LOG: .*not properly shut down')"
	((ANSWERS++))
}

#
# Looks for the tokens of the tour, and for a handle as a test of the search,
# in all that the server wrote, and in a dump.
#
tour_search_tokens()
{
	local data=$PRIVATE/tour/data name found

	pg_dump -d shop -f "$PRIVATE/tmp/dump.sql" || fail "a dump"
	for name in $1; do
		printf '  %-9s' "$name:"
		found=$(LC_ALL=C grep -rlaF -e "${VARIABLES[$name]}" "$data" \
			"$LOGS/tour.log" "$PRIVATE/tmp/dump.sql" | wc -l)
		printf '%s files\n' "$found"
		case $name in
			handle) [ "$found" -ge 3 ] || fail "at least 3 files" ;;
			*) [ "$found" -eq 0 ] || fail "no file" ;;
		esac
		((ANSWERS++))
	done
}
