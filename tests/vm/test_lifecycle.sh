#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# limit: 900
#
# Load, start, stop and unload, 200 times (10 in the short form); unloading while a
# session is open; a CPU that goes and comes while it is being sampled.

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"
dir=$(mktemp -d)

# cpu_taken CPU: ticks of it in the only session
cpu_taken()
{
	ringprofctl -j status -v | sum_of taken "\"cpu\":$1,"
}

cpu_goes_on()
{
	(($(cpu_taken "$1") > $2))
}

# listener_heard: makes an event, to see whether `events` has begun to listen
listener_heard()
{
	ringprofctl set -F 499 && grep -q changed "$dir/events"
}

step "unloading while a session is open"
"$tools/abuse" hold 600 999 >"$dir/hold" &
owner=$!
check_soon 60 grep -q session "$dir/hold"
status=0
message=$(rmmod ringprof 2>&1) || status=$?
((status)) || fail "rmmod succeeded while a session was open"
check_match "$message" "in use" "rmmod's message"
check_accounting
kill -KILL $owner
wait $owner 2>/dev/null || true

step "unloading while a session is being opened and closed"
for ((i = 0; i < $(amount 20 3); i++)); do
	"$tools/abuse" hold 0.02 999 >/dev/null &
	owner=$!
	rmmod ringprof 2>/dev/null || true
	wait $owner 2>/dev/null || true
	[[ -d /sys/module/ringprof ]] || insmod "$RINGPROF_MODULE" budget_ppm=1000000
done
check_accounting

step "CPU 1 goes and comes while it is sampled"
"$tools/abuse" hold 600 499 >"$dir/hold" &
owner=$!
check_soon 60 grep -q session "$dir/hold"
timeout 600 ringprofctl -j events >"$dir/events" &
events=$!
check_soon 30 listener_heard
check_soon 10 cpu_goes_on 1 0
for ((i = 0; i < $(amount 3 1); i++)); do
	echo 0 >/sys/devices/system/cpu/cpu1/online
	gone=$(cpu_taken 1)
	check_accounting
	sleep 0.5
	check_eq "$(cpu_taken 1)" "$gone" "ticks on a CPU that is offline"
	check_eq "$(ticks)" 1 "timers with one CPU"
	echo 1 >/sys/devices/system/cpu/cpu1/online
	check_soon 10 cpu_goes_on 1 "$gone"
	check_accounting
done
kill $events
wait $events 2>/dev/null || true
check_match "$(cat "$dir/events")" 'cpu.?offline' "events"
check_match "$(cat "$dir/events")" 'cpu.?online' "events"
kill -KILL $owner
wait $owner 2>/dev/null || true
check_accounting

step "a CPU that comes for the first time in a session"
echo 0 >/sys/devices/system/cpu/cpu1/online
ringprofctl record -F 499 -d 600 -o "$dir/new.pb.gz" 2>"$dir/err" &
reader=$!
check_soon 60 ticks_above 0
echo 1 >/sys/devices/system/cpu/cpu1/online
taskset 2 "$tools/burn" "$(amount 2 1)" >/dev/null
kill -INT $reader
wait $reader || fail "record: $(cat "$dir/err")"
ringprofctl fold --filter cpu=1 "$dir/new.pb.gz" >"$dir/folded"
check_match "$(cat "$dir/folded")" 'burn_alpha' "samples of the CPU that came later"
check_accounting

rounds=$(amount 200 10)
step "load, start, stop, unload: $rounds times"
rmmod ringprof
for ((i = 1; i <= rounds; i++)); do
	insmod "$RINGPROF_MODULE" budget_ppm=1000000 || fail "insmod, round $i"
	"$tools/abuse" hold 0.01 4999 >/dev/null || fail "session, round $i"
	rmmod ringprof || fail "rmmod, round $i"
done
insmod "$RINGPROF_MODULE" budget_ppm=1000000
check_accounting
