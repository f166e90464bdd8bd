#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What ends a recording, what it exits with, where its output goes; and that names are
# found for processes and files that are gone when the profile is made.

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"
dir=$(mktemp -d)
out=$dir/out.pb.gz

# folded PATTERN: how many stacks of $out match
folded()
{
	check_ok ringprofctl fold "$out" >"$dir/folded"
	grep -cE -e "$1" "$dir/folded" || true
}

step "the command's exit status is passed on, also that of a signal"
check_status 7 ringprofctl record -o "$out" -- sh -c 'exit 7'
check_status 137 ringprofctl record -o "$out" -- sh -c 'kill -9 $$'
check_status 1 ringprofctl record -o "$out" -- /no/such/program

step "a command that is still running when the time is over"
check_status 0 ringprofctl record -d 500ms -o "$out" -- sleep 1000
check_eq "$(pgrep -cx sleep || true)" 0 "sleeps left"

step "programs that are deleted, or in other mount and PID namespaces, by then"
mkdir "$dir/hidden"
# shellcheck disable=SC2016	# that shell expands them
check_ok ringprofctl record -F 999 --labels command,user,vpid -o "$out" -- bash -c '
	cp "$1" "$2/deleted"
	"$2/deleted" 0.5 >/dev/null & sleep 0.2; rm "$2/deleted"; wait
	unshare -m -p -f bash -c "mount -t tmpfs none \"\$2/hidden\"; cp \"\$1\" \"\$2/hidden\"
		exec \"\$2/hidden/burn\" 0.5 >/dev/null" _ "$1" "$2"' _ "$tools/burn" "$dir"
check_ok ringprofctl fold --process "$out" >"$dir/folded"
for process in deleted burn; do
	grep -q "^$process;.*;burn_alpha" "$dir/folded" || fail "no names for '$process'"
done
check_match "$(ringprofctl report --by process.command --filter process=burn "$out")" \
	"$dir/hidden/burn\$" "the first word of its command line"
check_match "$(ringprofctl report --by process.user.id --filter process=burn "$out")" ' 0$' "its user"
# Told since 4.1
if grep -q NSpid /proc/self/status; then
	check_match "$(ringprofctl report --by process.vpid --filter process=burn "$out")" \
		' 1$' "its number in the namespace"
	check_match "$(ringprofctl report --by process.vpid --filter process=deleted "$out")" \
		'100.00%.*[[]none[]]$' "the number of one in none"
fi
check_status 2 ringprofctl record --labels all,none -o "$out" -- true 2>"$dir/said"
check_match "$(<"$dir/said")" 'name some of container, unit' "the message"

step "orphans of the command are its descendants"
# A debug kernel takes a second to start it.
seconds=1
! debug_kernel || seconds=6
check_ok ringprofctl record -F 999 -o "$out" -- \
	sh -c "(setsid $tools/burn $seconds >/dev/null &); sleep $seconds"
check_between "$(folded 'burn_alpha')" 1 1000 "stacks of the orphan"
check_status 1 ringprofctl report --by process.command "$out" 2>/dev/null

step "a process; it ends, and so does the recording"
"$tools/burn" 1000 >/dev/null &
load=$!
before=$(counter delivered)
ringprofctl record -F 499 -p $load -o "$out" &
pid=$!
check_soon 60 delivered_above $((before + 300))
kill $load
check_ok wait $pid
check_between "$(folded 'burn_alpha')" 1 1000 "stacks of the process"
check_eq "$(ringprofctl fold --process "$out" | grep -vc '^burn;' || true)" 0 \
	"stacks of others"
check_status 1 ringprofctl record -p 4194303 -o "$out" 2>"$dir/said"
check_match "$(cat "$dir/said")" 'no process 4194303' "the message"

step "Ctrl-C, once or twice at once, writes what there is"
rm -f "$out"
ringprofctl record -F 999 -o "$out" &
pid=$!
check_soon 30 sessions_above 0
kill -INT $pid
kill -INT $pid
check_ok wait $pid
check_file "$out" "the profile"

step "a pipe has the profile and nothing else; a terminal is refused"
ringprofctl -j record -F 99 -d 500ms -o - 2>"$dir/said" >"$out"
check_ok ringprofctl report "$out" >/dev/null
check_match "$(cat "$dir/said")" '^\{"samples":.*"holds":true' "the summary"
script -qec "ringprofctl record -d 1 -o -; echo status \$?" /dev/null </dev/null >"$dir/said"
check_match "$(cat "$dir/said")" 'status 2' "the output on a terminal"

step "no kernel symbols: the kernel is one frame, and it is said why"
restrict=$(</proc/sys/kernel/kptr_restrict)
echo 2 >/proc/sys/kernel/kptr_restrict
ringprofctl record -F 999 -o "$out" -- "$tools/burn" 1 read >/dev/null 2>"$dir/said"
echo "$restrict" >/proc/sys/kernel/kptr_restrict
check_match "$(cat "$dir/said")" 'kptr_restrict' "the message"
check_between "$(folded "$(in_libc read);\[kernel\]_\[k\] ")" 1 1000 "kernel stacks"
check_eq "$(grep -c '_\[k\];.*_\[k\]' "$dir/folded" || true)" 0 "deeper kernel stacks"

step "settings change while it samples"
ringprofctl record -F 99 -o "$out" -d 60 2>/dev/null &
pid=$!
check_soon 30 ticks_above 0
check_ok ringprofctl set -F 500 --modes user --user-depth 5
ringprofctl -j status >"$dir/said"
check_match "$(cat "$dir/said")" '"frequency":500,.*"user_depth":5,"modes":\["user"\]' status
check_ok ringprofctl stop
check_match "$(ringprofctl -j status)" '"running":false' "status after stop"
check_ok ringprofctl start
check_match "$(ringprofctl -j status)" '"running":true' "status after start"
kill -INT $pid
check_ok wait $pid

check_accounting
