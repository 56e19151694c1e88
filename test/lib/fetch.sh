# shellcheck shell=bash
#
# fetch.sh
#	Gets programs of another Debian release without installing them.
#
#	tree=$(fetch_tree mysql sid mysql-server-core mysql-client-core) || ...
#	"$tree/usr/sbin/mysqld" --no-defaults --basedir="$tree/usr" ...
#
# The packages and the libraries they depend on are unpacked in a directory of
# the cache, and each program there is told to use that directory's libraries,
# and its own libc and dynamic loader if the system's libc is older.  So
# programs run as they are; what they read at run time (messages, character
# sets, plugins) is still sought in the system unless an option says otherwise.
#
# The system is asked for its mirror, proxies and keys alone.  Nothing needs
# root, and several processes may fetch at once.  Package lists are a day old
# at most, unless there is no network: then what is in the cache is used.
# The cache may be deleted at any time; its trees cannot be moved.

#
# cache_directory [USER]
#
# Prints the cache's directory, COVET_CACHE if that is set, and makes it if it
# is not there.  As root, USER, who is to fetch, becomes its owner, and it is
# where a user that is not root can reach it.
#
cache_directory()
{
	local directory=${COVET_CACHE-}

	if [ -z "$directory" ] && [ "$(id -u)" -eq 0 ]; then
		directory=/var/cache/covet_sessions
	elif [ -z "$directory" ]; then
		directory=${XDG_CACHE_HOME:-$HOME/.cache}/covet_sessions
	fi
	if [ ! -d "$directory" ]; then
		mkdir -p "$directory" || return
		[ -z "${1-}" ] || [ "$(id -u)" -ne 0 ] || chown "$1:" "$directory" || return
	fi
	realpath "$directory"
}

#
# fetch_tree NAME SUITE PACKAGE...
#
# Prints the directory in which the packages of SUITE (sid, trixie ...) are
# unpacked: CACHE/SUITE-NAME-VERSION, with the version of the first one.  Of
# their dependencies it has the libraries, and packages whose name begins with
# that of a PACKAGE; name what else is needed.  Fails, with the reason on
# standard error, if they cannot be had.
#
fetch_tree()
{
	fetch_locked "$2" fetch_tree_locked "$@"
}

#
# fetch_package SUITE PACKAGE
#
# Prints the directory in which one package is unpacked, without what it depends
# on: for a file in it that needs nothing else.
#
fetch_package()
{
	fetch_locked "$1" fetch_package_locked "$@"
}

# fetch_locked SUITE FUNCTION ARG...: calls FUNCTION CACHE ARG..., one at a time.
fetch_locked()
{
	local cache suite=$1 function=$2
	shift 2
	cache=$(cache_directory "$(id -un)") && mkdir -p "$cache/apt/$suite" || return

	# What a killed process has left is taken over by the next that gets the lock.
	(
		flock 9
		trap '[ -z "${part-}" ] || rm -rf "$part"' EXIT
		"$function" "$cache" "$@"
	) 9>"$cache/apt/$suite/lock"
}

# fetch_tree_locked CACHE NAME SUITE PACKAGE...
fetch_tree_locked()
{
	local cache=$1 name=$2 suite=$3 version tree recipe
	local apt=$1/apt/$3
	shift 3

	refresh_lists "$apt" "$suite" && version=$(suite_version "$apt" "$suite" "$1") || return

	tree=$cache/$suite-$name-$version
	recipe="$tree 3 $*"
	if [ "$(cat "$tree/.complete" 2>/dev/null)" != "$recipe" ]; then
		command -v patchelf >/dev/null || {
			echo "patchelf is not installed" >&2
			return 1
		}
		part=$tree.part
		rm -rf "$part" && mkdir -p "$part/packages" &&
			download "$apt" "$part/packages" "$@" &&
			unpack "$part" &&
			relocate "$part" "$tree" &&
			echo "$recipe" >"$part/.complete" &&
			rm -rf "$tree" && mv "$part" "$tree" || return
	fi
	echo "$tree"
}

# fetch_package_locked CACHE SUITE PACKAGE
fetch_package_locked()
{
	local apt=$1/apt/$2 version tree

	refresh_lists "$apt" "$2" && version=$(suite_version "$apt" "$2" "$3") || return
	tree=$1/$2-alone-$3-$version
	if [ ! -d "$tree" ]; then
		part=$tree.part
		rm -rf "$part" && mkdir -p "$part/packages" &&
			(cd "$part/packages" && suite_apt "$apt" apt-get -qq download "$3") >&2 &&
			unpack "$part" && mv "$part" "$tree" || return
	fi
	echo "$tree"
}

# suite_version APT SUITE PACKAGE: prints which version the suite has.
suite_version()
{
	local version

	version=$(suite_apt "$1" apt-cache show --no-all-versions "$3" 2>/dev/null |
		sed -n 's/^Version: *\([0-9]*:\)\{0,1\}//p' | head -n 1)
	if [ -z "$version" ]; then
		echo "$2 has no package $3" >&2
		return 1
	fi
	echo "$version"
}

# refresh_lists APT SUITE: gets the package lists of a suite.
refresh_lists()
{
	local apt=$1 suite=$2 mirror signed=''
	local keyring=/usr/share/keyrings/debian-archive-keyring.gpg

	[ -z "$(find "$apt/updated" -mtime -1 2>/dev/null)" ] || return 0

	mkdir -p "$apt"/state/lists/partial "$apt"/cache/archives/partial || return
	mirror=$(debian_mirror) || return
	[ ! -e "$keyring" ] || signed="[signed-by=$keyring] "
	echo "deb $signed$mirror $suite main" >"$apt/sources.list"
	# No package counts as installed, and no hook of the system's apt is run.
	: >"$apt/status"
	cat >"$apt/apt.conf" <<-END
		Dir::State "$apt/state";
		Dir::State::status "$apt/status";
		Dir::Cache "$apt/cache";
		Dir::Etc::sourcelist "$apt/sources.list";
		Dir::Etc::sourceparts "-";
		Dir::Etc::preferences "/dev/null";
		Dir::Etc::preferencesparts "/dev/null";
		APT::Architectures { "$(dpkg --print-architecture)"; };
		APT::Install-Recommends "false";
		APT::Sandbox::User "root";
		Acquire::Languages "none";
		Acquire::Retries "3";
		#clear APT::Update;
	END
	if suite_apt "$apt" apt-get -qq -o APT::Update::Error-Mode=any update >&2; then
		touch "$apt/updated"
	elif [ -e "$apt/updated" ]; then
		echo "$suite: no new package lists, the old ones are used" >&2
	else
		return 1
	fi
}

# suite_apt APT COMMAND [ARG...]: a command of apt, on a suite's own state.
suite_apt()
{
	local apt=$1 command=$2
	shift 2

	LC_ALL=C.UTF-8 "$command" -c "$apt/apt.conf" "$@"
}

# Where this system gets its own release from.
debian_mirror()
{
	local release mirror

	release=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
	# shellcheck disable=SC2016 # what apt fills in
	mirror=$(apt-get indextargets --format '$(RELEASE) $(SITE)' \
		'Created-By: Packages' 'Component: main' 2>/dev/null |
		awk -v release="${release:-sid}" '
			$1 == release { found = $2; exit }
			$1 ~ /^(oldstable|stable|testing|unstable|sid)$/ { found = $2 }
			END { print found }')
	if [ -z "$mirror" ]; then
		echo "the sources of apt name no mirror of Debian" >&2
		return 1
	fi
	echo "$mirror"
}

# download APT DIRECTORY PACKAGE...: the packages and what they need, as files.
download()
{
	local apt=$1 directory=$2 plan names=()
	shift 2

	plan=$(suite_apt "$apt" apt-get -qq --simulate install "$@") || {
		echo "$plan" >&2
		return 1
	}
	mapfile -t names < <(sed -n 's/^Inst \([^ ]*\) (\([^ ]*\).*/\1 \2/p' <<<"$plan" |
		while read -r package version; do
			! needed "$package" "$version" "$@" || echo "$package"
		done)
	(cd "$directory" && suite_apt "$apt" apt-get -qq download "${names[@]}") >&2
}

# needed PACKAGE VERSION NAMED...: true if a tree should have it.
needed()
{
	local package=$1 version=$2 named
	shift 2

	case $package in
		# A process has one libc, which must be the newest that it needs.
		libc6 | libc6-dev)
			dpkg --compare-versions "$version" gt \
				"$(dpkg-query -W -f='${Version}' libc6)" || return
			;;
	esac
	for named in "$@"; do
		[[ $package != "$named"* ]] || return 0
	done
	case $package in
		# The system's compiler, perl and systemd do; JIT is not used.
		*-dev | libllvm* | libclang* | libperl* | libsystemd-shared*) return 1 ;;
		lib* | zlib1g) return 0 ;;
		*) return 1 ;;
	esac
}

# unpack PART: the files of its packages, in the layout that releases have now.
unpack()
{
	local part=$1 directory package

	for directory in bin sbin lib lib64; do
		mkdir -p "$part/usr/$directory" &&
			ln -s "usr/$directory" "$part/$directory" || return
	done
	for package in "$part"/packages/*.deb; do
		dpkg-deb --fsys-tarfile "$package" |
			tar -C "$part" --keep-directory-symlink --no-same-owner -xf - || return
	done
	rm -rf "$part/packages" "$part/usr/share/doc"
	chmod -R u+rwX,go+rX "$part"
}

# relocate PART TREE: makes the programs in PART run once it is called TREE.
relocate()
{
	local part=$1 tree=$2 libraries program loader paths path

	libraries=$(find "$part/usr/lib" -maxdepth 1 -name '*-linux-gnu*' -printf '/usr/lib/%f' -quit)
	while read -r program; do
		loader=$(patchelf --print-interpreter "$program" 2>/dev/null) || continue
		paths=$tree$libraries
		for path in $(patchelf --print-rpath "$program" | tr : ' '); do
			case $path in
				/*) paths+=:$tree$path ;;
				*) paths+=:$path ;;
			esac
		done
		# DT_RPATH, unlike the environment and DT_RUNPATH, counts for the
		# libraries of libraries too and for no other program.
		[ ! -e "$part$libraries/libc.so.6" ] ||
			loader=$tree$libraries/$(basename "$loader")
		patchelf --set-interpreter "$loader" \
			--force-rpath --set-rpath "$paths" "$program" || return
	done < <(find "$part/usr/bin" "$part/usr/sbin" "$part/usr/lib" \
		-type f -perm -u+x ! -name '*.so' ! -name '*.so.*')
}
