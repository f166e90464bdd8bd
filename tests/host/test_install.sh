#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# `make modules` for a kernel that is not the running one, `make install` into a folder,
# and `make clean`: what README promises of them.

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/../vm/lib.sh"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$project"
eval "$(scripts/kernel 6.1 env)"

step "a module for another kernel"
check_ok make -s modules KREL="$KREL" KDIR="$KDIR" MODDIR="$dir/modules" >"$dir/log" 2>&1
check_match "$(modinfo -F vermagic "$dir/modules/ringprof.ko")" "^$KREL " "its version"
check_eq "$(modinfo -F license "$dir/modules/ringprof.ko")" GPL "its license"
check_eq "$(git status --porcelain kmod proto Kbuild)" "" "what building left in the sources"

step "installing"
mkdir -p "$dir/root/etc/ringprof"
echo '# mine' >"$dir/root/etc/ringprof/ringprofd.conf"
check_ok make -s install DESTDIR="$dir/root" PREFIX=/usr KREL="$KREL" KDIR="$KDIR" \
	MODDIR="$dir/modules" >"$dir/log" 2>&1
check_match "$("$dir/root/usr/bin/ringprofctl" --version)" '[0-9]' "ringprofctl"
check_match "$("$dir/root/usr/sbin/ringprofd" --version)" '[0-9]' "ringprofd"
check_eq "$(cat "$dir/root/etc/ringprof/ringprofd.conf")" '# mine' "an own configuration"
check_match "$(cat "$dir/root/usr/lib/systemd/system/ringprofd.service")" \
	'^ExecStart=/usr/sbin/ringprofd' "the unit"
check_eq "$(find "$dir/root/lib/modules/$KREL" -name 'ringprof.ko*' | wc -l)" 1 "modules"

step "a configuration is installed where there is none, and is valid"
check_ok make -s install DESTDIR="$dir/other" MODDIR="$dir/none" >"$dir/log" 2>&1
check_ok "$dir/other/usr/local/sbin/ringprofd" --check-config \
	-c "$dir/other/etc/ringprof/ringprofd.conf"

step "cleaning"
check_ok make -s -n clean B="$dir/b" >"$dir/log"
check_match "$(cat "$dir/log")" "^rm -rf $dir/b$" "what clean removes"
