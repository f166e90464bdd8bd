#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernels: small
#
# A kernel as an appliance has one, without BPF, tracepoints, ftrace, kprobes, uprobes
# and KALLSYMS_ALL: what ringprof is missing there is told by its capabilities and by
# `ringprofctl info`, and it works. (So do all other tests.)

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"

# capabilities: "NAME yes|no" a line
capabilities()
{
	ringprofctl -j info | python -c '
import json, sys
info = json.load(sys.stdin)
assert info["capabilities_unknown"] == 0
for row in info["capabilities"]:
    print(row["name"], "yes" if row["there"] else "no")'
}

step "the kernel is such a one"
config=$(zcat /proc/config.gz)
for option in BPF_SYSCALL TRACEPOINTS FTRACE KPROBES UPROBES KALLSYMS_ALL DEBUG_FS; do
	check_no_match "$config" "^CONFIG_$option=" "the kernel's configuration"
done
check_match "$config" '^CONFIG_KUNIT=y' "the kernel's configuration"

step "what is missing, by the capabilities' bits"
there=$(capabilities)
check_match "$there" '^exit no$' "the capabilities"

step "and what is not"
for name in tick-hrtimer kernel-stack user-stack-fp build-id hard-tick messages nmi-clock; do
	check_match "$there" "^$name yes\$" "the capabilities"
done

step "info says what that means"
check_match "$(ringprofctl info | tr -s ' ')" \
	'^ *exit no what belonged to a process that ended is kept' "ringprofctl info"

step "it works: users' functions and the kernel's have their names"
check_works
check_ok ringprofctl record -F 999 -o /tmp/read.pb.gz -- "$tools/burn" 1 read
check_match "$(ringprofctl fold /tmp/read.pb.gz)" ';main;run;.*read_zero_\[k\]' "the profile"
