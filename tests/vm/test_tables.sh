#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Unwind tables: what the module refuses, how many there may be, and that nothing of them
# is left.

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"

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
