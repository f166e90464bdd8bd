#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What ticks: what auto comes to and why, what can be asked for instead and what cannot;
# and the same profile of the same program, whatever ticks, also where the CPU is idle in
# between and while CPUs come and go.

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/vm/shares.sh
. "$(dirname "$0")/shares.sh"
dir=$(mktemp -d)
seconds=$(amount 8 4)
! debug_kernel || seconds=12

# words_of KEY PATTERN: the words that KEY has in the objects of the input like PATTERN
words_of()
{
	awk -v RS='{' -v key="\"$1\":\"" -v which="$2" '
		$0 ~ which && (at = index($0, key)) {
			rest = substr($0, at + length(key))
			print substr(rest, 1, index(rest, "\"") - 1)
		}'
}

# of_session KEY: of the only session, a word; of_cpus KEY: of its CPUs that sample, each
# once
of_session()
{
	ringprofctl -j status | words_of "$1" '^"session":'
}

of_cpus()
{
	ringprofctl -j status -v | words_of "$1" '^"cpu":[0-9]+,"sampling":true' |
		sort -u | paste -s -d ' '
}

# check_ticking SOURCE WHY: in the session and on each of its CPUs
check_ticking()
{
	check_eq "$(of_session tick_source) $(of_session tick_why)" "$1 $2" "what ticks"
	check_eq "$(of_cpus tick_source) $(of_cpus tick_why)" "$1 $2" \
		"what ticks on the CPUs"
}

is_limited() { [[ $(of_cpus tick_why) = *limited* ]]; }

# check_goes_on: samples still come
check_goes_on()
{
	check_soon 30 delivered_above "$(counter delivered)"
}

# The kernel says independently of the module whether it can count cycles.
if compgen -G '/sys/bus/event_source/devices/*/events/cpu*cycles' >/dev/null; then
	auto='cycles works' perf='cycles works'
else
	auto='hrtimer no-counter' perf='cpu-clock no-counter'
fi

nonsense_refused()
{
	local command status message
	for command in "record --tick quartz -d 1 -o $dir/x" "set --tick quartz" "set --tick" \
		"record --tick= -d 1 -o $dir/x"; do
		status=0
		# shellcheck disable=SC2086	# words
		message=$(ringprofctl $command 2>&1) || status=$?
		check_eq "$status" 2 "status of $command: $message"
		check_match "$message" 'auto, hrtimer and perf|needs an argument|not complete' \
			"$command"
	done
	status=0
	message=$(ringprofd --check-config --set sampling.tick=quartz 2>&1) || status=$?
	check_match "$status $message" '^[1-9].*auto, hrtimer and perf' \
		"the daemon's configuration"
	check_eq "$(sessions)" 0 "sessions"
}

# What programs say is the same on every kernel.
if ! short_form; then
	step "nonsense is refused in words"
	nonsense_refused
fi

step "auto: $auto"
ringprofctl record -F 199 -d 600 -o "$dir/x" 2>/dev/null &
session=$!
"$tools/burn" 1000 >/dev/null &
load=$!
check_soon 60 ticks_above 0
check_eq "$(of_session tick)" auto "what is wanted at first"
# shellcheck disable=SC2086	# two words
check_ticking $auto
check_match "$(ringprofctl -j info)" \
	"\"tick_source\":\"${auto% *}\",\"tick_why\":\"${auto#* }\"" "what info says"
check_match "$(ringprofctl status)" "Ticks by +${auto% *}: " "what status says"
check_goes_on

step "others can be asked for while it samples"
check_ok ringprofctl set --tick hrtimer
check_ticking hrtimer asked
check_eq "$(timers)" 2 "timers"
check_goes_on
check_ok ringprofctl set --tick perf
check_eq "$(timers)" 0 "timers"
# shellcheck disable=SC2086	# two words
check_ticking $perf
check_goes_on
check_ok ringprofctl set -F 499
# shellcheck disable=SC2086	# two words
check_ticking $perf
check_goes_on

step "CPUs that come and go"
check_ok sh -c 'echo 0 >/sys/devices/system/cpu/cpu1/online'
check_eq "$(ticks)" 1 "ticks with one CPU"
check_goes_on
check_ok sh -c 'echo 1 >/sys/devices/system/cpu/cpu1/online'
check_eq "$(ticks)" 2 "ticks with both CPUs"
# shellcheck disable=SC2086	# two words
check_ticking $perf
taskset -p 2 $load >/dev/null
check_goes_on
check_accounting
kill $load
kill -INT $session
check_ok wait $session
check_nothing_left

# total FOLDED: seconds in it
total()
{
	awk '{ sum += $NF } END { printf "%.3f\n", sum / 1e9 }' "$1"
}

# profile NAME TICK SCRIPT ARGUMENT...: records a shell and what it runs into $dir/NAME,
# folded; what they used by the kernel's own account goes to $dir/NAME.times.
frequency=999
profile()
{
	check_ok ringprofctl record -F $frequency --tick "$2" -o "$dir/$1.pb.gz" -- \
		bash -c "$3; times" "${@:4}" >"$dir/$1.out"
	# the shell's own, and its children's
	tail -n 2 "$dir/$1.out" |
		awk -F '[ms ]+' '{ sum += 60 * $1 + $2 + 60 * $3 + $4 } END { print sum }' \
			>"$dir/$1.times"
	fold_shares "$dir/$1.pb.gz" "$dir/$1"
}

# check_total NAME PERCENT: as many seconds as the kernel says, give or take so much
check_total()
{
	local account
	account=$(<"$dir/$1.times")
	step "$1: $(total "$dir/$1") s, and the kernel's account: $account s"
	check_between "$(total "$dir/$1")" "$(awk "BEGIN { print $account * (1 - $2 / 100) }")" \
		"$(awk "BEGIN { print $account * (1 + $2 / 100) }")" "seconds of $1"
}

step "the same program, by each tick"
for tick in hrtimer perf; do
	# shellcheck disable=SC2016	# the inner shell's
	profile $tick $tick '"$0" "$1"' "$tools/burn" "$seconds"
	check_shares "$dir/$tick"
	check_total $tick 15
	check_accounting
done
# Two errors of up to 4 points, independent of one another: up to 4 * sqrt(2).
for name in burn_alpha burn_beta burn_gamma; do
	of=$(share_of "$dir/hrtimer" "$name")
	check_between "$(share_of "$dir/perf" "$name")" "$(awk "BEGIN { print $of - 5.7 }")" \
		"$(awk "BEGIN { print $of + 5.7 }")" "share of $name by perf, and by hrtimer"
done

# Each time long enough for perf to have had enough of ticks: an idle CPU has none of the
# scheduler's, within which it allows some hundreds of them.
step "time in which the CPU is idle is nobody's"
frequency=1999
for tick in hrtimer perf; do
	# shellcheck disable=SC2016	# the inner shell's
	profile doze $tick 'for ((i = $1; i; i--)); do "$0" 0.2; sleep 1; done' \
		"$tools/burn" "$(amount 8 4)"
	check_total doze 20
	check_accounting
done
frequency=999

step "what the kernel allows is kept, and told"
limit=/proc/sys/kernel/perf_event_max_sample_rate
allowed=$(<$limit)
# Where the time that they take is limited too, this one is not to be written.
echo 25 >/proc/sys/kernel/perf_cpu_time_max_percent
echo 500 >$limit
# It goes on until the limit has been told, however slow the machine.
# shellcheck disable=SC2016	# the inner shell's
profile limited perf '"$0" 600 & until test -e "$1"; do sleep 0.2; done; kill $!; wait $!' \
	"$tools/burn" "$dir/seen" &
session=$!
check_soon 60 ticks_above 0
check_soon 60 is_limited
sleep "$seconds"
touch "$dir/seen"
check_ok wait $session
# What came behind the last one of few ticks is not told.
check_total limited 25
check_accounting
echo "$allowed" >$limit
echo 0 >/proc/sys/kernel/perf_cpu_time_max_percent
check_nothing_left
