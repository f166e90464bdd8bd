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

{ command -v strip && command -v objcopy; } >/dev/null || skip "there are no binutils"
id=$(readelf -n "$tools/brief" | sed -n 's/.*Build ID: //p')
mkdir -p "$dir/host/.build-id/${id:0:2}"
objcopy --only-keep-debug "$tools/brief" "$dir/host/brief.debug"
cp "$dir/host/brief.debug" "$dir/host/.build-id/${id:0:2}/${id:2}.debug"
strip -o "$dir/inside" "$tools/brief"
(cd "$dir" && objcopy --add-gnu-debuglink=host/brief.debug inside)

# stripped FOLDED: what record has of the stripped program in a container with these links
stripped()
{
	# shellcheck disable=SC2016	# that shell expands them
	check_ok ringprofctl record -F 999 -o "$out" -- unshare -m -p -C -f bash -ec '
		mount --make-rprivate /
		mount -t tmpfs none "$1/new"
		mkdir -p "$1/new/old" "$1/new/only" "$1/new/usr/lib" "$1/new/inner"
		cp "$1/inside" "$1/new/only"
		cp /bin/busybox "$1/new"
		[[ ! $2 = inner ]] || cp "$1/host/brief.debug" "$1/new/inner"
		[[ $2 = inner ]] || ln -s "$2/brief.debug" "$1/new/only/brief.debug"
		ln -s "${2/#inner//inner}" "$1/new/only/.debug"
		ln -s "${2/#inner//inner}" "$1/new/usr/lib/debug"
		cd "$1/new"
		pivot_root . old
		/busybox umount -l /old
		exec /only/inside 500' _ "$dir" "$1" >/dev/null
	check_ok ringprofctl fold --process "$out" >"$dir/folded"
	check_between "$(samples_like '^inside;' "$dir/folded")" 100 100000 "samples"
}

step "the same, stripped, with links to a debug file of the host: no names"
for link in "$dir/host" "../../../../../../../../..$dir/host"; do
	stripped "$link"
	check_no_match "$(<"$dir/folded")" 'brief_leaf|brief_run' "the profile"
	check_match "$(<"$dir/folded")" '^inside;.*;inside[+]0x[0-9a-f]+' "the profile"
done

step "and with a link to one in the container"
stripped inner
check_match "$(<"$dir/folded")" '^inside;.*;main;brief_run;brief_leaf' "the profile"

check_accounting
