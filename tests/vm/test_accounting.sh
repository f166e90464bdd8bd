#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Promise 1 with a reader that is stopped until its ring is full, and with one that is
# killed; and promise 4: after the kill no timer fires, and a new session starts at once.

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"
dir=$(mktemp -d)

lost_some()
{
	(($(counter ring-full) > $1))
}

step "before anything was asked, nothing is there"
check_eq "$(ticks)" 0 "timers of a module that nobody uses"
check_eq "$(sessions)" 0 "sessions"
check_accounting

"$tools/burn" 1000 >/dev/null &
load=$!

step "a reader that reads"
check_ok ringprofctl record -F 999 -d 2 -o "$dir/a.pb.gz"
check_file "$dir/a.pb.gz" "the profile"
check_eq "$(sessions)" 0 "sessions after record"
check_eq "$(ticks)" 0 "timers after record"
check_accounting

# of_record KEY: the number that it has in what record said last
of_record()
{
	grep -oE "\"$1\": *[0-9]+" "$dir/said" | head -n 1 | grep -oE '[0-9]+$'
}

# coalesced TIME: how many ticks of a program that stands still were added to the one before
coalesced()
{
	local before
	before=$(counter coalesced)
	check_ok ringprofctl -j record -F 999 --coalesce "$1" -d 2 -o "$dir/still.pb.gz" -- \
		"$tools/still" >"$dir/said" 2>&1
	check_accounting
	echo $(($(counter coalesced) - before))
}

step "ticks of one thread in one stack are one record, and none is lost by that"
with=$(coalesced 1s) samples=$(of_record samples)
step "$with of $samples"
check_between "$with" $((samples / 2)) "$samples" "ticks added to the one before"
check_eq "$(coalesced 0)" 0 "ticks added where it is switched off"
check_between "$(of_record samples)" 100 1e9 "samples without it"

step "a reader that is stopped until the ring is full"
before=$(counter ring-full)
ringprofctl record -F 5000 -d 600 --ring 64K -o "$dir/b.pb.gz" 2>"$dir/b.err" &
reader=$!
check_soon 60 ticks_above 0
kill -STOP $reader
check_soon 60 lost_some "$before"
check_accounting
sleep 1
check_accounting
kill -CONT $reader
kill -INT $reader
check_ok wait $reader
check_file "$dir/b.pb.gz" "the profile of the reader that was stopped"
check_accounting
lost=$(($(counter ring-full) - before))
check_match "$(cat "$dir/b.err")" "lost" "record says that samples were lost"
step "$lost samples were lost, and record said: $(cat "$dir/b.err")"

step "a reader that is killed"
before=$(counter delivered)
ringprofctl record -F 999 -d 600 -o "$dir/c.pb.gz" 2>/dev/null &
reader=$!
check_soon 60 ticks_above 0
sleep 1
kill -KILL $reader
wait $reader 2>/dev/null || true
# As in check_nothing_left: a fraction of a second may pass.
check_soon 10 nobody_left
check_accounting
unread=$(counter unread)
((unread > 0)) || fail "the samples that were in the ring are not counted as unread"
taken=$(counter taken)
sleep 1
check_eq "$(counter taken)" "$taken" "ticks after the kill"

step "and a new session starts at once"
check_ok ringprofctl record -F 999 -d 1 -o "$dir/d.pb.gz"
check_file "$dir/d.pb.gz" "the profile"
check_accounting

"$tools/abuse" hold 60 999 >"$dir/hold" &
owner=$!
check_soon 60 grep -q session "$dir/hold"
sleep 1
step "a sum that does not hold would be noticed, and so would nothing to sum up"
json=$(ringprofctl -j status -v)
for wrong in 's/("taken","count":)[0-9]/\1/1' 's/("ended":.*"taken","count":)/\11/' \
	's/("cpu":1,[^{]*"lost":)/\17/' 's/"taken"//g' 's/.*//'; do
	check_status 1 awk -f "$project/tests/vm/accounting.awk" \
		<<<"$(sed -E "$wrong" <<<"$json")" >/dev/null
done
kill $load $owner
