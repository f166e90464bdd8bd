#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernels: vm
#
# The daemon and a debuginfod server: while that says nothing, windows go on as ever; when it
# answers, a stripped program has its names from then on, and after a restart without it, too.

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"
{ command -v strip && command -v readelf; } >/dev/null || skip "there are no binutils"
dir=$(mktemp -d)
id=$(readelf -n "$tools/burn" | sed -n 's/^ *Build ID: //p')
mkdir "$dir/files" "$dir/bin"
strip -o "$dir/bin/worker" "$tools/burn"
cp "$tools/burn" "$dir/files/$id"

# start OUT: the daemon, with short windows
start()
{
	ringprofd --window 2s -F 199 --output-dir "$dir/$1" "${without_cpu_budget[@]}" \
		--set "symbols.debuginfod=http://127.0.0.1:$(<"$dir/port")" \
		--set "symbols.debuginfod-directory=$dir/cache" \
		--set symbols.debuginfod-timeout=5s 2>>"$dir/log" &
	daemon=$!
}

stop()
{
	kill "$daemon"
	check_ok wait "$daemon"
}

# with OUT PATTERN: how many files have samples like that
with()
{
	local file n=0
	for file in "$dir/$1"/*.pb.gz; do
		[[ -e $file ]] || continue
		ringprofctl fold "$file" >"$dir/folded"
		! grep -qE "$2" "$dir/folded" || n=$((n + 1))
	done
	echo "$n"
}

with_above() { (($(with "$1" "$2") > $3)); }

requests_above() { (($(wc -l <"$dir/requests") > $1)); }

step "a server that takes every question and answers none"
echo hang >"$dir/mode"
/usr/bin/python3 "$project/tests/host/debuginfod_server.py" "$dir" &
server=$!
check_soon 60 test -s "$dir/port"
"$dir/bin/worker" 600 &
worker=$!
start out
check_soon 60 with_above out '(^|;)worker[+]0x' 2
check_soon 60 grep -q 'cannot get debug files from http://127.0.0.1:' "$dir/log"
check_eq "$(with out 'burn_(alpha|beta|gamma)')" 0 "files with names"
# It is asked again and again meanwhile.
check_soon 60 requests_above 2
check_eq "$(grep -c 'cannot get debug files' "$dir/log")" 1 "times that it was said"

step "it answers: names from the next window on"
rm "$dir/mode"
check_soon 120 with_above out 'burn_(alpha|beta|gamma)' 0
check_soon 10 grep -q 'answers again' "$dir/log"
kill -USR1 "$daemon"
check_soon 10 grep -qE 'debug files: got [1-9][0-9]* ' "$dir/log"
stop
check_accounting

step "without it, from the cache and at once"
kill "$server"
start again
check_soon 60 with_above again 'burn_(alpha|beta|gamma)' 0
check_eq "$(with again '(^|;)worker[+]0x')" 0 "files without names"
stop
kill "$worker"
check_accounting

step "record: it waits for what has not come, and without a server does without"
rm -r "$dir/cache" "$dir/port"
/usr/bin/python3 "$project/tests/host/debuginfod_server.py" "$dir" &
server=$!
check_soon 60 test -s "$dir/port"
check_ok ringprofctl record -F 499 --debuginfod "http://127.0.0.1:$(<"$dir/port")" \
	--debuginfod-cache "$dir/cache" -o "$dir/record.pb.gz" -- "$dir/bin/worker" 1 2>/dev/null
check_ok ringprofctl fold "$dir/record.pb.gz" >"$dir/folded"
check_between "$(samples_like 'burn_(alpha|beta|gamma)' "$dir/folded")" 1 100000 "with names"
check_eq "$(samples_like '(^|;)worker[+]0x' "$dir/folded")" 0 "samples without a name"
kill "$server"
rm -r "$dir/cache"
check_ok ringprofctl record -F 499 --debuginfod "http://127.0.0.1:$(<"$dir/port")" \
	--debuginfod-cache "$dir/cache" -o "$dir/record.pb.gz" -- "$dir/bin/worker" 1 2>"$dir/said"
check_match "$(<"$dir/said")" 'cannot get debug files from http' "what it says"
check_match "$(<"$dir/said")" 'debug files have not come; ringprofctl symbolize' "what it says"
check_ok ringprofctl fold "$dir/record.pb.gz" >"$dir/folded"
check_between "$(samples_like '(^|;)worker[+]0x' "$dir/folded")" 1 100000 "samples without a name"

step "record: the command has the descriptors that it has without it"
# shellcheck disable=SC2016	# the command expands it
descriptors='cd /proc/$$/fd && echo *'
check_eq "$(ringprofctl record -F 99 --debuginfod "http://127.0.0.1:$(<"$dir/port")" \
	--debuginfod-cache "$dir/cache" -o "$dir/record.pb.gz" -- bash -c "$descriptors" \
	2>/dev/null)" "$(bash -c "$descriptors")" "its descriptors"
