# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What every script here shares. Sourced, never run; sets `project` (the
# work tree's top) and `cache` (what was downloaded, outside the work tree).

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
cache=${RINGPROF_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/ringprof}
case $cache in
/*) ;;
*)	cache=$PWD/$cache ;;
esac
# shellcheck disable=SC2034	# for those who source this file
readonly project cache

me=$(basename "$0")

# note TEXT...: talk, so it goes to stderr
note()
{
	printf '%s: %s\n' "$me" "$*" >&2
}

# die TEXT...: exits with 125, the harness's own failure: neither a status of
# COMMAND's nor the failure of a test
die()
{
	note "$*"
	exit 125
}

# usage: prints the comment block that opens the calling script
usage()
{
	sed -n '/^#!/d; /^# SPDX/d; /^#$/{s/.*//;p;d}; /^# /{s/^# //;p;d}; q' "$0" |
		sed '/./,$!d'
}

# bad_usage TEXT...: what is wrong with the call, and where help is
bad_usage()
{
	note "$*"
	note "try: $0 -h"
	exit 2
}

# lock FILE: waits for FILE's lock and holds it until the (sub)shell ends. What
# is started meanwhile inherits it: start nothing that outlives the subshell.
lock()
{
	local fd
	mkdir -p "$(dirname "$1")"
	exec {fd}>>"$1"
	flock "$fd"
}

# hand_back FOLDER...: what root made on behalf of somebody else belongs to them
hand_back()
{
	[[ ! ${SUDO_UID:-} || ! ${SUDO_GID:-} ]] || chown -R "$SUDO_UID:$SUDO_GID" "$@"
}
