#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# limit: 2400
#
# Structured garbage at everything that the module shows to user space: messages, calls,
# mappings, stores into what is shared; of which nothing comes but clean errors. Afterwards
# nothing of it is left, and a session works as always. (That the kernel had nothing to
# complain about is for scripts/vm to see.)
#
# RP_FACEFUZZ_OPERATIONS   how many at least (1000000, in the short form 50000, but not on a
#                          debug kernel)
# RP_FACEFUZZ_SEED         the same garbage again; the seed of each run is in its log

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"
dir=$(mktemp -d)
operations=$(amount 1000000 50000)
! debug_kernel || operations=1000000
operations=${RP_FACEFUZZ_OPERATIONS:-$operations}
seed=${RP_FACEFUZZ_SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}

check_nothing_left

step "$operations operations with RP_FACEFUZZ_SEED=$seed"
start=$SECONDS
check_ok "$tools/facefuzz" "$seed" "$operations" >"$dir/did"
cat "$dir/did" >&2
step "in $((SECONDS - start)) seconds"
check_match "$(<"$dir/did")" '[a-z]=[0-9]' "what it did"
check_no_match "$(<"$dir/did")" '=0( |$)' "something that it never did"

step "afterwards nothing is there, and it works as it did"
check_nothing_left
check_works
check_ok rmmod ringprof
