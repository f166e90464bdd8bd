#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Unwind tables: what the module refuses, how many there may be, and that nothing of them
# is left; and the stacks of a program without frame pointers, which end early without
# tables and are whole, and right, with them.

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"
dir=$(mktemp -d)

# look N: sets `whole` to how many percent are walked to their root of N stacks that come now
look()
{
	ringprofctl -j status >"$dir/before"
	check_soon 120 walked_above $(($(ends user all "$dir/before") + $1))
	ringprofctl -j status >"$dir/after"
	whole=$(awk -v a="$(grown root)" -v b="$(grown all)" 'BEGIN { printf "%.2f", 100 * a / b }')
}

# becomes_whole: are nearly all? For check_soon.
becomes_whole()
{
	look 50
	[[ ${whole%.*} -ge 99 ]]
}

# walk UNWIND PROGRAM ARGUMENT...: records a program that goes on, by tables or fp, into
# $dir/folded; sets `whole` to how many percent of its stacks were walked to their root, once
# the tables of the program, its C library, the dynamic linker and the vDSO are there
walk()
{
	local loaded load recorder
	loaded=$(counter tables-loaded)
	"${@:2}" &
	load=$!
	ringprofctl record -F 499 --unwind "$1" -p $load -o "$dir/p.pb.gz" >/dev/null 2>&1 &
	recorder=$!
	[[ $1 = fp ]] || check_soon 60 tables_above $((loaded + 3))
	# Samples that were being taken at that moment still went without.
	check_soon 60 walked_above $(($(ends user all) + 50))
	look "$(amount 1000 300)"
	kill $load
	wait $load 2>/dev/null || true
	check_ok wait $recorder
	check_ok ringprofctl fold "$dir/p.pb.gz" >"$dir/folded"
	step "$(basename "$2") ${*:4}, by $1: $whole % of $(grown all) stacks are whole; $(reasons)"
}

# right ROOT REST [CALLER]: percent of the samples in stacks of spin that begin with ROOT and
# have been through descend, or CALLER, which those before the tables were there do not and
# have not, that go on as REST says
right()
{
	awk -v root="^$1" -v pattern="^$1$2\$" -v spin=";${3:-descend};(.*;)?spin\$" '
		{ value = $NF; sub(/ [0-9]+$/, "") }
		$0 ~ root && $0 ~ spin { all += value; if ($0 ~ pattern) some += value }
		END { print all ? 100 * some / all : "none" }' "$dir/folded"
}

if [[ $(uname -m) != @(x86_64|aarch64) ]]; then
	step "a machine without tables says so"
	check_ok "$tools/tables" none
	exit 0
fi

step "wrong tables, wrong files, wrong memory"
check_ok "$tools/tables" refused

step "limits, of a session and of all"
before=$(counter tables-evicted) loaded=$(counter tables-loaded)
check_ok "$tools/tables" limits /sys/module/ringprof/parameters/table_bytes
check_eq "$(($(counter tables-evicted) - before))" 13 "evictions counted"
check_eq "$(($(counter tables-loaded) - loaded))" 17 "tables counted"
check_nothing_left

step "a program without frame pointers"
down="$(printf 'descend;%.0s' {1..40})"
if [[ $(uname -m) = x86_64 ]]; then	# on arm64 the chain goes on, past most of them
	walk fp "$tools/deep" 100000 main
	check_between "$whole" 0 20 "percent of the stacks that are whole by frame pointers"
fi
walk tables "$tools/deep" 100000 main
check_between "$whole" 99 100 "percent of the stacks that are whole by tables"
check_between "$(right '_start;' ".*;main;run;${down}spin")" 99 100 "percent of them that are right"

step "a thread"
walk tables "$tools/deep" 100000 thread
check_between "$whole" 99 100 "percent of the stacks that are whole by tables"
check_between "$(right '[^;]*;[^;]*;in_thread;' "${down}spin")" 99 100 "percent of them that are right"

step "memory for tables that there was not, that goes and comes again, while it runs"
"$tools/deep" 100000 main &
load=$!
ringprofctl record -F 499 --table-memory 0 -p $load -o "$dir/p.pb.gz" >/dev/null 2>&1 &
recorder=$!
check_soon 30 sessions_above 0
check_soon 120 walked_above $(($(ends user all) + 100))
for time in first second; do
	check_ok ringprofctl set --table-memory 8M
	check_soon 60 becomes_whole
	look "$(amount 300 100)"
	step "when memory comes for the $time time, $whole % of $(grown all) stacks are whole; $(reasons)"
	check_between "$whole" 99 100 "percent of the stacks that are whole"
	check_ok ringprofctl set --table-memory 0
	check_eq "$(ringprofctl -j status | sum_of tables '"tables":')" 0 "tables without memory"
	if [[ $(uname -m) = x86_64 ]]; then
		look 50
		check_between "$whole" 0 20 "percent of the stacks that are whole without tables"
	fi
done
kill $load
wait $load 2>/dev/null || true
check_ok wait $recorder

step "a signal's handler on a stack of its own"
walk tables "$tools/deep" 100000 signal
check_between "$whole" 99 100 "percent of the stacks that are whole by tables"
check_between "$(right '_start;' ".*;main;${down}interrupted;.*;on_signal;${down}spin")" \
	99 100 "percent of them that are right"

step "code that nobody describes, by frame pointers, between code with tables"
made=';[^;]*'
[[ $(uname -m) != x86_64 ]] || made=';[^;]*;[^;]*'	# and on two stacks
walk tables "$tools/jit" 100000
check_between "$whole" 99 100 "percent of the stacks that are whole by tables"
check_between "$(right '_start;' ".*;main;run;enter$made;leave;spin" leave)" 99 100 \
	"percent of them that are right"
check_nothing_left

seed=${RP_TABLES_SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
seconds=$(amount 20 5)
! debug_kernel || seconds=60
step "random tables for $seconds seconds with RP_TABLES_SEED=$seed"
loads=()
for how in main thread signal; do
	"$tools/deep" 100000 $how &
	loads+=($!)
done
"$tools/burn" 100000 read >/dev/null &
loads+=($!)
check_ok "$tools/wild" "$seed" "$seconds" >"$dir/did"
cat "$dir/did" >&2
check_match "$(<"$dir/did")" '[a-z]=[0-9]' "what it did"
check_no_match "$(<"$dir/did")" '=0( |$)' "something that never came about"
for load in "${loads[@]}"; do
	kill -0 "$load" || fail "a program that was profiled has died"
	kill "$load"
	wait "$load" 2>/dev/null || true
done
check_nothing_left
check_works
