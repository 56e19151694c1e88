# shellcheck shell=bash
#
# sqlite.sh
#	The tour in a file of SQLite, and what its chapters need beside SQL.

# shellcheck disable=SC2034 # for player.sh
ROLE=sqlite
SHOP=$PRIVATE/shop.db
EXTENSION=$PRIVATE/build/build/sqlite/covet_sessions

open_shop()
{
	local version
	version=$(sqlite3 --version)
	version=${version%% *}
	if [ "$(printf '%s\n' 3.38 "$version" | sort -V | head -n 1)" != 3.38 ]; then
		echo "The chapters use the operator ->, which SQLite has since 3.38; this is $version." >&2
		return 3
	fi

	printf 'Building the extension for SQLite %s ... ' "$version"
	if ! mkdir -p "$PRIVATE/build" || ! run_step "$LOGS/build_extension.log" \
		make -s -C "$PRIVATE/build" -f "$ROOT/Makefile" -j "$(nproc)" sqlite; then
		echo "failed."
		tail -n 40 "$LOGS/build_extension.log" >&2
		return 1
	fi
}

keep_shop()
{
	keep_private
	cat <<-END
		The database is a file. Open it with

		  sqlite3 -cmd '.load $EXTENSION' $SHOP

		Delete everything with

		  rm -rf $PRIVATE
	END
}

# What psql's variables are, the text has here; a program that is killed says so.
run_sql()
{
	local sql=$BLOCK name

	for name in "${!VARIABLES[@]}"; do
		sql=${sql//":'$name'"/"'${VARIABLES[$name]//\'/\'\'}'"}
	done
	sqlite_shop <<<"$sql" 2>/dev/null | as_psql
	[ "${PIPESTATUS[0]}" -ne 137 ] || echo Killed
}

# A shell of its own, to keep quiet about a program that is killed.
sqlite_shop()
{
	# shellcheck disable=SC2016 # for that shell
	sh -c '("$@" 2>&1); exit $?' sh sqlite3 -bail -init /dev/null \
		-cmd ".load $EXTENSION" -cmd '.timeout 10000' \
		-cmd '.headers on' -cmd '.mode table' -cmd '.nullvalue NULL' "$SHOP"
}

# A table of sqlite3 without its outer frame.
as_psql()
{
	awk '
		/^\+[-+]*$/ {
			if (++rule % 3 == 2)
				print substr($0, 2, length($0) - 2)
			next
		}
		/^\| / {
			$0 = substr($0, 2, length($0) - 2)
			sub(/ +$/, "")
		}
		{ print }'
}

# Booleans are numbers, and JSON is as it was given: without spaces.
as_answered()
{
	local column columns=() rest="$1 | "

	while [ -n "$rest" ]; do
		column=${rest%% | *}
		rest=${rest#*" | "}
		case $column in
			t) column=1 ;;
			f) column=0 ;;
			'{'* | '['*)
				column=${column//: /:}
				column=${column//, /,}
				;;
		esac
		columns+=("$column")
	done
	printf -v EXPECTED_ROW ' | %s' "${columns[@]}"
	EXPECTED_ROW=${EXPECTED_ROW# | }
}

# ---- words of the chapters ----

# Who may do what is not for SQLite to say.
tour_as()
{
	:
}

# Waits until somebody is writing.
tour_until()
{
	for _ in {1..200}; do
		sqlite3 -init /dev/null "$SHOP" 'BEGIN IMMEDIATE; ROLLBACK;' 2>/dev/null || return 0
		sleep 0.02
	done
	fail "$1"
}

#
# Looks for the tokens of the tour, and for a handle as a test of the search, in
# the database's files and in a dump.
#
tour_search_tokens()
{
	local name found

	sqlite3 -init /dev/null "$SHOP" .dump >"$PRIVATE/tmp/dump.sql" || fail "a dump"
	for name in $1; do
		printf '  %-9s' "$name:"
		found=$(LC_ALL=C grep -laF -e "${VARIABLES[$name]}" "$SHOP"* \
			"$PRIVATE/tmp/dump.sql" | wc -l)
		printf '%s files\n' "$found"
		case $name in
			handle) [ "$found" -ge 2 ] || fail "at least 2 files" ;;
			*) [ "$found" -eq 0 ] || fail "no file" ;;
		esac
		((ANSWERS++))
	done
}
