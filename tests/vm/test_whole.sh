#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# limit: 1500
#
# User stacks of programs as Debian ships them, without frame pointers, are whole once
# their tables are there; and so are those of calls into the vdso.

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"
dir=$(mktemp -d)
inputs=$(mktemp -d) programs=$project/build/bench
# shellcheck source=tests/bench/workloads.sh
. "$project/tests/bench/workloads.sh"

has user-stack-tables || {
	step "a machine without tables says so"
	status=0
	message=$(ringprofctl record --unwind tables -d 1 -o "$dir/x" 2>&1) || status=$?
	check_eq "$status" 1 "status of record --unwind tables"
	check_match "$message" 'no unwind tables here' "what it says"
	check_ok ringprofctl record -d 1 -o "$dir/x"
	exit 0
}

# What the issue of a table asks for, in percent of the samples
wanted=99
[[ $(uname -m) = x86_64 ]] || wanted=98

make_runner "$dir/run"

# walked N: waits for so many stacks more
walked()
{
	check_soon 200 walked_above $(($(ends user all) + $1))
}

# new_above N: for check_soon, as walked_above
new_above() { (($(ends user new) > $1)); }

# measure NAME: lets the workload run, and looks at how its stacks end behind the first
# ones, during which its tables are made. Sets `whole`, in percent.
measure()
{
	local load recorder
	setsid "$dir/run" "$1" 900 &
	load=$!
	ringprofctl record -F 499 --modes user -p $load -o "$dir/$1.pb.gz" >/dev/null 2>&1 &
	recorder=$!
	check_soon 30 sessions_above 0
	walked "$(amount 300 200)"
	ringprofctl -j status >"$dir/before"
	walked "$(amount 1000 300)"
	ringprofctl -j status >"$dir/after"
	kill -INT $recorder
	check_ok wait $recorder
	pkill -s $load		# whatever process groups it has made
	wait $load 2>/dev/null || true
	whole=$(awk -v root="$(grown root)" -v all="$(grown all)" \
		'BEGIN { printf "%.2f", 100 * root / all }')
}

names=(python3 clock)
short_form || names+=(sort xz zstd perl openssl sqlite3)
make_inputs
for name in "${names[@]}"; do
	has_workload "$name" || { step "$name is not installed here"; continue; }
	measure "$name"
	step "$name: $whole % of $(grown all) stacks are whole; $(reasons)"
	check_between "$whole" $wanted 100 "percent of whole stacks of $name"
	check_accounting
done

# On arm64 what a program does first has frame pointers, mostly.
[[ $(uname -m) != x86_64 ]] || {
	step "what a process does before its mappings are known is told from what has no way on"
	setsid bash -c 'while :; do /usr/bin/python3 -I -S -c pass; done' &
	load=$!
	ringprofctl record -F 499 --modes user -p $load -o "$dir/begins.pb.gz" >/dev/null 2>&1 &
	recorder=$!
	check_soon 200 new_above $(($(ends user new) + 3))
	kill -INT $recorder
	check_ok wait $recorder
	pkill -s $load
	wait $load 2>/dev/null || true
	ringprofctl fold --filter user_truncated=new "$dir/begins.pb.gz" >"$dir/new"
	check_file "$dir/new" "stacks of processes that had just begun"
}
check_nothing_left
