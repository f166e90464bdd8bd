#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A program whose profile is known comes out as it is: three functions that take 60, 30
# and 10 % of its time, within 4 percentage points, with whole caller chains, through
# `ringprofctl record` and through ringprofd; and the kernel's frames stand on top of the
# user's when it is in a system call.

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/vm/shares.sh
. "$(dirname "$0")/shares.sh"
dir=$(mktemp -d)
seconds=$(amount 10 6)

step "through record"
ringprofctl record -F 999 -o "$dir/burn.pb.gz" -- "$tools/burn" "$seconds" >"$dir/said"
fold_shares "$dir/burn.pb.gz" "$dir/folded"
check_shares "$dir/folded"
check_accounting

step "and the program agrees: $(tr '\n' ' ' <"$dir/said")"
while read -r name of; do
	check_between "$(share_of "$dir/folded" "$name")" \
		"$(awk "BEGIN { print $of - 4 }")" "$(awk "BEGIN { print $of + 4 }")" \
		"share of $name by its own clock"
done <"$dir/said"

step "the time in the profile is the time that the program ran"
# What it took to start is not in its own count: on a slow machine it is much.
total=$(awk '/(^|;)(main|run|burn_[a-z]*)[; ]/ { sum += $NF } END { print sum / 1e9 }' "$dir/folded")
check_between "$total" "$(awk "BEGIN { print $seconds * 0.95 }")" \
	"$(awk "BEGIN { print $seconds * 1.2 }")" \
	"seconds in the profile of a program that ran for $seconds"

step "a system call: the kernel's frames on top of the user's"
ringprofctl record -F 999 -o "$dir/read.pb.gz" -- "$tools/burn" "$(amount 4 1)" read
fold_shares "$dir/read.pb.gz" "$dir/folded"
check_reads "$dir/folded"
# Frames of the kernel never lie below frames of user code.
check_no_match "$(cat "$dir/folded")" '_\[k\];(main|run|do_read)[; ]' "the order of frames"
check_accounting

step "through ringprofd"
ringprofd -F 999 --window 60s --output-dir "$dir/out" "${without_cpu_budget[@]}" 2>"$dir/daemon" &
daemon=$!
check_soon 60 ticks_above 0
"$tools/burn" "$seconds" >/dev/null
kill -TERM $daemon
check_ok wait $daemon
files=("$dir"/out/*.pb.gz)
check_eq ${#files[@]} 1 "profiles of one window"
fold_shares "${files[0]}" "$dir/folded" --filter comm=burn
check_shares "$dir/folded"
check_accounting
