# shellcheck shell=bash
#
# player.sh
#	Plays a chapter of the tour: tells, shows SQL, runs it, shows the answer
#	and compares it with what the chapter says.
#
# A chapter is SQL with comments:
#
#	--# TITLE	starts the chapter
#	-- TEXT		tells
#	--> ROW		the expected answer to the SQL above, a line for each row, with
#			" | " between columns; "*" is any text, "<token>" any token
#	--@ WORD ...	calls the function tour_WORD of this file or of the engine's
#	--@ only ENGINE	what follows is for one engine, up to "--@ both"
#
# A block of SQL ends with an empty line or a comment.  The engine's program runs
# it over a connection of its own, as a web server behind a connection pooler
# would.
#
# An engine is a file, ENGINE.sh, with these functions beside its words:
#
#	open_shop	builds the extension and makes the database
#	run_sql		runs $BLOCK, with $VARIABLES for :'name', and prints tables as
#			psql does
#	as_answered	sets EXPECTED_ROW to a row as this engine answers it
#	keep_shop	leaves the database behind, and tells how to get at it

declare -A VARIABLES=()
ENGINE=''
ONLY='' # the engine that these lines of the chapter are for
ROLE=''
BLOCK=''
EXPECTED=()
BACKGROUND='' # the block is to be run under this name
FINISHING='' # the expected answer is that of this name
ANSWER=''
ANSWERS=0

# choose_engine NAME
choose_engine()
{
	ENGINE=$1
	# shellcheck source=/dev/null
	. "$TOUR/$ENGINE.sh"
}

choose_colours()
{
	BOLD='' BLUE='' RED='' PLAIN=''
	if [ -t 1 ] && [ -z "${NO_COLOR-}" ] && [ "${TERM:-dumb}" != dumb ]; then
		BOLD=$'\e[1m' BLUE=$'\e[34m' RED=$'\e[31m' PLAIN=$'\e[0m'
	fi
}

play()
{
	local line word rest

	while IFS= read -r line; do
		case $line in
			'--@ only '*)
				end_block
				ONLY=${line#--@ only }
				continue
				;;
			'--@ both')
				end_block
				ONLY=''
				continue
				;;
		esac
		[[ -z $ONLY || $ONLY = "$ENGINE" ]] || continue
		case $line in
			'-->' | '--> '*)
				line=${line#-->}
				EXPECTED+=("${line# }")
				;;
			'' | -- | '-- '* | '--'[#@]' '*)
				end_block
				case $line in
					'--# '*) start_chapter "${line#--# }" ;;
					'-- '*) echo "${line#-- }" ;;
					'--@ '*)
						read -r word rest <<<"${line#--@ }"
						"tour_$word" "$rest"
						;;
					*) echo ;;
				esac
				;;
			*)
				[ ${#EXPECTED[@]} -eq 0 ] || end_block
				BLOCK+=$line$'\n'
				;;
		esac
	done <"$1"
	end_block
}

start_chapter()
{
	printf '\n\n%s\n' "$BOLD$1$PLAIN"
	printf '%s\n' "$BOLD${1//?/=}$PLAIN"
	if [ -n "$PAUSE" ]; then
		read -r -s -p "(Enter to go on)" </dev/tty
		printf '\r%18s\r' ''
	fi
}

# Runs the block that was read, if any, and compares.
end_block()
{
	if [ -n "$BACKGROUND" ] && [ -n "$BLOCK" ]; then
		show_sql "$BACKGROUND"
		run_sql >"$PRIVATE/tmp/$BACKGROUND" 2>&1 &
		BACKGROUND=''
	elif [ -n "$BLOCK" ]; then
		show_sql "$ROLE"
		ANSWER=$(run_sql 2>&1)
		show_answer
		compare
	elif [ -n "$FINISHING" ]; then
		wait
		ANSWER=$(<"$PRIVATE/tmp/$FINISHING")
		FINISHING=''
		show_answer
		compare
	fi
	BLOCK='' EXPECTED=()
}

# show_sql WHO: with a prompt, as in a terminal.
show_sql()
{
	local line prompt="$1> "

	while IFS= read -r line; do
		printf '  %s\n' "$BLUE$prompt$line$PLAIN"
		prompt=${prompt//?/ }
	done <<<"${BLOCK%$'\n'}"
}

show_answer()
{
	sed -e 's/^/  /' -e 's/ *$//' <<<"$ANSWER"
}

#
# Compares the rows of the answer with the expected ones.  Of psql's table, its
# head and the padding of columns are left out.
#
compare()
{
	local rows row number=0

	mapfile -t rows < <(sed -E -e '/^-[-+]*$/d' -e '/^-\[ RECORD/d' \
		-e 's/ +\| +/ | /g' -e 's/^ +//' -e 's/ *\+?$//' <<<"$(drop_heads)")
	[ ${#EXPECTED[@]} -gt 0 ] || fail "the chapter does not say what to expect"
	if [[ ${EXPECTED[0]} = ERROR:* ]]; then
		rows=("${rows[0]}")
	fi
	[ ${#rows[@]} -eq ${#EXPECTED[@]} ] || fail "${EXPECTED[@]}"
	for row in "${rows[@]}"; do
		as_answered "${EXPECTED[number++]}"
		row_matches "$row" "$EXPECTED_ROW" || fail "${EXPECTED[@]}"
	done
	((ANSWERS++))
}

# The answer without the names of columns: the lines above the rulers.
drop_heads()
{
	sed -E -e '$!N' -e '/\n-[-+]*$/D' -e 'P' -e 'D' <<<"$ANSWER"
}

# row_matches ROW PATTERN
row_matches()
{
	local pattern

	if [ "$2" = "<token>" ]; then
		[[ $1 =~ ^[A-Za-z0-9_-]{43}$ ]]
		return
	fi
	# All but "*" is quoted; the x keeps an empty pattern from becoming quotes.
	printf -v pattern %q "x$2"
	# shellcheck disable=SC2053 # a pattern
	[[ x$1 = ${pattern//\\\*/*} ]]
}

# fail LINE...: the answer is not as told.
fail()
{
	printf '\n%s\n' "${RED}This is not what the tour expected:$PLAIN" "$@" >&2
	exit 1
}

# ---- words of the chapters ----

# Who runs the blocks that follow.
tour_as()
{
	ROLE=$1
}

# Keeps the last answer as a variable.
tour_keep()
{
	local rows
	mapfile -t rows <<<"$ANSWER"
	VARIABLES[$1]=${rows[-1]# }
}

# Sets a variable and shows it.
tour_let()
{
	local name text
	read -r name text <<<"$1"
	VARIABLES[$name]=$text
	show_variable "$name" "$text"
}

# The same from a file with a session document.
tour_document()
{
	VARIABLES[$1]=$(<"$TOUR/documents/$1.json")
	# Compact JSON leaves no place to break lines.
	show_variable "$1" "${VARIABLES[$1]//,\"/, \"}"
}

show_variable()
{
	fold -s -w $((74 - ${#1})) <<<"$2" |
		sed -e "1s/^/  $1: /" -e "2,\$ s/^/${1//?/ }    /" -e 's/ *$//'
}

# Waits until the number of seconds is over.
tour_wait()
{
	sleep "$1"
}

# Runs the next block in the background.
tour_start()
{
	BACKGROUND=$1
}

# Waits for it; its answer follows.
tour_finish()
{
	FINISHING=$1
	printf '  %s\n' "$1, when it is done:"
}
