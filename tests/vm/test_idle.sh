#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Idle is silent: a CPU with nothing to do is not interrupted by the timers. What runs on it
# now and then is sampled as it would be elsewhere, also what runs in softirqs on top of
# its idle task.

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"
dir=$(mktemp -d)
seconds=$(amount 10 5)
frequency=499

# interrupts: the kernel's own count of those of its timers, and of its CPUs' to one another
interrupts()
{
	awk '
		/LOC:|IWI:|RES:|CAL:|arch_timer|IPI/ {
			for (i = 2; i <= NF && $i ~ /^[0-9]+$/; i++)
				n += $i
		}
		END { print n + 0 }' /proc/interrupts
}

# quiet: how many of them while nothing is done. A few times, and the least: what else there
# is comes and goes.
quiet()
{
	local before _
	for _ in 1 2 3; do
		before=$(interrupts)
		sleep "$seconds"
		echo $(($(interrupts) - before))
	done | sort -n | head -n 1
}

has idle-silent || skip "this kernel does not tell when a CPU idles"

step "an idle host"
without=$(quiet)
ringprofctl record -F $frequency --tick hrtimer -d 600 -o "$dir/idle" 2>/dev/null &
session=$!
check_soon 60 ticks_above 1
check_soon 60 delivered_above 0
sleep 1
idle=$(counter idle) taken=$(counter taken)
with=$(quiet)
idle=$(($(counter idle) - idle)) taken=$(($(counter taken) - taken))
all=$((2 * frequency * seconds))
step "interrupts in $seconds s: $without without, $with with, where $all ticks could be"
step "in $((3 * seconds)) s: $taken ticks, $idle of them on an idle CPU"
# Where something runs, ticks are to come.
check_between "$with" 0 $((without + (taken - idle) / 3 + all / 10)) "interrupts"
check_between "$idle" 0 $((3 * all / 100)) "ticks on idle CPUs"
check_accounting

kill -INT $session
check_ok wait $session

# What is sent on the loopback by the first CPU is received on the second, which has nothing
# else to do: in softirqs. With PREEMPT_RT they are a thread's, and 6.1 warns of packets that
# are steered so.
steering=/sys/class/net/lo/queues/rx-0/rps_cpus
if [[ -w $steering && $(uname -v) != *PREEMPT_RT* ]]; then
	step "softirqs on an idle CPU are somebody's"
	echo 2 >$steering
	taskset -c 0 bash -c 'while :; do echo >/dev/udp/127.0.0.1/9; done' 2>/dev/null &
	load=$!
	check_ok ringprofctl record -F 999 --tick hrtimer -d "$seconds" -o "$dir/net" 2>/dev/null
	kill $load
	echo 0 >$steering
	ringprofctl fold "$dir/net" >"$dir/net.folded"
	received=$(samples_like 'cpu_startup_entry.*net_rx_action' "$dir/net.folded")
	step "$received of $(samples_like . "$dir/net.folded")"
	check_between "$received" 1 1e18 "what was received on the idle CPU"
fi
check_accounting
check_nothing_left
