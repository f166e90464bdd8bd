#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What scripts/test makes of a boot that several tests shared: whose splat it was, and
# what becomes of those that had not ended when the guest went away.

cd "$(dirname "$0")/../.." || exit
# shellcheck source=tests/vm/lib.sh
. tests/vm/lib.sh
# shellcheck source=scripts/test-kernels.sh
. scripts/test-kernels.sh

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
# what scripts/test-kernels.sh finds in scripts/test
# shellcheck disable=SC2034
logs=$dir
header() { sed -n "1,40s/^# $2: *//p" "$1" | head -n 1; }
report() { echo "$*" >>"$dir/reports"; }

# judged NAME WANTED: what is reported of that test of the boot
judged()
{
	rm -f "$dir/reports"
	judge_one k "$1"
	check_eq "$(<"$dir/reports")" "$2" "the report of $1"
}

step "whose splat it is"
printf '%s\r\n' '[    1.0] Linux version 6' \
	'[    2.0] ringprof-test: first' '[    2.5] something' \
	'[    3.0] ringprof-test: second' \
	'[    3.5] WARNING: CPU: 0 PID: 1 at fs/x.c:1 x+0x1/0x2' '[    3.6] Modules linked in:' \
	'[    4.0] ringprof-test: third' '[    4.5] something else' \
	'[    5.0] ringprof-test: boot' '[    6.0] reboot: Restarting system' >"$dir/k.console"
for name in first second third; do
	echo "0 42" >"$dir/k-$name.result"
	echo "said by $name" >"$dir/k-$name.log"
done
judged first 'k/first 0 42'
judged second 'k/second 99 42'
check_match "$(<"$dir/k-second.log")" 'said by second' "its log"
check_match "$(<"$dir/k-second.log")" 'WARNING: CPU: 0' "its log"
judged third 'k/third 0 42'
check_eq "$(console_of boot "$dir/k.console" | tr -d '\r' | cut -d ']' -f 2 | tr '\n' ';')" \
	' Linux version 6; ringprof-test: boot; reboot: Restarting system;' "the boot's own part"

step "what did not end, or failed, or was left out"
judged first 'k/first 125 0'
check_match "$(<"$dir/k-first.log")" 'gone before this test ended' "its log"
echo "1 7" >"$dir/k-first.result"
judged first 'k/first 1 7'
echo "77 7" >"$dir/k-first.result"
judged first 'k/first 77 7'

step "a test may be for some kernels only"
printf '# kernels: debug small\n' >"$dir/some"
printf '# alone: --cpus 1\n' >"$dir/all"
check_ok runs_on "$dir/some" small
check_status 1 runs_on "$dir/some" vm
check_status 1 runs_on "$dir/some" 6.1
check_ok runs_on "$dir/all" vm
check_ok runs_alone "$dir/all" vm
check_status 1 runs_alone "$dir/all" small
check_status 1 runs_alone "$dir/some" vm
check_status 1 runs_alone - vm
for kernel in $(kernels); do
	check_ok runs_on "$dir/all" "$kernel"
	[[ $kernel = vm ]] ||
		check_match "$(options_of "$kernel")" '--(kernel|arch) ' "the options of $kernel"
done
check_between "$(kernels | wc -l)" 1 100 "kernels"
