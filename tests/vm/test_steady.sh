#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernels: vm
#
# The daemon's steady state: as long as nothing begins that it has not seen, samples come and
# its thread that reads them asks for no memory but for stacks that are new, which tables that
# double have room for. Counted by the kernel's probes in the C library.

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"
dir=$(mktemp -d)
tracing=/sys/kernel/tracing
mkfifo "$dir/never"
exec 9<>"$dir/never"

[[ -e $tracing/uprobe_events ]] || skip "no probes of user space here"

# rest SECONDS: without a process of its own
rest() { read -rt "$1" -u 9 || true; }

# probe FUNCTION: of the C library that it has
probe()
{
	local libc at
	libc=$(awk '$6 ~ "/libc[.]so" && !n++ { print $6 }' "/proc/$daemon/maps")
	at=$(readelf -sW --dyn-syms "$libc" | awk -v name="^$1@@" '$8 ~ name && !n++ { print $2 }')
	[[ $at ]] || fail "$1 is not in $libc"
	echo "p:steady/$1 $libc:0x$at" >>$tracing/uprobe_events
	echo "common_pid == $daemon" >"$tracing/events/steady/$1/filter"
	echo 1 >"$tracing/events/steady/$1/enable"
}

# asked: how often it has asked for memory since the trace was emptied
asked() { grep -cE ' (malloc|calloc|realloc|mmap): ' "$dir/trace" || true; }

"$tools/burn" 100000 read >/dev/null &
loads=($!)
"$tools/deep" 100000 main &
loads+=($!)
ringprofd --set window.length=1h --set "output.directory=$dir/out" \
	--set sampling.frequency=999 --set sampling.coalesce=0 --set budget.cpu=0 \
	--set unwind.cpu=100 -c /dev/null 2>"$dir/log" &
daemon=$!
check_soon 60 sessions_above 0
for function in malloc calloc realloc mmap; do
	probe $function
done
step "what is new is seen"
check_soon 60 delivered_above 3000
check_soon 60 tables_above 3
cat $tracing/trace >"$dir/trace"
check_between "$(asked)" 10 1000000000 "calls for what is new"

step "what is not"
seconds=$(amount 20 10)
rest 5
before=$(counter delivered)
rest 5			# no process begins from here on
echo >$tracing/trace
rest "$seconds"
echo 0 >$tracing/events/steady/enable
cat $tracing/trace >"$dir/trace"
samples=$(($(counter delivered) - before))
step "$(asked) calls in the time of $samples samples"
sed -n '/^[^#]/p' "$dir/trace" | head -n 20 >&2
check_between "$samples" 1000 1000000000 "samples"
check_between "$(asked)" 0 $((samples / 200)) "calls for memory"

kill "${loads[@]}"
kill $daemon
check_ok wait $daemon
echo >$tracing/uprobe_events
check_accounting
