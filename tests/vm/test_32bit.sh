#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A 32-bit program on a 64-bit kernel: its frames are walked with its own word size, its
# functions are named, and its profile is as true as a 64-bit one's.

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/vm/shares.sh
. "$(dirname "$0")/shares.sh"
dir=$(mktemp -d)
seconds=$(amount 10 6)

[[ $(getconf LONG_BIT) = 64 ]] || skip "this is a 32-bit machine"
[[ -x $tools/burn32 ]] || skip "the compiler here makes no 32-bit programs (gcc-12-multilib)"
"$tools/burn32" 0.01 >/dev/null 2>&1 || skip "this kernel runs no 32-bit programs"

step "through record"
ringprofctl record -F 999 -o "$dir/burn.pb.gz" -- "$tools/burn32" "$seconds" >"$dir/said"
fold_shares "$dir/burn.pb.gz" "$dir/folded"
if [[ $(uname -m) = aarch64 ]]; then
	check_shares "$dir/folded" from-main
else
	check_shares "$dir/folded"
fi

# ARM's C library is in Thumb code, in whose system calls the frame pointer holds another
# thing.
if [[ $(uname -m) != aarch64 ]]; then
	step "a system call: the kernel's frames on top of the user's"
	ringprofctl record -F 999 -o "$dir/read.pb.gz" -- "$tools/burn32" "$(amount 4 1)" read
	fold_shares "$dir/read.pb.gz" "$dir/folded"
	check_reads "$dir/folded"
fi

step "the records: flagged, and no address that such a program cannot have"
for program in burn burn32; do
	"$tools/$program" 1000 >/dev/null &
	load=$!
	"$tools/watch" 60 "$(amount 2000 300)" $program >"$dir/seen"
	kill $load
	read -r _ samples _ user _ is_32bit _ wide <"$dir/seen"
	step "$program: $(<"$dir/seen")"
	check_between "$samples" "$(amount 2000 300)" 100000 "samples of $program"
	check_between "$user" $((samples * 9 / 10)) "$samples" "samples with user frames"
	if [[ $program = burn32 ]]; then
		check_eq "$is_32bit $wide" "$user 0" "flagged samples, samples with high addresses"
	else
		check_eq "$is_32bit $wide" "0 $user" "flagged samples, samples with high addresses"
	fi
done
check_accounting
