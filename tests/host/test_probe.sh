#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What is found out about a kernel (kmod/compat/probe): the same by any sh, with no other
# programs than a package manager's hook can count on, each probe compiled once, never by
# more than four compilers at once, and again when it is another kernel.

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/../vm/lib.sh"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$project"

step "any sh, few programs"
mkdir "$dir/bin" "$dir/probes" "$dir/running"
for program in mktemp rm basename tr sed grep mv sleep ls wc; do
	ln -s "$(type -P $program)" "$dir/bin/$program"
done
# A compiler: fails for what is called bad_..., and notes how many of it run at once.
cat >"$dir/bin/compiler" <<-'END'
	#!/bin/sh
	for last; do :; done
	: >"$RUNNING/$$"
	set -- "$RUNNING"/*
	echo $# >>"$RUNNING.log"
	sleep 0.1
	rm "$RUNNING/$$"
	case $last in
	*/bad_*) echo "$last:1: error: no such */ thing" >&2; exit 1 ;;
	esac
END
sed -i "1s,/bin/sh,$(type -P dash)," "$dir/bin/compiler"
chmod 755 "$dir/bin/compiler"
: >"$dir/probes/good_one.c"
for n in {1..10}; do
	: >"$dir/probes/bad_$n.c"
done
echo '/* exported: known other */' >"$dir/probes/exported.c"
echo '/* exported: known unknown */' >"$dir/probes/private.c"
printf '0x0\t%s\tvmlinux\tEXPORT_SYMBOL\t\n' known other >"$dir/symvers"
cat >"$dir/wanted" <<-'END'
	#define RP_HAVE_EXPORTED 1
	#define RP_HAVE_GOOD_ONE 1
END
for shell in dash 'busybox sh' 'bash --posix'; do
	rm -f "$dir/running.log"
	# shellcheck disable=SC2086	# a word each
	check_ok env -i PATH="$dir/bin" RUNNING="$dir/running" \
		"$(type -P ${shell%% *})" ${shell#"${shell%% *}"} kmod/compat/probe \
		"$dir/have.h" "$(echo "$dir"/probes/*.c)" "$dir/symvers" compiler -O2
	check_ok diff "$dir/wanted" <(grep '^#define' "$dir/have.h") >&2
	check_match "$(<"$dir/have.h")" '^/\* RP_HAVE_BAD_3: no such  thing \*/$' "the reason"
	check_match "$(<"$dir/have.h")" '^/\* RP_HAVE_PRIVATE: unknown is not exported' "the reason"
	check_eq "$(wc -l <"$dir/running.log")" 13 "compilations by $shell"
	check_between "$(sort -n "$dir/running.log" | tail -n 1)" 2 4 "compilers at once by $shell"
done

# modules KERNEL: always in the same folder, as `make modules` does without MODDIR
modules()
{
	local KREL KDIR
	eval "$(scripts/kernel "$1" env)"
	make -s modules KREL="$KREL" KDIR="$KDIR" MODDIR="$dir/modules" >"$dir/log" 2>&1 ||
		fail "make: $(tail -n 20 "$dir/log")"
}

step "a kernel's"
TIMEFORMAT='%U %S'
{ time modules 6.1; } 2>"$dir/time"
# A measurement to read, no limit: how busy the machine is is in it.
step "$(awk 'END { print $1 + $2 }' "$dir/time") s of CPU time, module included"
check_no_match "$(<"$dir/modules/kmod/compat/have.h")" '#define RP_HAVE_VM_FLAGS_SET ' "6.1"

step "another kernel's, in the same folder; and then nothing is done again"
modules 6.12
check_match "$(<"$dir/modules/kmod/compat/have.h")" '#define RP_HAVE_VM_FLAGS_SET ' "6.12"
touch "$dir/then"
modules 6.12
check_eq "$(find "$dir/modules" -name have.h -newer "$dir/then")" '' "files made again"
