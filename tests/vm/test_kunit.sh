#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernels: small debug
#
# The module's tests in the kernel itself (tests/kunit): each case of each suite is run
# by KUnit and passes, and their module can be unloaded afterwards.

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"
module=$(dirname "$RINGPROF_MODULE")/kunit/ringprof_kunit.ko

step "loading"
dmesg --clear
check_ok insmod "$module"
said=$(dmesg | sed -E 's/^\[[^]]*\] ?//')
printf '%s\n' "$said" >&2

# check_suite NAME FILE: of which FILE has a list with a line for each case
check_suite()
{
	local cases passed
	mapfile -t cases < <(sed -n 's/^\tX(\([a-z0-9_]*\)).*/test_\1/p' "$project/$2")
	((${#cases[@]})) || fail "$2 has no cases"
	step "$1: ${#cases[@]} cases"
	passed=$(awk -v suite="$1" '
		/# Subtest: / { inside = $NF == suite }
		inside && /^ +ok [0-9]+ / { print $NF }' <<<"$said")
	check_eq "$passed" "$(printf '%s\n' "${cases[@]}")" "the cases that passed"
	check_match "$said" "^ok [0-9]+ (- )?$1\$" "the suite's result"
}

check_suite ringprof_ring tests/ring/cases.h
check_suite ringprof_unwind tests/unwind/cases.h
for name in tables readers maps stacks; do
	check_suite "ringprof_$name" "tests/kunit/$name.c"
done
check_eq "$(grep -c '# Subtest: ' <<<"$said")" 6 "suites"

step "and it can go"
check_ok rmmod ringprof_kunit
