#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernels: small debug
#
# The ring's cases in the kernel itself (tests/ring, tests/kunit): each of them is run by
# KUnit and passes, and their module can be unloaded afterwards.

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"
module=$(dirname "$RINGPROF_MODULE")/kunit/ringprof_kunit.ko

mapfile -t cases < <(sed -n 's/^\tX(\([a-z0-9_]*\)).*/test_\1/p' "$project/tests/ring/cases.h")
((${#cases[@]})) || fail "tests/ring/cases.h has no cases"

step "${#cases[@]} cases"
dmesg --clear
check_ok insmod "$module"
said=$(dmesg | sed -E 's/^\[[^]]*\] ?//')
printf '%s\n' "$said" >&2
passed=$(sed -nE 's/^ +ok [0-9]+ (- )?([a-z0-9_]+)$/\2/p' <<<"$said")
check_eq "$passed" "$(printf '%s\n' "${cases[@]}")" "the cases that passed"
check_match "$said" '^ok [0-9]+ (- )?ringprof_ring$' "the suite's result"

step "and it can go"
check_ok rmmod ringprof_kunit
