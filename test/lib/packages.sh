# shellcheck shell=bash
#
# packages.sh
#	Installs what a fresh Debian lacks.
#
# Only install_packages is meant for callers.  Nothing here starts a service:
# neither the PostgreSQL cluster that Debian creates along with the server nor
# any other daemon.

# Packages for building and running the extension, for testing and measuring it,
# and for the SQLite extension alone.  MAJOR stands for the major version of the
# PostgreSQL server.
BUILD_PACKAGES=(postgresql-MAJOR postgresql-server-dev-MAJOR libssl-dev
	libc6-dev gcc make)
TEST_PACKAGES=(postgresql-MAJOR-pgtap libtap-parser-sourcehandler-pgtap-perl
	perl libipc-run-perl clang libclang-rt-dev cppcheck libcmocka-dev
	faketime pgbouncer python3-psycopg php-cli php-pgsql
	libsqlite3-dev sqlite3 python3 libdbd-sqlite3-perl php-sqlite3
	libsqlite3-tcl tcl ruby-sqlite3
	golang-github-mattn-go-sqlite3-dev patchelf mariadb-server-core mariadb-client
	python3-pymysql php-mysql golang-go golang-github-go-sql-driver-mysql-dev
	galera-4 rsync)

BENCH_PACKAGES=(libpq-dev libhiredis-dev redis-server pgbouncer locales
	valgrind gnuplot-nox python3 libsqlite3-dev sqlite3 libmariadb-dev
	mariadb-server-core mariadb-client-core patchelf)
SQLITE_PACKAGES=(sqlite3 libsqlite3-dev libssl-dev libc6-dev gcc make)

# What must be found in PATH where there is no apt-get to ask.
BUILD_COMMANDS=(pg_config make cc tar)
TEST_COMMANDS=(perl prove pg_prove gcc clang cppcheck faketime pgbouncer python3)
BENCH_COMMANDS=(redis-server pgbouncer valgrind gnuplot python3)
SQLITE_COMMANDS=(sqlite3 make cc tar)

#
# install_packages build|test|bench|sqlite
#
# Makes sure that everything needed is there, and sets PG_CONFIG (unless it is
# set: then the server is the caller's business; or only SQLite is asked for).
# As root, missing packages are installed; others are told the command, and the
# script ends with status 3.
#
install_packages()
{
	local wanted=("${BUILD_PACKAGES[@]}") commands=("${BUILD_COMMANDS[@]}")
	local major='' package missing=() install=without_services

	case $1 in
		test)
			wanted+=("${TEST_PACKAGES[@]}" "${BENCH_PACKAGES[@]}")
			commands+=("${TEST_COMMANDS[@]}" "${BENCH_COMMANDS[@]}")
			;;
		bench)
			wanted+=("${BENCH_PACKAGES[@]}")
			commands+=("${BENCH_COMMANDS[@]}")
			;;
		sqlite)
			wanted=("${SQLITE_PACKAGES[@]}")
			commands=("${SQLITE_COMMANDS[@]}")
			install=''
			;;
	esac
	if ! command -v apt-get >/dev/null; then
		require_commands "${commands[@]}"
		return
	fi

	if [ -z "${PG_CONFIG-}" ] && [ "$1" != sqlite ]; then
		major=$(installed_major)
		[ -n "$major" ] || major=$(candidate_major) || exit
	fi
	for package in "${wanted[@]}"; do
		case $package in
			*MAJOR*) [ -n "$major" ] || continue ;;
		esac
		package=${package/MAJOR/$major}
		package_installed "$package" || missing+=("$package")
	done

	if [ ${#missing[@]} -gt 0 ]; then
		local command="apt-get install --no-install-recommends ${missing[*]}"
		if [ "$(id -u)" -ne 0 ]; then
			give_up "packages are missing. As root, run:" "  $command"
		fi
		echo "installing: ${missing[*]}"
		$install apt_get install --no-install-recommends "${missing[@]}" ||
			give_up "packages could not be installed: $command"
	fi
	if [ -n "$major" ]; then
		PG_CONFIG=/usr/lib/postgresql/$major/bin/pg_config
	fi
	require_commands "${commands[@]}"
}

# give_up LINE...: says why and ends the script with status 3.
give_up()
{
	printf '%s\n' "$@" >&2
	exit 3
}

# Sets PG_CONFIG to an absolute path.
require_commands()
{
	local name missing=()

	PG_CONFIG=${PG_CONFIG:-pg_config}
	for name in "$@"; do
		[ "$name" != pg_config ] || name=$PG_CONFIG
		command -v "$name" >/dev/null || missing+=("$name")
	done
	[ ${#missing[@]} -eq 0 ] || give_up "not found in PATH: ${missing[*]}"
	! name=$(command -v "$PG_CONFIG") || export PG_CONFIG=$name
}

package_installed()
{
	[ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# The newest PostgreSQL server that is installed, if any.
installed_major()
{
	local server newest=''

	for server in /usr/lib/postgresql/*/bin/postgres; do
		[ -x "$server" ] || continue
		server=${server#/usr/lib/postgresql/}
		server=${server%%/*}
		[ "$server" -gt "${newest:-0}" ] && newest=$server
	done
	echo "$newest"
}

# The PostgreSQL server that this release of the system comes with.
candidate_major()
{
	local major

	major=$(default_major)
	if [ -z "$major" ]; then
		if [ "$(id -u)" -ne 0 ]; then
			give_up "the package lists are empty. As root, run:" "  apt-get update"
		fi
		apt_get update >&2
		major=$(default_major)
	fi
	[ -n "$major" ] || give_up "no package \"postgresql\" in the package lists"
	echo "$major"
}

default_major()
{
	apt-cache depends postgresql 2>/dev/null |
		sed -n 's/^ *Depends: postgresql-\([0-9][0-9]*\)$/\1/p' | sort -n | tail -n 1
}

# apt_get COMMAND [ARG...]: silent unless it fails.
apt_get()
{
	local output

	output=$(DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 \
		apt-get -qq -y -o DPkg::Lock::Timeout=120 "$@" 2>&1 </dev/null) && return
	# Lists that are missing or older than the archive are the usual reason.
	if [ "$1" = install ] && apt_get update &&
		output=$(DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 \
			apt-get -qq -y -o DPkg::Lock::Timeout=120 "$@" 2>&1 </dev/null); then
		return
	fi
	printf '%s\n' "$output" >&2
	return 1
}

#
# without_services COMMAND [ARG...]
#
# Runs COMMAND while Debian's own switches, policy-rc.d and
# create_main_cluster, keep packages from starting daemons and from creating a
# database cluster.  Both are put back as they were.
#
without_services()
(
	policy=/usr/sbin/policy-rc.d
	clusters=/etc/postgresql-common/createcluster.conf

	# shellcheck disable=SC2317 # called by the trap
	put_back()
	{
		[ -z "$policy" ] || rm -f "$policy"
		[ ! -e "$clusters.before" ] || mv "$clusters.before" "$clusters"
	}
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	trap put_back EXIT

	if [ -e "$policy" ]; then
		policy=''
	else
		printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy"
	fi
	package_installed postgresql-common ||
		apt_get install --no-install-recommends postgresql-common || exit
	cp -p "$clusters" "$clusters.before" &&
		echo 'create_main_cluster = false' >>"$clusters"
	"$@"
)
