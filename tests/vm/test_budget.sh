#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A session's share of each CPU's time: whatever the frequency, the module's own time stays
# within it, every tick is accounted for, nothing is lost, and the profile is as true as
# without: the weight of what is not taken goes to what is. When that begins and ends, it
# says so.

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/vm/shares.sh
. "$(dirname "$0")/shares.sh"
dir=$(mktemp -d)
seconds=$(amount 60 12)
ppm=5000

# session KEY: a number of the only session, by status
session()
{
	ringprofctl -j status | grep -oE "\"$1\": *[0-9]+" | head -n 1 | grep -oE '[0-9]+$'
}

limited_above() { (($(session limited_cpus || echo 0) > $1)); }
none_limited() { [[ $(session limited_cpus) = 0 ]]; }
heard() { grep -q "\"$1\"" "$dir/events"; }

# kept SHARE: the session's own time, in parts per million, and a tenth. On a machine that is
# itself one of many a single sample may take as long as hundreds: that is made up for soon.
kept()
{
	local self run
	self=$(session self_nanoseconds) run=$(session run_nanoseconds)
	step "$((self / 1000)) of $((run / 1000)) us"
	((self * 1000000 / run <= $1 * 11 / 10))
}

step "without being asked, what the module was loaded with"
check_ok rmmod ringprof
check_ok insmod "$RINGPROF_MODULE"
check_eq "$(cat /sys/module/ringprof/parameters/budget_ppm)" 10000 "the module's parameter"
"$tools/abuse" hold 5 99 >/dev/null &
holder=$!
check_soon 60 sessions_above 0
check_eq "$(session budget_ppm)" 10000 "a new session's budget"
wait $holder || true

step "what it cannot be"
for wrong in 0% 101% 1 1.00001% -1% %; do
	check_status 2 ringprofctl set --budget "$wrong" 2>"$dir/wrong"
	check_match "$(cat "$dir/wrong")" "budget $wrong: (is not a share|must be)" "the message"
done

timeout 900 ringprofctl -j events >"$dir/events" &
listener=$!

step "a frequency that would take many times the share"
lost=$(counter ring-full) refused=$(counter budget) delivered=$(counter delivered)
ringprofctl record -F 10000 --budget "$(awk "BEGIN { print $ppm / 1e4 }")%" -d 600 -o "$dir/burn.pb.gz" 2>"$dir/record" &
reader=$!
check_soon 60 ticks_above 0
for ((cpu = 0; cpu < 2; cpu++)); do
	"$tools/burn" "$seconds" >"$dir/said.$cpu" &
	burners[cpu]=$!
done
check_soon 60 limited_above 0
check_match "$(ringprofctl -j status -v)" '"limited":true' "what status says of the CPUs"
wait "${burners[@]}"
check_soon 15 kept "$ppm"
kill -INT $reader
check_ok wait $reader
check_soon 10 heard limited
check_accounting
check_eq "$(counter ring-full)" "$lost" "samples for which there was no room"
check_match "$(cat "$dir/record")" "come to its share of a CPU's time" "what record says"
step "refused for it: $(($(counter budget) - refused)); $(grep Samples "$dir/record" || true)"

# Each tick in which the host takes the CPU away has spent the share of a fifth of a second. Where
# that happens all the time, few samples stand for much: that is not to be asked for then.
left_out=$(($(counter budget) - refused))
delivered=$(($(counter delivered) - delivered))
if ((left_out < delivered)); then
	step "and the profile is true"
	fold_shares "$dir/burn.pb.gz" "$dir/folded" --filter comm=burn
	within=$(amount 8 20)
	for name in 'alpha 60' 'beta 30' 'gamma 10'; do
		read -r function of <<<"$name"
		check_between "$(share_of "$dir/folded" "burn_$function")" $((of - within)) \
			$((of + within)) "share of $function"
	done
	total=$(awk '/(^|;)(main|run|burn_[a-z]*)[; ]/ { sum += $NF } END { print sum / 1e9 }' \
		"$dir/folded")
	least=$(amount 0.85 0.7)
	check_between "$total" "$(awk "BEGIN { print 2 * $seconds * $least }")" \
		"$(awk "BEGIN { print 2 * $seconds * 1.2 }")" "seconds of two programs of $seconds"
else
	step "the host was too busy for a true profile: $left_out refused, $delivered samples"
fi

step "when it ends, too"
"$tools/burn" 60 >/dev/null &
load=$!
ringprofctl record -F 5000 --budget 0.1% -d 600 -o "$dir/ends.pb.gz" 2>/dev/null &
reader=$!
check_soon 60 limited_above 0
check_ok ringprofctl set -F 19 --budget 100%
check_soon 30 none_limited
check_soon 10 heard unlimited
kill -INT $reader
check_ok wait $reader
kill $load 2>/dev/null || true
kill $listener 2>/dev/null || true
wait 2>/dev/null || true
check_accounting
