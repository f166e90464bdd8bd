#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# limit: 1200
#
# Samples in NMI on x86, where no emulator has a counter that interrupts: a module with
# tests/nmi/nmi.c in it takes thousands a second, sent by each CPU to the other one at
# random moments, within timer ticks, the worker and the exit probe, while processes come
# and go. Every sample is accounted for, what was delivered is what was read, and the
# kernel has nothing to complain about. And code with interrupts disabled is seen by its
# name, which timers do not see.
#
# `test_nmi.sh guest MODULE` is the half that runs in the guest.

cd "$(dirname "$0")/../.." || exit
# shellcheck source=tests/vm/lib.sh
. tests/vm/lib.sh

parameters=/sys/module/ringprof/parameters
count() { echo $(($(<$parameters/nmi_count))); }
count_above() { (($(count) > $1)); }

# Processes that are new to every sample, and change their mappings
churn()
{
	while :; do
		/bin/true
		/bin/sh -c 'ls /proc/self >/dev/null'
	done
}

# shellcheck disable=SC2317	# called by trap
clean_up()
{
	echo 0 >$parameters/nmi_hz
	rmmod ringprof
}

# spins FILE: the folded stacks of two seconds, most of them with interrupts disabled
spins()
{
	check_ok ringprofctl record -F 999 --tick hrtimer -o "$1.pb.gz" -- \
		sh -c "echo 2000 >$parameters/irqs_off" >/dev/null 2>&1
	check_ok ringprofctl fold --value samples "$1.pb.gz" >"$1"
	step "$(grep -c . "$1") stacks"
}

# reads COMMAND...: a record whose samples are those that the module delivered
reads()
{
	local said
	said=$("$@" 2>&1) || fail "$*: $said"
	step "$(grep -E '^(Samples|Accounting)' <<<"$said" | tr -s ' ' | tr '\n' ' ')"
	check_eq "$(sed -n 's/^Samples *//p' <<<"$said")" \
		"$(sed -n 's/^Accounting.*delivered \([0-9]*\) .*/\1/p' <<<"$said")" \
		"samples read, and delivered"
}

guest()
{
	local dir part before
	dir=$(mktemp -d)
	insmod "$1"
	trap clean_up EXIT

	step "code with interrupts disabled: NMIs see it, timers do not"
	spins "$dir/timers"
	check_no_match "$(<"$dir/timers")" spin_with_irqs_off "what timers see"
	check_match "$(<"$dir/timers")" 'set_irqs_off_\[k\]' "where they see it"
	echo 5000 >$parameters/nmi_hz
	spins "$dir/nmis"
	echo 0 >$parameters/nmi_hz
	check_match "$(<"$dir/nmis")" 'set_irqs_off_\[k\];spin_with_irqs_off_\[k\]' \
		"what NMIs see"
	check_accounting

	churn 2>/dev/null &
	"$tools/burn" 1000 read >/dev/null &
	echo 20000 >$parameters/nmi_hz

	step "while timers tick, too"
	for part in 1 2 3 4; do
		before=$(count)
		reads ringprofctl record -F 5000 --tick hrtimer -d 8 --ring 4M \
			-o "$dir/p.pb.gz"
		check_accounting
		step "$part: $(($(count) - before)) NMIs"
	done

	step "while sessions come and go, and a reader does not read"
	ringprofctl record -F 10000 --tick hrtimer -d 600 --ring 64K -o "$dir/q.pb.gz" \
		2>/dev/null >&2 &
	reader=$!
	check_soon 20 ticks_above 0
	kill -STOP $reader
	for part in 1 2 3 4 5 6; do
		check_ok ringprofctl record -F 9999 --tick hrtimer -d 2 -o "$dir/r.pb.gz" \
			>/dev/null 2>&1
		check_accounting
	done
	kill -KILL $reader
	check_soon 60 count_above 50000
	check_between "$(counter nested)" 1 1e9 "NMIs within a sample being taken"
	check_between "$(counter ring-full)" 1 1e9 "samples for which there was no room"
	[[ $(counter taken) -ge $(count) ]] || fail "fewer samples than NMIs: $(counter taken)"
	echo 0 >$parameters/nmi_hz
	check_nothing_left
	step "$(count) NMIs, $(counter nested) of them nested, of $(counter taken) ticks"
}

if [[ ${1:-} = guest ]]; then
	guest "$2"
	exit 0
fi

[[ $(dpkg --print-architecture) = amd64 ]] || skip "sends NMIs as x86 does"
module=$project/build/modules-nmi
env=$(scripts/kernel 6.1 env)
eval "$env"
# shellcheck disable=SC2153	# KDIR, KREL: of that environment
mkdir -p "$module/tests/nmi"
cp tests/nmi/nmi.c "$module/tests/nmi/"
make -s modules KDIR="$KDIR" KREL="$KREL" MODDIR="$module" RP_TEST_OBJECTS=tests/nmi/nmi.o
check_ok scripts/vm --no-module --timeout 900 --console out/test/host-nmi.console -- \
	tests/host/test_nmi.sh guest "$module/ringprof.ko"
