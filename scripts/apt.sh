# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Debian's packages, downloaded and unpacked without being installed: apt with a
# configuration of its own, so that neither this machine's lists nor its state are
# touched. Sourced, after lib.sh, by who sets
#
#   arch     whose packages
#   native   this machine's architecture
#   suites   where they come from; a suite called *-security lies on the mirror's
#            security half
#   work     a folder for all this, which open_apt makes and which goes at exit
# shellcheck disable=SC2154

# Sets `mirror` and `mirror_security` to where this machine gets Debian from. Apt
# is asked for what it would fetch, because its sources have two syntaxes and may
# lie in many files.
find_mirrors()
{
	local uris
	mkdir -p "$work/none/partial"
	uris=$(apt-get -o Dir::State::lists="$work/none" --print-uris update |
		sed -n "s|^'\([^']*\)/dists/\([^/]*\)/InRelease'.*|\2 \1|p")
	mirror=$(awk -v s="$(own_codename)" '$1 == s { print $2; exit }' <<<"$uris")
	mirror_security=$(awk '$1 ~ /-security$/ { print $2; exit }' <<<"$uris")
	[[ $mirror ]] ||
		die "apt's sources on this machine name no Debian mirror for $(own_codename)"
	[[ $mirror_security ]] || mirror_security=${mirror%/debian}/debian-security
}

own_codename()
{
	# shellcheck source=/dev/null
	(. /etc/os-release; printf '%s\n' "${VERSION_CODENAME:-}")
}

# Lists and downloads lie inside `work`.
configure_apt()
{
	local keys=/usr/share/keyrings/debian-archive-keyring.gpg suite from signed=
	local second=
	[[ ! -e $keys ]] || signed="[signed-by=$keys]"
	[[ $arch = "$native" ]] || second="\"$native\";"
	mkdir -p "$work"/{lists,archives}/partial
	for suite in $suites; do
		from=$mirror
		[[ $suite != *-security ]] || from=$mirror_security
		printf 'deb %s %s %s main\n' "$signed" "$from" "$suite"
	done >"$work/sources.list"
	cat >"$work/apt.conf" <<-END
		Dir::Etc::sourcelist "$work/sources.list";
		Dir::Etc::sourceparts "/dev/null";
		Dir::State::lists "$work/lists";
		Dir::State::status "/dev/null";
		Dir::Cache "$work";
		Dir::Cache::archives "$work/archives";
		APT::Architecture "$arch";
		APT::Architectures { "$arch"; $second };
		APT::Sandbox::User "root";
		APT::Update::Post-Invoke-Success "";
		Acquire::Languages "none";
		Acquire::Retries "3";
		#clear APT::Update::Post-Invoke-Success;
	END
	export APT_CONFIG=$work/apt.conf
}

# field PACKAGE FIELD: of the newest version of PACKAGE
field()
{
	apt-cache --no-all-versions show "$1" | sed -n "s/^$2: //p" | head -n 1
}

# closure REGEX PACKAGE...: these and what they need, and so on, as far as its name
# matches REGEX; exact names
closure()
{
	local match=$1 todo=("${@:2}") done=' ' name
	while ((${#todo[@]})); do
		name=${todo[0]}
		todo=("${todo[@]:1}")
		[[ $done != *" $name "* ]] || continue
		done+="$name "
		printf '%s\n' "$name"
		mapfile -t -O "${#todo[@]}" todo < <(field "$name" Depends |
			grep -oE "(^|[ ,])${match}[^ ,:]*" | tr -d ' ,')
	done
}

# download DIR PACKAGE...: unpacks them into DIR
download()
{
	local into=$1
	shift
	note "downloading $*"
	(cd "$work/archives" && apt-get -q download "$@" >&2) ||
		die "apt could not download $*"
	unpack "$into"
}

# unpack DIR: what was downloaded
unpack()
{
	local deb
	mkdir -p "$1"
	for deb in "$work"/archives/*.deb; do
		dpkg-deb --fsys-tarfile "$deb" | tar -C "$1" --keep-directory-symlink -xf -
		rm "$deb"
	done
}

# open_apt WHAT...: makes ready for the rest; WHAT is looked for
open_apt()
{
	rm -rf "$work"
	mkdir -p "$work"
	trap 'rm -rf "$work"' EXIT
	find_mirrors
	configure_apt
	note "reading what the mirror has of $*"
	apt-get -q update >&2 && return
	# A mirror of the security suites is now and then between two states, for an
	# architecture or two. What is older does for tests.
	note "apt could not read all of $suites; trying without security updates"
	suites=$(tr ' ' '\n' <<<"$suites" | grep -v -- '-security$' | xargs)
	configure_apt
	apt-get -q update >&2 || die "apt could not read the suites $suites"
}
