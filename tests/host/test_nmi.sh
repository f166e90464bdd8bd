#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# limit: 1500
#
# Samples in NMI on x86, where no emulator has a counter that interrupts: a module with
# tests/nmi/nmi.c in it takes thousands a second, sent by each CPU to the other one at
# random moments, within timer ticks, the worker and the exit probe, while processes come
# and go. Every sample is accounted for, what was delivered is what was read, and the
# kernel has nothing to complain about. And code with interrupts disabled is seen by its
# name, which timers do not see. User stacks are walked by unwind tables there: to their
# root, while other tables are loaded and evicted and the program's mappings change; and by
# random tables, which are replaced meanwhile, to nobody's harm.
#
# RP_NMI_KERNEL   the guest's kernel instead of Debian's 6.1: debug, for one
#
# `test_nmi.sh guest MODULE LIBRARIES` is the half that runs in the guest.

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

# evicted_above N: for check_soon: had more than N tables to go?
evicted_above() { (($(counter tables-evicted) > $1)); }

# right: percent of the samples in spin whose stacks begin at the root, as those before the
# tables were there do not, that have all the rest
right()
{
	awk -v down="$(printf 'descend;%.0s' {1..40})" '
		{ value = $NF; sub(/ [0-9]+$/, "") }
		/^_start;.*;descend;.*;spin$/ { all += value; if ($0 ~ "^_start;.*;main;run;" down "spin$") some += value }
		END { print all ? 100 * some / all : "none" }' "$dir/folded"
}

# Of NMIs in the kernel's way in or out, user registers are not to be had; within its switch
# of tasks, the memory is the next one's already. Where a table is missing, most stacks end
# otherwise: at a frame pointer that is none.

share_whole()
{
	awk -v whole="$(grown root)" -v all="$(grown all)" -v no_regs="$(grown no-regs)" \
		-v fault="$(grown fault)" 'BEGIN { print 100 * whole / (all - no_regs - fault) }'
}

share_unreadable()
{
	awk -v all="$(grown all)" -v no_regs="$(grown no-regs)" -v fault="$(grown fault)" \
		'BEGIN { print 100 * (no_regs + fault) / all }'
}

# whole LIBRARY...: stacks of a program that maps each of these, and is walked by tables, of
# which there is only room for a few more
whole()
{
	local load recorder loaded evicted
	loaded=$(counter tables-loaded)
	"$tools/deep" 100000 main "$@" &
	load=$!
	ringprofctl record -F 499 --tick hrtimer -p $load --ring 4M -o "$dir/d.pb.gz" \
		>"$dir/said" 2>&1 &
	recorder=$!
	check_soon 300 tables_above $((loaded + 8))
	check_ok ringprofctl set --table-memory \
		$(($(ringprofctl -j status | sum_of table_bytes '"table_bytes":') + 1000))
	echo 5000 >$parameters/nmi_hz
	check_soon 60 walked_above $(($(ends user all) + 300))
	ringprofctl -j status >"$dir/before"
	loaded=$(counter tables-loaded) evicted=$(counter tables-evicted)
	check_soon 200 walked_above $(($(ends user all) + 5000))
	check_soon 60 tables_above $((loaded + 10))
	check_soon 60 evicted_above $((evicted + 5))
	ringprofctl -j status >"$dir/after"
	echo 0 >$parameters/nmi_hz
	kill -INT $recorder
	check_ok wait $recorder
	kill $load || fail "the program that was profiled has died"
	wait $load 2>/dev/null || true
	check_ok ringprofctl fold --value samples "$dir/d.pb.gz" >"$dir/folded"
	step "$(grown root) of $(grown all) stacks are whole, $(right) % of them right" \
		"(others: $(reasons));" \
		"$(($(counter tables-loaded) - loaded)) tables came, and" \
		"$(($(counter tables-evicted) - evicted)) had to go"
	check_between "$(share_whole)" 99.5 100 "percent of the stacks that are whole"
	check_between "$(share_unreadable)" 0 3 "percent that could not be read"
	check_between "$(right)" 99 100 "percent of the stacks that are right"
	check_accounting
}

# wild: random tables for all that runs, and not much room for them
wild()
{
	local loads=() how evicted
	evicted=$(counter tables-evicted)
	for how in main thread signal; do
		"$tools/deep" 100000 $how &
		loads+=($!)
	done
	echo 10000 >$parameters/nmi_hz
	check_ok "$tools/wild" 7 30 40000 >"$dir/did"
	echo 0 >$parameters/nmi_hz
	step "$(<"$dir/did"), and $(($(counter tables-evicted) - evicted)) tables had to go"
	check_match "$(<"$dir/did")" '[a-z]=[0-9]' "what it did"
	check_no_match "$(<"$dir/did")" '=0( |$)' "something that never came about"
	evicted_above "$evicted" || fail "no table had to go"
	kill "${loads[@]}" || fail "a program that was profiled has died"
	wait "${loads[@]}" 2>/dev/null || true
	check_accounting
}

guest()
{
	local dir part before churning
	dir=$(mktemp -d)
	insmod "$1"
	trap clean_up EXIT

	step "user stacks by tables that come and go, of a program that maps and unmaps"
	whole "$2"/*.so
	step "by random tables, which are replaced and evicted"
	churn 2>/dev/null &
	churning=$!
	wild
	kill $churning

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
	guest "$2" "$3"
	exit 0
fi

[[ $(dpkg --print-architecture) = amd64 ]] || skip "sends NMIs as x86 does"
kernel=${RP_NMI_KERNEL:-6.1}
module=$project/build/modules-nmi
env=$(scripts/kernel "$kernel" env)
eval "$env"
# shellcheck disable=SC2153	# KDIR, KREL: of that environment
mkdir -p "$module/tests/nmi"
cp tests/nmi/nmi.c "$module/tests/nmi/"
make -s modules KDIR="$KDIR" KREL="$KREL" MODDIR="$module" RP_TEST_OBJECTS=tests/nmi/nmi.o

# Libraries that differ by their build id
libraries=$project/build/nmi
mkdir -p "$libraries"
rm -f "$libraries"/*.so
gcc -shared -nostdlib -O2 -Wl,--build-id=0x4142434445464748494a -o "$libraries/one" -x c - \
	<<<'int f(int (*g)(int), int x) { return g(x) + 1; }'
for number in {1000..1399}; do
	LC_ALL=C sed "s/ABCDEFGHIJ/ABCDEF$number/" "$libraries/one" >"$libraries/$number.so"
done

check_ok scripts/vm --kernel "$kernel" --no-module --timeout 1100 \
	--console out/test/host-nmi.console -- \
	tests/host/test_nmi.sh guest "$module/ringprof.ko" "$libraries"
