# shellcheck shell=bash
#
# versions.sh
#	The versions of engines that are tested beside the system's own.
#
# For scripts in their private copy (see private.sh), with fetch.sh.

# shellcheck disable=SC2034 # what is set here is for the callers

VERSIONS=(postgresql-15 postgresql-16 postgresql-17 postgresql-18
	sqlite-bullseye sqlite-bookworm sqlite-sid
	mariadb-bookworm mariadb-trixie mysql-sid)

# The releases of Debian that may have a PostgreSQL, in the order of trying.
POSTGRESQL_RELEASES=(bookworm trixie sid)

#
# get_version VERSION
#
# Fetches it.  Sets TITLE to its name for people, WITH to the variables that
# test/run needs for it and SUITES to its suites.  Fails, with the reason on
# standard error, if it cannot be had.
#
get_version()
{
	local release=${1#*-} tree

	case $1 in
		postgresql-*)
			get_postgresql "$release"
			;;
		sqlite-*)
			tree=$(fetch_tree sqlite "$release" \
				libsqlite3-0 libsqlite3-dev sqlite3 python3) || return
			TITLE="SQLite $(version_of "$tree")"
			WITH=(SQLITE_TREE="$tree" COVET_ENGINES=sqlite)
			SUITES=(sqlite conformance)
			;;
		mariadb-*)
			tree=$(fetch_tree mariadb "$release" \
				mariadb-server-core mariadb-client-core) || return
			TITLE="MariaDB $(version_of "$tree")"
			WITH=(COVET_MYSQL=mariadb MARIADB_TREE="$tree" COVET_ENGINES=mariadb)
			SUITES=(mysql conformance)
			;;
		mysql-*)
			tree=$(fetch_tree mysql "$release" \
				mysql-server-core mysql-client-core) || return
			TITLE="MySQL $(version_of "$tree")"
			WITH=(COVET_MYSQL=mysql MYSQL_TREE="$tree" COVET_ENGINES=mysql)
			SUITES=(mysql conformance)
			;;
	esac
}

# get_postgresql MAJOR: with pgTAP, and the headers that it was built with.
get_postgresql()
{
	local major=$1 release tree='' home reasons=$LOGS/postgresql-$1.fetch

	: >"$reasons"
	for release in "${POSTGRESQL_RELEASES[@]}"; do
		tree=$(fetch_tree postgresql "$release" "postgresql-$major" \
			"postgresql-client-$major" "postgresql-server-dev-$major" \
			"postgresql-$major-pgtap" libssl-dev libc6-dev libcrypt-dev \
			linux-libc-dev 2>>"$reasons") && break
	done
	if [ -z "$tree" ]; then
		cat "$reasons" >&2
		return 1
	fi
	home=$tree/usr/lib/postgresql/$major
	fit_compiler "$home/lib/pgxs/src/Makefile.global"
	# Without LLVM there is no JIT.
	rm -f "$home/lib/llvmjit.so"

	TITLE="PostgreSQL $(version_of "$tree")"
	WITH=(PG_CONFIG="$home/bin/pg_config" COVET_ENGINES='postgresql sqlite')
	# A newer libc has functions that the system's headers do not know.
	[ ! -e "$tree/usr/include/stdio.h" ] || WITH+=(COPT="--sysroot=$tree")
	SUITES=(regress isolation pgtap tap conformance)
}

# fit_compiler MAKEFILE: without the warnings that this compiler does not know.
fit_compiler()
{
	local option

	for option in $(sed -n 's/^CFLAGS *=//p' "$1" | tr ' ' '\n' | grep '^-W[a-z]' | sort -u); do
		"${CC:-cc}" "$option" -x c -fsyntax-only /dev/null 2>/dev/null ||
			sed -i "s/ $option\( \|$\)/\1/" "$1"
	done
}

# version_of TREE: what people call the version of its first package.
version_of()
{
	local version=${1##*/}

	version=${version#*-*-}
	echo "${version%%[-+]*} (${1##*/}" | sed 's/(\([a-z]*\).*/(\1)/'
}
