#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What is refused: an ordinary user, wrong requests, wrong mappings; and a consumer that
# writes garbage into the page that it shares with the kernel.

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"
dir=$(mktemp -d)
chmod 777 "$dir"

# nobody COMMAND...: as an ordinary user
nobody()
{
	setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all "$@"
}

step "wrong requests get an error and a sentence"
if has messages; then
	check_ok "$tools/abuse" netlink
else
	check_ok "$tools/abuse" netlink mute
fi

step "wrong mappings are refused"
check_ok "$tools/abuse" mmap

step "an ordinary user cannot open the device"
check_status 1 nobody "$tools/abuse" mmap
chmod 666 /dev/ringprof
status=0
message=$(nobody "$tools/abuse" mmap 2>&1) || status=$?
check_eq "$status" 1 "opening the device with its mode open to all"
check_match "$message" "not permitted" "the message"
chmod 600 /dev/ringprof
check_status 4 nobody ringprofctl record -d 1 -o "$dir/x.pb.gz"
check_eq "$(sessions)" 0 "sessions"

step "nor change anything"
"$tools/abuse" hold 60 99 >"$dir/hold" &
owner=$!
check_soon 60 grep -q session "$dir/hold"
for change in "set -F 1000" stop start; do
	status=0
	# shellcheck disable=SC2086	# words
	message=$(nobody ringprofctl $change 2>&1) || status=$?
	check_eq "$status" 4 "status of $change: $message"
	check_match "$message" "CAP_SYS_ADMIN" "the message of $change"
done
check_ok nobody ringprofctl info >/dev/null
check_match "$(nobody ringprofctl status)" '99' "the frequency as it was"

step "root can"
check_ok ringprofctl set -F 500
check_match "$(ringprofctl -j status)" '"frequency":500' "the new frequency"
check_ok ringprofctl stop
check_eq "$(ticks)" 0 "timers after stop"
check_ok ringprofctl start
check_soon 60 ticks_above 0
check_status 2 ringprofctl set -F 10001
kill $owner
wait $owner 2>/dev/null || true

step "a consumer that scribbles over its control page"
check_ok "$tools/abuse" tail 5
check_accounting
