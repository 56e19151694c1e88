# shellcheck shell=bash
#
# engine.sh
#	What the benchmarks of every engine start with.
#
# For bench/ENGINE/run, which bench/run calls in a private copy of the source
# tree (see test/lib/private.sh) with a form and "-o DIRECTORY":
#
#	. "$(dirname "$0")/../lib/engine.sh"
#	start_engine "$@"
#
# It writes DIRECTORY/machine.txt and DIRECTORY/results.tsv, whose lines are
#
#	table  case  rival  metric  unit  round  value
#
# separated by tabs.  bench/render takes the medians over the rounds, and
# compares each rival with the one named "covet" in the same table and case.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

. "$ROOT/test/lib/private.sh"
. "$ROOT/test/lib/server.sh"

#
# start_engine --smoke|--short|--long -o DIRECTORY
#
# Sets FORM (smoke, short or long) and OUT, PRIVATE and LOGS, and how much to
# measure: ROUNDS, DURATION (seconds), SEED.
#
start_engine()
{
	FORM=short
	OUT=''
	while [ $# -gt 0 ]; do
		case $1 in
			--smoke | --short | --long) FORM=${1#--} ;;
			-o)
				OUT=$2
				shift
				;;
			*) give_up_engine "no such option: $1" ;;
		esac
		shift
	done
	PRIVATE=${COVET_PRIVATE-}
	[[ -n $PRIVATE && -n $OUT ]] ||
		give_up_engine "bench/run runs this, in a directory of its own"
	LOGS=$PRIVATE/logs
	STEP=''
	case $FORM in
		smoke) ROUNDS=1 DURATION=0.05 ;;
		short) ROUNDS=5 DURATION=0.5 ;;
		long) ROUNDS=5 DURATION=0.8 ;;
	esac
	ROUNDS=${BENCH_ROUNDS:-$ROUNDS}
	DURATION=${BENCH_SECONDS:-$DURATION}
	# shellcheck disable=SC2034 # for the callers
	SEED=${BENCH_SEED:-1}
	RESULTS=$OUT/results.tsv
	mkdir -p "$OUT" "$LOGS" || exit
	[ -f "$RESULTS" ] ||
		printf 'table\tcase\trival\tmetric\tunit\tround\tvalue\n' >"$RESULTS"
}

# give_up_engine MESSAGE [LOG]: with the end of a log, as it will be deleted.
give_up_engine()
{
	[ -z "${2-}" ] || tail -n 20 "$2" >&2
	echo "bench: $1" >&2
	exit 1
}

# progress MESSAGE: a line for who waits.
progress()
{
	printf '%(%H:%M:%S)T  %s\n' -1 "$1"
}

# result TABLE CASE RIVAL METRIC UNIT ROUND VALUE: a line of results.tsv.
result()
{
	printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$@" >>"$RESULTS"
}

# part_wanted NAME: true unless BENCH_PARTS names others.
part_wanted()
{
	[ -z "${BENCH_PARTS-}" ] || [[ " $BENCH_PARTS " == *" $1 "* ]]
}

# rotated ROUND WORD...: the words, beginning with another one in each round, so
# that none is always measured first.
rotated()
{
	local round=$1
	shift
	local at=$(((round - 1) % $#))

	echo "${@:at + 1}" "${@:1:at}"
}

#
# describe_machine [NAME VERSION]...
#
# Writes machine.txt: the machine, and the versions of what is measured.
#
describe_machine()
{
	local version
	version=$(sed -n "s/^default_version *= *'\(.*\)'.*/\1/p" "$ROOT/covet_sessions.control")
	{
		describe date "$(date -u '+%Y-%m-%d %H:%M UTC')"
		describe command "${BENCH_COMMAND-}${BENCH_PARTS:+, BENCH_PARTS=\"$BENCH_PARTS\"}"
		describe rounds "$ROUNDS of $DURATION s"
		describe seed "$SEED"
		describe cpu "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)"
		describe cores "$(nproc)"
		describe memory "$(awk '/^MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo)"
		describe disk "$(df --output=fstype "$PRIVATE" | tail -n 1)"
		describe virtual "$(systemd-detect-virt 2>/dev/null)"
		describe system "$(. /etc/os-release && echo "$PRETTY_NAME"), Linux $(uname -r)"
		describe covet_sessions "$version${BENCH_REVISION:+ ($BENCH_REVISION)}"
		while [ $# -ge 2 ]; do
			describe "$1" "$2"
			shift 2
		done
	} >"$OUT/machine.txt"
}

describe()
{
	[ -z "$2" ] || printf '%-15s %s\n' "$1" "$2"
}
