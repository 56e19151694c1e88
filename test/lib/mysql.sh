# shellcheck shell=bash
#
# mysql.sh
#	Runs throw-away servers of MySQL and MariaDB.
#
# For scripts in their private copy (see private.sh), with fetch.sh.  A server
# of kind
#
#	mariadb		is the system's, or that of MARIADB_TREE
#	mysql		is that of sid, which alone has MySQL, or that of MYSQL_TREE
#
# It runs as the calling user, listens on a unix socket in $PRIVATE/NAME alone,
# its administrator is "root" without a password, its log is $LOGS/NAME.log, and
# it loads plugins from $PRIVATE/mysql-plugins.

# Seconds that a server gets to start or stop.
MYSQL_PATIENCE=60

#
# mysql_tree KIND
#
# Prints the directory that a kind's programs are in: empty for the system's.
# Fails, with the reason on standard error, if it cannot be had.
#
mysql_tree()
{
	case $1 in
		mariadb) echo "${MARIADB_TREE-}" ;;
		mysql)
			if [ -n "${MYSQL_TREE-}" ]; then
				echo "$MYSQL_TREE"
			else
				fetch_tree mysql sid mysql-server-core mysql-client-core
			fi
			;;
		*)
			echo "no such kind of server: $1" >&2
			return 1
			;;
	esac
}

#
# mariadb_scripts
#
# Prints the directory of the scripts that a MariaDB server calls to join a
# cluster: of the release that the server is from, as they are not in its core.
#
mariadb_scripts()
{
	local release tree

	release=$(basename "${MARIADB_TREE-}")
	release=${release%%-*}
	[ -n "$release" ] || release=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
	tree=$(fetch_package "${release:-sid}" mariadb-server) || return
	echo "$tree/usr/bin"
}

#
# build_mysql
#
# Builds the library and puts it where the servers look for it.
#
build_mysql()
{
	mkdir -p "$PRIVATE/build-mysql" "$PRIVATE/mysql-plugins" &&
		make -s --no-print-directory -C "$PRIVATE/build-mysql" \
			-f "$ROOT/Makefile" -j "$(nproc)" mysql &&
		cp "$PRIVATE/build-mysql/build/mysql/covet_sessions.so" \
			"$PRIVATE/mysql-plugins/"
}

#
# start_mysql NAME KIND [OPTION...]
#
# Makes the server NAME (a short word) if it is not there yet, and starts it.
#
start_mysql()
{
	local name=$1 kind=$2 directory=$PRIVATE/$1 tree command
	shift 2

	mkdir -p "$PRIVATE/mysql-plugins"
	tree=$(mysql_tree "$kind") || return
	if [ ! -d "$directory/data" ]; then
		mysql_template "$kind" "$tree" && mkdir -p "$directory" &&
			cp -R "$PRIVATE/template-$kind" "$directory/data" || return
		echo "$kind" >"$directory/kind"
	fi
	mysql_command "$kind" "$tree" command
	"${command[@]}" --datadir="$directory/data" --socket="$directory/socket" \
		--pid-file="$directory/pid" --log-error="$LOGS/$name.log" \
		--plugin-dir="$PRIVATE/mysql-plugins" --skip-networking \
		--innodb-flush-log-at-trx-commit=2 --innodb-buffer-pool-size=64M \
		"$@" </dev/null >>"$LOGS/$name.log" 2>&1 &
	mysql_wait "$name" $!
}

# mysql_template KIND TREE: makes a data directory, once, to copy.
mysql_template()
{
	local kind=$1 tree=$2 data=$PRIVATE/template-$1 command

	[ ! -d "$data" ] || return 0
	if [ "$kind" = mysql ]; then
		mysql_command "$kind" "$tree" command
		"${command[@]}" --datadir="$data" --initialize-insecure \
			--innodb-redo-log-capacity=64M >>"$LOGS/$kind-init.log" 2>&1
	else
		"$tree/usr/bin/mariadb-install-db" --no-defaults \
			--basedir="$tree/usr" --datadir="$data" --skip-test-db \
			--auth-root-authentication-method=normal \
			--innodb-log-file-size=64M >>"$LOGS/$kind-init.log" 2>&1
	fi || {
		tail -n 20 "$LOGS/$kind-init.log" >&2
		return 1
	}
	# Each copy gets an identity of its own.
	rm -f "$data/auto.cnf"
}

# mysql_command KIND TREE ARRAY: the server program, and where its files are.
mysql_command()
{
	local -n result=$3

	# shellcheck disable=SC2034 # the caller's
	if [ "$1" = mysql ]; then
		result=("$2/usr/sbin/mysqld" --no-defaults --basedir="$2/usr"
			--lc-messages-dir="$2/usr/share/mysql"
			--character-sets-dir="$2/usr/share/mysql/charsets"
			--secure-file-priv=NULL --mysqlx=OFF)
	elif [ -n "$2" ]; then
		result=("$2/usr/sbin/mariadbd" --no-defaults --basedir="$2/usr"
			--lc-messages-dir="$2/usr/share/mariadb"
			--character-sets-dir="$2/usr/share/mariadb/charsets")
	else
		result=(mariadbd --no-defaults)
	fi
}

# mysql_wait NAME PID: until it answers; fails if it ends before.
mysql_wait()
{
	local try

	for ((try = 0; try < MYSQL_PATIENCE * 10; try++)); do
		# A server of a cluster listens before it takes part.
		if [ "$(mysql_sql "$1" -N -e 'SELECT 1' 2>/dev/null)" = 1 ]; then
			return
		fi
		kill -0 "$2" 2>/dev/null || break
		sleep 0.1
	done
	tail -n 20 "$LOGS/$1.log" >&2
	return 1
}

# mysql_sql NAME [ARG...]: the system's client, as the server's administrator.
mysql_sql()
{
	local name=$1
	shift

	mariadb --no-defaults --user=root --socket="$PRIVATE/$name/socket" \
		--default-character-set=utf8mb4 "$@"
}

# stop_mysql NAME [SIGNAL]: stops it (KILL: as a crash would) and keeps its data.
stop_mysql()
{
	local pid try

	pid=$(cat "$PRIVATE/$1/pid" 2>/dev/null) || return 0
	kill -s "${2:-TERM}" "$pid" 2>/dev/null || return 0
	for ((try = 0; try < MYSQL_PATIENCE * 10; try++)); do
		kill -0 "$pid" 2>/dev/null || return 0
		sleep 0.1
	done
	echo "$1 does not stop" >&2
	return 1
}
