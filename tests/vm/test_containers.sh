#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernels: vm
#
# A container made by hand: mount, PID and cgroup namespaces of its own, another root, and in
# it a program that the host has not. Its functions have their names, its pid is the host's.

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"
dir=$(mktemp -d)
out=$dir/out.pb.gz

step "a program that is in the container alone, by way of an absolute link"
# shellcheck disable=SC2016	# that shell expands them
check_ok ringprofctl record -F 999 -o "$out" -- unshare -m -p -C -f bash -ec '
	mount --make-rprivate /
	mkdir "$2/new"
	mount -t tmpfs none "$2/new"
	mkdir "$2/new/old" "$2/new/only"
	cp "$1" "$2/new/only/inside"
	cp /bin/busybox "$2/new"
	ln -s /only "$2/new/link"
	cd "$2/new"
	pivot_root . old
	/busybox umount -l /old
	exec /link/inside 500' _ "$tools/brief" "$dir" >/dev/null
[[ ! -e /only && ! -e $dir/new/only ]] || fail "the host has the program, too"
check_ok ringprofctl fold --process "$out" >"$dir/folded"
check_match "$(<"$dir/folded")" '^inside;.*;main;brief_run;brief_leaf' "the profile"
check_no_match "$(grep '^inside;' "$dir/folded")" 'inside[+]0x[0-9a-f]{5}' "the profile"
check_ok ringprofctl -j report --by pid --filter process=inside "$out" >"$dir/pids"
check_match "$(<"$dir/pids")" '"name":"[0-9]+' "pids"
check_no_match "$(<"$dir/pids")" '"name":"1"' "pids"

check_accounting
