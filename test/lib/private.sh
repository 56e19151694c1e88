# shellcheck shell=bash
#
# private.sh
#	Runs a script in a private copy of the source tree, as an ordinary user.
#
# PostgreSQL refuses to run as root, the checkout may be unreadable to anybody
# else, and neither the checkout nor the system may be written to.  So a script
# that starts with
#
#	ROOT=$(cd "$(dirname "$0")/.." && pwd)
#	. "$ROOT/test/lib/private.sh"
#	enter_private test/run test "$@"
#
# continues, as an ordinary user and with a clean environment, in
#
#	$PRIVATE	a new directory under ${TMPDIR:-/tmp}
#	$ROOT		$PRIVATE/src, the copy of the source tree
#	$LOGS		$PRIVATE/logs
#	$COVET_CACHE	where fetch.sh keeps what it gets
#
# When it ends, for whatever reason, every process that it left is stopped and
# the directory is deleted.

# Variables of the caller's environment that the script gets to see.
KEPT_VARIABLES=(PATH TERM CI COPT WERROR PG_CONFIG TEMP_CONFIG
	FUZZ_RUNS PG_TEST_EXTRA PG_TEST_TIMEOUT_DEFAULT
	COVET_ENGINES COVET_MYSQL MYSQL_TESTS MYSQL_SECONDS TAP_FILES PYTHON
	MARIADB_TREE MYSQL_TREE SQLITE_TREE
	http_proxy https_proxy no_proxy)

#
# enter_private SCRIPT build|test|bench|sqlite [ARG...]
#
# SCRIPT is the script's path from the top of the tree; the second argument
# says which packages it needs; the rest are its own arguments.  Replaces
# the process by one that runs the copy of SCRIPT, in which this returns.
#
enter_private()
{
	if [ "${COVET_PRIVATE_PROCESS-}" = $$ ]; then
		PRIVATE=$COVET_PRIVATE
		# shellcheck disable=SC2034 # for the callers
		LOGS=$PRIVATE/logs
		STEP=''
		KEPT=''
		trap leave_private EXIT
		trap 'exit 130' INT
		trap 'exit 143' TERM
		trap 'exit 129' HUP
		trap 'exit 141' PIPE
		ulimit -S -c 0
		cd "$ROOT" || exit
		return
	fi

	local script=$1 packages=$2 user='' name environment=()
	shift 2

	. "$ROOT/test/lib/packages.sh"
	. "$ROOT/test/lib/fetch.sh"
	install_packages "$packages"
	[ "$(id -u)" -ne 0 ] || user=$(ordinary_user) || exit

	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	PRIVATE=$(mktemp -d "${TMPDIR:-/tmp}/covet.XXXXXX") || exit
	trap 'rm -rf "$PRIVATE"' EXIT
	# A socket's path has 107 characters at most.
	[ ${#PRIVATE} -le 60 ] ||
		give_up "TMPDIR is too long a path for unix sockets: $TMPDIR"
	mkdir "$PRIVATE"/{src,logs,tmp,home} && copy_tree "$PRIVATE/src" || exit

	PATH=$PATH:/usr/sbin:/sbin
	for name in "${KEPT_VARIABLES[@]}"; do
		[ -z "${!name-}" ] || environment+=("$name=${!name}")
	done
	environment+=(HOME="$PRIVATE/home" TMPDIR="$PRIVATE/tmp" LC_ALL=C.UTF-8
		COVET_CACHE="$(cache_directory "$user")"
		COVET_PRIVATE="$PRIVATE" COVET_PRIVATE_PROCESS=$$)
	set -- env -i "${environment[@]}" bash "$PRIVATE/src/$script" "$@"
	if [ -n "$user" ]; then
		chown -R "$user:" "$PRIVATE" || exit
		set -- setpriv --reuid "$user" --regid "$(id -g "$user")" \
			--init-groups -- "$@"
	fi
	cd "$PRIVATE/src" || exit
	trap - EXIT INT TERM HUP
	exec "$@"
}

# The user that root's servers run as.
ordinary_user()
{
	local user

	for user in postgres nobody; do
		if id "$user" >/dev/null 2>&1; then
			echo "$user"
			return
		fi
	done
	give_up "there is no user \"postgres\" or \"nobody\" to run a server as"
}

# copy_tree DIRECTORY: copies the source tree without what was built in it.
copy_tree()
{
	tar -C "$ROOT" --exclude=./.git --exclude='./test/*/build*' \
		--exclude='*.o' --exclude='*.bc' --exclude='*.so' \
		--exclude='./covet_sessions--*.sql' -cf - . |
		tar -C "$1" --no-same-owner -xf -
}

#
# run_step LOG COMMAND [ARG...]
#
# Runs COMMAND with its output in the file LOG (and on standard output with
# VERBOSE set) and returns its status.  Unlike a plain command it can be
# interrupted at any moment.
#
run_step()
{
	local log=$1
	shift

	# With job control the step is a process group of its own.
	set -m
	if [ -n "${VERBOSE-}" ]; then
		"$@" > >(tee -a "$log") 2>&1 </dev/null &
	else
		"$@" >>"$log" 2>&1 </dev/null &
	fi
	STEP=$!
	set +m
	wait "$STEP"
	local status=$?
	STEP=''
	return $status
}

# keep_private: leaves the directory and its servers behind when the script
# ends.
keep_private()
{
	KEPT=all
}

# keep_logs: leaves $LOGS behind when the script ends.
keep_logs()
{
	KEPT=logs
}

leave_private()
{
	trap '' INT TERM HUP PIPE
	[ "$KEPT" != all ] || return
	[ -z "$STEP" ] || kill -TERM -- "-$STEP" 2>/dev/null
	stop_private_processes
	cd / || return
	if [ "$KEPT" = logs ]; then
		find "$PRIVATE" -mindepth 1 -maxdepth 1 ! -name logs -exec rm -rf {} +
	else
		rm -rf "$PRIVATE"
	fi
}

#
# Stops what was started here and still runs: programs of the private
# directory, recognised by their path (a server hides its environment), and any
# other process, recognised by the environment it inherited.
#
stop_private_processes()
{
	local signal try

	for signal in QUIT KILL; do
		find_private_processes
		for try in {1..50}; do
			[ ${#PROCESSES[@]} -gt 0 ] || return
			[ "$try" -gt 1 ] || kill -s $signal "${PROCESSES[@]}" 2>/dev/null
			sleep 0.1
			find_private_processes
		done
	done
}

# Sets PROCESSES to the process ids.
find_private_processes()
{
	local found pid

	found=$({
		find /proc/[0-9]*/exe -maxdepth 0 -lname "$PRIVATE/*"
		grep -lszxF "COVET_PRIVATE=$PRIVATE" /proc/[0-9]*/environ
	} 2>/dev/null | cut -d / -f 3 | sort -u)

	# The search found itself as well, but is over by now.
	PROCESSES=()
	for pid in $found; do
		[ "$pid" = $$ ] || ! kill -0 "$pid" 2>/dev/null || PROCESSES+=("$pid")
	done
}
