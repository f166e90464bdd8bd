#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernels: vm 5.10
#
# ringprofctl overhead: an experiment with an outcome that is known, in both formats; its exit
# status; and what cannot be measured.

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"
dir=$(mktemp -d)

# value KEY: of the JSON that was printed last
value() { grep -oE "\"$1\":[^,}]+" "$dir/out" | head -n 1 | cut -d : -f 2; }

# A sampler makes itself felt here for sure: the figure is one thing while somebody samples, and
# another one while nobody does.
cat >"$dir/work" <<'END'
#!/bin/bash
sleep 0.1
grep -q ' ringprof_tick' /proc/timer_list && echo "did 80 rounds" || echo "did 100 rounds"
END
chmod +x "$dir/work"

step "a command whose figure falls by a fifth"
status=0
ringprofctl -j overhead -F 99 --tick hrtimer -d 1s --fail-above 10% --figure 'did ([0-9]+) rounds' \
	-- "$dir/work" >"$dir/out" 2>"$dir/talk" || status=$?
cat "$dir/talk" "$dir/out" >&2
check_eq "$status" 1 "the exit status"
check_between "$(value difference)" 0.249999 0.250001 "the difference"
check_between "$(value low)" 0.2499 0.2501 "the interval's lower end"
check_between "$(value pairs)" 4 1000 "pairs"
check_eq "$(value frequency)" 99 "the frequency"
check_eq "$(value above)" true "the verdict"
check_between "$(value self)" 0.00000001 0.9 "the module's own time"
check_accounting
check_eq "$(sessions)" 0 "sessions that are left"

step "and may do so"
check_ok ringprofctl overhead -F 99 --tick hrtimer -d 1s --fail-above 50% \
	--figure 'did ([0-9]+) rounds' -- "$dir/work" >"$dir/out"
check_match "$(cat "$dir/out")" 'Difference +\+25[.]00%, with 95% confidence between' "in text"
check_match "$(cat "$dir/out")" 'Not above the 50% that it may be' "the verdict in text"

step "a command's time, and our own load"
check_ok ringprofctl -j overhead -d 1s -- sleep 0.2 >"$dir/out" 2>/dev/null
check_between "$(value difference)" -0.9 9 "the difference of sleep"
check_ok ringprofctl -j overhead -d 2s >"$dir/out" 2>/dev/null
check_between "$(value difference)" -0.9 9 "the difference of our own load"

step "what cannot be measured"
# fails STATUS PATTERN ARGUMENT...
fails()
{
	check_status "$1" ringprofctl overhead -d 1s "${@:3}" 2>"$dir/talk" >/dev/null
	check_match "$(cat "$dir/talk")" "$2" "the message"
}
fails 1 'no such command' -- "$dir/nothing"
fails 1 'ended with status 3' -- bash -c 'exit 3'
fails 1 'killed by signal 9' -- bash -c 'kill -9 $$'
fails 1 'printed nothing with a number' --figure 'rounds=([0-9]+)' -- "$dir/work"
fails 2 'parentheses' --figure 'rounds' -- "$dir/work"
fails 2 'give one behind' --figure '([0-9]+)'
fails 2 'is not a share' --fail-above 1 -- true
fails 2 '1 to 10000' -F 0 -- true
check_eq "$(sessions)" 0 "sessions that are left"

step "an interrupt ends it, and says what is known by then"
ringprofctl -j overhead -d 600s -- sleep 0.05 >"$dir/out" 2>"$dir/talk" &
experiment=$!
third() { grep -q '^pair 3' "$dir/talk"; }
check_soon 120 third
kill -INT $experiment
wait $experiment || true
check_between "$(value pairs)" 3 1000 "pairs of an interrupted experiment"
check_eq "$(sessions)" 0 "sessions that are left"
check_accounting
