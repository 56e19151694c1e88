# shellcheck shell=bash
#
# suites.sh
#	How each test suite is run.
#
# For every suite NAME of test/run, files_NAME is the pattern of its test files
# and suite_NAME runs it, writing what tally.sh understands to standard output.
# Where a harness runs the test programs, it saves their output in
# $PERL_TEST_HARNESS_DUMP_TAP, and the counts are taken from there.
#
# A suite spi-NAME is the suite NAME with servers that reach every row by SQL.
# $SUITE is the one that runs.

# A suite that takes longer than this hangs.
LIMIT=(timeout --kill-after 20 1200)

# The engines that conformance is about.
ENGINES=${COVET_ENGINES:-postgresql sqlite mariadb mysql}

# What a suite needs beside the source tree; the rest need nothing.
NEED_EXTENSION='regress isolation pgtap tap bench'
NEED_SERVER='regress isolation pgtap'
if [[ " $ENGINES " == *' postgresql '* ]]; then
	NEED_EXTENSION+=' conformance'
	NEED_SERVER+=' conformance'
fi

# What is run again as spi-NAME.
# shellcheck disable=SC2034 # for test/run
SPI_SUITES=(regress isolation pgtap tap conformance)

# ---- one suite each ----

# shellcheck disable=SC2034 # this and its likes are used by name
files_core='test/core/*.c'
suite_core()
{
	"${LIMIT[@]}" make -C test/core check
}

# shellcheck disable=SC2034
files_build='src/*/*.c'
suite_build()
{
	tap_case "no warning from gcc" build_with gcc
	tap_case "no warning from clang" build_with clang
	tap_case "no finding from cppcheck" check_sources
	tap_case "META.json has the version of the control file" check_version
}

# shellcheck disable=SC2034
files_regress='test/sql/*.sql'
suite_regress()
{
	installcheck ISOLATION=
}

# shellcheck disable=SC2034
files_isolation='test/specs/*.spec'
suite_isolation()
{
	installcheck REGRESS=
}

# The files run one after the other in a database that has pgTAP and the
# extension, each in a connection of its own.
# shellcheck disable=SC2034
files_pgtap='test/pgtap/*.sql'
suite_pgtap()
{
	createdb pgtap &&
		psql -X -q -d pgtap -v ON_ERROR_STOP=1 -c 'CREATE EXTENSION pgtap' \
			-c 'CREATE EXTENSION covet_sessions' &&
		"${LIMIT[@]}" pg_prove --dbname pgtap test/pgtap/*.sql
}

# shellcheck disable=SC2034
files_tap='test/t/*.pl'
suite_tap()
{
	local test data=$PRIVATE/$SUITE/tmp_check name programs=()
	test=$("$PG_CONFIG" --pkglibdir)/pgxs/src/test

	mkdir -p "$data" "$PRIVATE/ports" "$LOGS/$SUITE"
	for name in ${TAP_FILES-}; do
		programs+=("test/t/$name"*.pl)
	done
	[ ${#programs[@]} -gt 0 ] || programs=(test/t/*.pl)
	# Up to version 15 TESTDIR alone says where data and logs go.
	ln -s "$LOGS/$SUITE" "$data/log"
	TESTDIR=$PRIVATE/$SUITE TESTDATADIR=$data TESTLOGDIR=$LOGS/$SUITE \
		PG_TEST_PORT_DIR=$PRIVATE/ports PG_REGRESS=$test/regress/pg_regress \
		"${LIMIT[@]}" prove --norc --jobs "$(nproc)" --timer \
		-I "$test/perl" -I test/t "${programs[@]}"
}

# PostgreSQL is the shared server.  The table of sentences and engines is
# $LOGS/$SUITE.txt.
# shellcheck disable=SC2034
files_conformance='test/conformance/cases/*.txt'
suite_conformance()
{
	local build=$PRIVATE/build-conformance sqlite='' engines=() engine
	local wanted=$ENGINES

	[ "$SUITE" = conformance ] || wanted=postgresql
	for engine in $wanted; do
		case $engine in
			mariadb | mysql) conformance_server "$engine" || continue ;;
		esac
		engines+=(--engine "$engine")
	done
	if [[ " $wanted " == *' sqlite '* ]]; then
		use_sqlite
		mkdir -p "$build"
		tap_case "the SQLite module builds" make -s --no-print-directory \
			-C "$build" -f "$ROOT/Makefile" -j "$(nproc)" sqlite
		sqlite=$build/build/sqlite/covet_sessions.so
	fi
	"${LIMIT[@]}" env ${sqlite:+COVET_SQLITE="$sqlite"} \
		"${PYTHON:-/usr/bin/python3}" test/conformance/run "${engines[@]}" \
		--tap --report "$LOGS/$SUITE.txt"
}

# conformance_server mariadb|mysql: a server, if that kind can be had.
conformance_server()
{
	if ! mysql_tree "$1"; then
		echo "ok - $1 # SKIP not tested: $1 could not be fetched"
		return 1
	fi
	tap_case "the MySQL module builds" build_mysql
	tap_case "a server of $1 starts" start_mysql "conformance-$1" "$1"
	export "COVET_${1^^}_SOCKET=$PRIVATE/conformance-$1/socket"
	export COVET_MYSQL_SCRIPTS=$PRIVATE/build-mysql/build/mysql
}

# shellcheck disable=SC2034
files_fuzz='test/fuzz/fuzz_*.c'
suite_fuzz()
{
	local fuzzer

	for fuzzer in test/fuzz/fuzz_*.c; do
		fuzzer=$(basename "$fuzzer" .c)
		tap_case "$fuzzer" "${LIMIT[@]}" make -C test/fuzz \
			"check-${fuzzer#fuzz_}" ${FUZZ_RUNS:+RUNS="$FUZZ_RUNS"}
	done
}

# The extension is loaded into Python, and linked into a C program.
# shellcheck disable=SC2034
files_sqlite='test/sqlite/test_*'
suite_sqlite()
{
	local build=$PRIVATE/build-sqlite

	use_sqlite
	mkdir -p "$build" &&
		make -s --no-print-directory -C "$build" -f "$ROOT/Makefile" \
			-j "$(nproc)" sqlite &&
		COVET_SQLITE=$build/build/sqlite/covet_sessions.so \
			PYTHONDONTWRITEBYTECODE=1 "${LIMIT[@]}" prove --norc --timer \
			--exec "${PYTHON:-/usr/bin/python3}" test/sqlite/test_*.py || return
	# What is linked into a program of the system is linked with its SQLite.
	[ -n "${SQLITE_TREE-}" ] || "${LIMIT[@]}" make -s -C test/sqlite check
}

# use_sqlite: the headers and programs of SQLITE_TREE instead of the system's.
use_sqlite()
{
	[ -n "${SQLITE_TREE-}" ] || return 0
	export PATH=$SQLITE_TREE/usr/bin:$PATH CPPFLAGS=-I$SQLITE_TREE/usr/include
	PYTHON=$SQLITE_TREE/usr/bin/python3
}

# On MariaDB and MySQL.
# shellcheck disable=SC2034
files_mysql='test/mysql/test_*'
suite_mysql()
{
	local kind name client tests=() status=0 saved=$PERL_TEST_HARNESS_DUMP_TAP

	PERL_TEST_HARNESS_DUMP_TAP=$saved/functions \
		"${LIMIT[@]}" make -s -C test/mysql check || status=1
	build_mysql || return
	for name in ${MYSQL_TESTS:-$(basename -as .py test/mysql/test_*.py)}; do
		tests+=("test/mysql/test_${name#test_}.py")
	done
	client=$(mysql_tree mysql)
	for kind in ${COVET_MYSQL:-mariadb mysql}; do
		mkdir -p "$saved/$kind"
		if ! mysql_tree "$kind"; then
			echo "ok 1 - $kind # SKIP not tested: $kind could not be fetched" |
				tee "$saved/$kind/skipped"
			continue
		fi
		COVET_MYSQL_KIND=$kind COVET_MYSQL_CLIENT=${client:+$client/usr/bin/mysql} \
			PERL_TEST_HARNESS_DUMP_TAP=$saved/$kind PYTHONDONTWRITEBYTECODE=1 \
			"${LIMIT[@]}" prove --norc --timer \
			--exec "${PYTHON:-/usr/bin/python3}" "${tests[@]}" || status=1
	done
	return $status
}

# shellcheck disable=SC2034
files_tour='examples/tour/run'
suite_tour()
{
	tap_case "the tour runs to its end" "${LIMIT[@]}" examples/tour/run
	tap_case "... and in SQLite" "${LIMIT[@]}" examples/tour/run --sqlite
}

# That the benchmarks run, not what they measure.
# shellcheck disable=SC2034
files_bench='bench/*/run'
suite_bench()
{
	local result=$PRIVATE/bench-result

	tap_case "the benchmarks of PostgreSQL run" env \
		BENCH_PARTS='instructions protocols mix endurance' "${LIMIT[@]}" \
		bench/postgresql/run --smoke -o "$result/postgresql"
	tap_case "the results are rendered" bench/render "$result"
	tap_case "the report has a table and a plot of each" \
		test "$(grep -c '^### .*sessions' "$result/report.md")" -ge 4 -a \
		"$(grep -c '^!\[' "$result/report.md")" -ge 4
}

# ---- what they share ----

#
# run_suite NAME
#
# Runs a suite, prints a line about it, and what went wrong if something did.
# Sets PASSED, FAILED and SKIPPED.
#
run_suite()
{
	local name=$1 log=$LOGS/$1.log saved=$LOGS/$1.tap files=files_${1#spi-}
	local status note='' started=$SECONDS outputs=()

	SUITE=$name PASSED=0 FAILED=1 SKIPPED=0
	: >"$log"
	if ! compgen -G "$ROOT/${!files}" >/dev/null; then
		report_suite "$name" "$started" "no tests"
		return
	fi
	if ! prepare_suite; then
		report_suite "$name" "$started" "not run"
		return
	fi

	PERL_TEST_HARNESS_DUMP_TAP=$saved run_step "$log" "suite_${name#spi-}"
	status=$?

	[ ! -d "$saved" ] || mapfile -t outputs < <(find "$saved" -type f | sort)
	[ ${#outputs[@]} -gt 0 ] || outputs=("$log")
	tally "${outputs[@]}"
	if [ "$status" -eq 124 ]; then
		note="stopped after ${LIMIT[-1]} seconds"
	elif [ "$status" -ne 0 ] && [ "$FAILED" -eq 0 ]; then
		note="ended with status $status"
	elif [ $((PASSED + FAILED)) -eq 0 ]; then
		note="no tests"
	elif server_crashed; then
		note="the server crashed, see $LOGS/$CLUSTER.log"
	fi
	[ -z "$note" ] || ((FAILED++))
	report_suite "$name" "$started" "$note"
	sed -n 's/.* - \(.*\) # SKIP \(not tested: .*\)/            \1: \2/p' "${outputs[@]}"
	[ "$FAILED" -eq 0 ] || [ -n "${VERBOSE-}" ] || show_failure "$name" "${outputs[@]}"
}

# report_suite NAME STARTED NOTE: the line about a suite.
report_suite()
{
	local skipped=''

	[ "$SKIPPED" -eq 0 ] || skipped=", $SKIPPED skipped"
	printf '%-15s %5d passed, %d failed%s (%d s)%s\n' "$1" "$PASSED" "$FAILED" \
		"$skipped" $((SECONDS - $2)) "${3:+: $3}"
}

# show_failure NAME OUTPUT...: what a reader needs most from its output.
show_failure()
{
	local differences=$LOGS/$1/regression.diffs log=$LOGS/$1.log
	shift

	grep -hE '^ *not ok |\.\.\. +FAILED|^Bail out!' -- "$@" | head -n 50
	if [ -s "$differences" ]; then
		head -n 300 "$differences"
	else
		tail -n 80 "$log"
	fi
}

#
# prepare_suite
#
# Builds the extension and starts the shared server if $SUITE needs them and
# they are not there (any more).
#
prepare_suite()
{
	if [[ " $NEED_EXTENSION " == *" ${SUITE#spi-} "* && -z ${EXTENSION_BUILT-} ]]; then
		EXTENSION_BUILT=no
		if build_extension; then
			EXTENSION_BUILT=yes
		else
			echo "the extension does not build:"
			tail -n 40 "$LOGS/build_extension.log"
		fi
	fi
	if [[ " $NEED_EXTENSION " == *" ${SUITE#spi-} "* && $EXTENSION_BUILT = no ]]; then
		return 1
	fi
	CLUSTER=server
	if [[ $SUITE == spi-* ]]; then
		CLUSTER=spi
		force_spi
	fi
	if [[ " $NEED_SERVER " == *" ${SUITE#spi-} "* ]]; then
		cluster_runs "$CLUSTER" ||
			start_cluster "$CLUSTER" "$ROOT/test/server.conf"
		export PGHOST=$PRIVATE/$CLUSTER
	fi
}

# Has servers that are made from now on reach rows by SQL.
force_spi()
{
	local conf=$PRIVATE/spi.conf

	[ ! -e "$conf" ] || return 0
	cat ${TEMP_CONFIG:+"$TEMP_CONFIG"} - >"$conf" <<-END
		covet_sessions.access_path = spi
	END
	export TEMP_CONFIG=$conf
}

# True if a process of the shared server crashed and was not reported yet.
server_crashed()
{
	local crashes

	[[ " $NEED_SERVER " == *" ${SUITE#spi-} "* ]] || return
	crashes=$(grep -cE 'was terminated by signal|PANIC: ' "$LOGS/$CLUSTER.log")
	[ "$crashes" -gt "${CRASHES[$CLUSTER]:-0}" ] || return
	CRASHES[$CLUSTER]=$crashes
}
declare -A CRASHES=()

# installcheck VARIABLE=...: the Makefile's, with its results in the logs.
installcheck()
{
	mkdir -p "$LOGS/$SUITE"
	"${LIMIT[@]}" make -C "$PRIVATE/build" -f "$ROOT/Makefile" installcheck \
		EXTRA_REGRESS_OPTS="--outputdir=$LOGS/$SUITE" "$1"
}

# tap_case DESCRIPTION COMMAND [ARG...]: one test case around a command.
tap_case()
{
	local description=$1
	shift

	if "$@"; then
		echo "ok - $description"
	else
		echo "not ok - $description"
	fi
}

build_with()
{
	local directory=$PRIVATE/build-$1

	mkdir -p "$directory" &&
		make -s --no-print-directory -C "$directory" -f "$ROOT/Makefile" \
			-j "$(nproc)" CC="$1" WERROR=1 all sqlite mysql
}

# Of the many configurations that the server's headers have, this system's.
check_sources()
{
	local headers
	headers=$("$PG_CONFIG" --includedir-server)

	cppcheck --quiet --enable=warning,style,performance,portability \
		--inline-suppr --std=c11 --error-exitcode=1 -j "$(nproc)" \
		-I src/core -I src/postgresql -I "$headers" --suppress="*:$headers/*" \
		-D__linux__ -D__GNUC__ --max-configs=1 src
}

# PGXN wants semantic versions, of three numbers.
check_version()
{
	local version
	version=$(sed -n "s/^default_version *= *'\(.*\)'.*/\1/p" covet_sessions.control)

	[ "$(grep -c "\"version\": \"$version.0\"" META.json)" -eq 2 ]
}
