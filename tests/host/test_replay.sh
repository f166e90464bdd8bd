#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Recorded stacks (registers, memory, mappings, of programs stopped at any place), walked
# by our tables and by libdw: the same frames, all of them, down to the root.

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/../vm/lib.sh"
cd "$project"
[[ $(uname -m) = x86_64 ]] || skip "recordings are of x86-64"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
inputs=$dir programs=build/bench
# shellcheck source=tests/bench/workloads.sh
. tests/bench/workloads.sh
make_inputs
make -s -j "$(nproc)" build/tests/replay bench-programs
replay=build/tests/replay

# number NAME: out of what check printed
number()
{
	sed -E "s/.*\b$1=([0-9]+).*/\1/" "$dir/said"
}

# replayed PERCENT NAME COMMAND...: moments of a command; so many of its stacks are whole
replayed()
{
	check_ok $replay record "$dir/$2" 100 "${@:3}"
	$replay check "$dir/$2" >"$dir/said" 2>"$dir/differences" ||
		fail "$2: $(<"$dir/said") $(head -n 60 "$dir/differences")"
	step "$2: $(<"$dir/said")"
	check_eq "$(number differ)" 0 "stacks that differ"
	check_between "$(number whole)" $(($1 * $(number moments) / 100)) "$(number moments)" \
		"whole stacks of $2"
}

step "programs built as anybody's are"
for name in threads throw clock; do
	replayed 99 "$name" "$programs/$name" 100
done
replayed 99 signals "$programs/signals" 100
check_between "$(number signals)" 10 1000 "signals' frames"

step "Debian's own"
replayed 98 python3 /usr/bin/python3 "$inputs/work.py" 100
replayed 98 perl perl "$inputs/work.pl" 100
replayed 98 xz xz -9 -c "$inputs/text" "$inputs/text" "$inputs/text"
replayed 98 sort env LC_ALL=C.UTF-8 sort -k1.9 --parallel=1 "$inputs/text" "$inputs/text" \
	"$inputs/text" "$inputs/text"

step "what is no recording"
head -c 100000 "$dir/clock" >"$dir/cut"
check_status 1 $replay check "$dir/cut" >"$dir/said" 2>&1
check_match "$(<"$dir/said")" 'not all of one' "what is said of a recording that was cut off"
check_status 1 $replay check /etc/passwd >/dev/null 2>&1
check_status 2 $replay >/dev/null 2>&1
