# shellcheck shell=bash
#
# server.sh
#	Builds the extension and runs throw-away servers with it.
#
# For scripts in their private copy (see private.sh).  The extension is
# installed into a copy of the installed PostgreSQL, which finds its files
# relative to its programs wherever it is put.  So no right to write to the
# system is needed, any server version and packaging will do, and servers need
# no setting to find the extension.

#
# build_extension
#
# Builds the source tree in $PRIVATE/build, copies the installed PostgreSQL to
# $PRIVATE/pg, installs the extension there and puts its programs first in
# PATH.  Returns non-zero, with the reason in $LOGS/build_extension.log, if the
# extension does not build.
#
build_extension()
{
	mkdir -p "$PRIVATE/build" "$PRIVATE/pg" &&
		run_step "$LOGS/build_extension.log" make -C "$PRIVATE/build" \
			-f "$ROOT/Makefile" -j "$(nproc)" &&
		run_step "$LOGS/build_extension.log" copy_postgresql "$PRIVATE/pg" &&
		run_step "$LOGS/build_extension.log" make -C "$PRIVATE/build" \
			-f "$ROOT/Makefile" install DESTDIR="$PRIVATE/pg" || return
	PATH=$PRIVATE/pg$("$PG_CONFIG" --bindir):$PATH
}

copy_postgresql()
{
	local directory bindir

	for directory in $("$PG_CONFIG" --pkglibdir) $("$PG_CONFIG" --sharedir); do
		mkdir -p "$1$directory" && cp -R "$directory/." "$1$directory" || return
	done

	# The directory of the programs may be one that all programs share.
	bindir=$("$PG_CONFIG" --bindir) && mkdir -p "$1$bindir" &&
		find "$bindir" -maxdepth 1 \( -name 'postgres' -o -name 'pg*' \
			-o -name initdb -o -name psql -o -name '*db' -o -name '*user' \) \
			-exec cp {} "$1$bindir" \;
}

#
# start_cluster NAME [CONFIGURATION_FILE...]
#
# Makes the cluster NAME (a short word) if it is not there yet and starts it.
# It listens on a unix socket in $PRIVATE/NAME alone, its superuser is
# "postgres", its log is $LOGS/NAME.log.  The configuration files are
# appended to its postgresql.conf when it is made, the file $TEMP_CONFIG last.
# Exports PGHOST, PGPORT, PGUSER and PGDATABASE, so that psql connects to it.
#
start_cluster()
{
	local name=$1 directory=$PRIVATE/$1 data=$PRIVATE/$1/data
	shift

	if [ ! -d "$data" ]; then
		mkdir -p "$directory" &&
			run_step "$LOGS/$name.log" initdb --pgdata "$data" --username postgres \
				--auth trust --encoding UTF8 --no-sync --no-instructions &&
			cat - "$@" ${TEMP_CONFIG:+"$TEMP_CONFIG"} \
				>>"$data/postgresql.conf" <<-END || return
				listen_addresses = ''
				unix_socket_directories = '$directory'
				port = 5432
				fsync = off
				log_line_prefix = '%m [%p] %b %a '
			END
	fi
	if ! pg_ctl start -s -w -D "$data" -l "$LOGS/$name.log" </dev/null; then
		tail -n 20 "$LOGS/$name.log" >&2
		return 1
	fi
	export PGHOST=$directory PGPORT=5432 PGUSER=postgres PGDATABASE=postgres
}

# stop_cluster NAME [smart|fast|immediate]: stops it and keeps its data.
stop_cluster()
{
	pg_ctl stop -s -w -m "${2:-fast}" -D "$PRIVATE/$1/data"
}

# cluster_runs NAME: true if it is up.
cluster_runs()
{
	[ -d "$PRIVATE/$1/data" ] && pg_ctl status -D "$PRIVATE/$1/data" >/dev/null
}

#
# keep_cluster NAME
#
# Leaves the cluster running when the script ends, and tells how to connect to
# it and how to be rid of it.
#
keep_cluster()
{
	keep_private
	cat <<-END
		The server keeps running. Connect with

		  $(command -v psql) -h $PRIVATE/$1 -U postgres

		Stop it and delete everything with

		  kill -INT $(head -n 1 "$PRIVATE/$1/data/postmaster.pid") && sleep 1 && rm -rf $PRIVATE
	END
}
