#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm: --cpus 2 --timeout 300
#
# A program whose profile is known comes out as it is: three functions that take 60, 30
# and 10 % of its time, within 4 percentage points, with whole caller chains, through
# `ringprofctl record` and through ringprofd; and the kernel's frames stand on top of the
# user's when it is in a system call.

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"
dir=$(mktemp -d)

# share FOLDED PATTERN: percent of the value of all stacks with a frame of burn's own
share()
{
	awk -v pattern="$2" '
		{ value = $NF; sub(/ [0-9]+$/, "") }
		/burn_(alpha|beta|gamma)/ { all += value; if ($0 ~ pattern) some += value }
		END { if (all) printf "%.2f\n", 100 * some / all; else print "none" }' "$1"
}

# check_shares FOLDED: of a burn without reads
check_shares()
{
	local name of chain
	while read -r name of; do
		check_between "$(share "$1" "$name\$")" $((of - 4)) $((of + 4)) \
			"share of $name as a leaf"
	done <<-'END'
		burn_alpha 60
		burn_beta 30
		burn_gamma 10
	END
	# A tick may hit the two instructions that set up a frame: its caller is then missing.
	chain=$(share "$1" ';main;run;burn_(alpha|beta|gamma)')
	check_between "$chain" 99 100 "stacks with all callers"
	step "alpha $(share "$1" 'burn_alpha$') beta $(share "$1" 'burn_beta$')" \
		"gamma $(share "$1" 'burn_gamma$') whole $chain"
}

step "through record"
ringprofctl record -F 999 -o "$dir/burn.pb.gz" -- "$tools/burn" 10 >"$dir/said"
check_ok ringprofctl fold --value cpu "$dir/burn.pb.gz" >"$dir/folded"
check_shares "$dir/folded"
check_accounting

step "and the program agrees: $(tr '\n' ' ' <"$dir/said")"
while read -r name of; do
	check_between "$(share "$dir/folded" "$name\$")" \
		"$(awk "BEGIN { print $of - 4 }")" "$(awk "BEGIN { print $of + 4 }")" \
		"share of $name by its own clock"
done <"$dir/said"

step "the time in the profile is the time that the program ran"
total=$(awk '{ sum += $NF } END { print sum / 1e9 }' "$dir/folded")
check_between "$total" 9.5 12 "seconds in the profile of a program that ran for 10"

step "a system call: the kernel's frames on top of the user's"
ringprofctl record -F 999 -o "$dir/read.pb.gz" -- "$tools/burn" 4 read
check_ok ringprofctl fold --value cpu "$dir/read.pb.gz" >"$dir/folded"
check_between "$(awk '
	{ value = $NF; all += value }
	/;main;run;.*read_zero_\[k\]/ { some += value }
	END { print 100 * some / all }' "$dir/folded")" 80 100 \
	"percent under main, run and the kernel's read_zero"
# Frames of the kernel never lie below frames of user code.
check_no_match "$(cat "$dir/folded")" '_\[k\];(main|run|do_read)[; ]' "the order of frames"
check_accounting

step "through ringprofd"
ringprofd -F 999 --window 60s --output-dir "$dir/out" 2>"$dir/daemon" &
daemon=$!
check_soon 20 ticks_above 0
"$tools/burn" 10 >/dev/null
kill -TERM $daemon
check_ok wait $daemon
files=("$dir"/out/*.pb.gz)
check_eq ${#files[@]} 1 "profiles of one window"
check_ok ringprofctl fold --value cpu --filter comm=burn "${files[0]}" >"$dir/folded"
check_shares "$dir/folded"
check_accounting
