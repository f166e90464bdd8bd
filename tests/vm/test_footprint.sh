#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernels: vm
# limit: 900
#
# The daemon among 300 processes of varied programs, from its start on: it takes less than
# 24 MiB, all that it ever had at once, and so it does when node comes, whose file is a hundred
# times as large.

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"
dir=$(mktemp -d)
mkfifo "$dir/in"
exec 9<>"$dir/in"

# start_one N: one of some programs, which then waits or works a little now and then
# shellcheck disable=SC2016	# those programs expand it
start_one()
{
	case $(($1 % 16)) in
	0)	exec /usr/bin/python3 -c 'import json, re, time
while True:
    sum(range(20000)); time.sleep(5)' ;;
	1)	exec perl -e 'while (1) { $x += $_ for 1..20000; sleep 5 }' ;;
	2)	exec bash -c 'while :; do for ((i = 0; i < 1000; i++)); do :; done; sleep 5; done' ;;
	3)	exec openssl enc -aes-256-cbc -pbkdf2 -iter 20000 -pass pass:x -in "$dir/in" ;;
	4)	exec sqlite3 :memory: <"$dir/in" ;;
	5)	exec xz -c "$dir/in" ;;
	6)	exec zstd -q -c "$dir/in" ;;
	7)	exec /usr/lib/gcc/x86_64-linux-gnu/12/cc1 -quiet "$dir/in" -o - ;;
	8)	exec make -f "$dir/in" ;;
	9)	exec sort "$dir/in" ;;
	10)	exec grep x "$dir/in" ;;
	11)	exec sed 's/a/b/' "$dir/in" ;;
	12)	exec awk '{ n++ }' "$dir/in" ;;
	13)	exec gzip -c "$dir/in" ;;
	14)	exec tail -f "$dir/in" ;;
	15)	exec sha256sum "$dir/in" ;;
	esac
}

windows_above() { (($(find "$dir/out" -name '*.pb.gz' | wc -l) > $1)); }

# memory PROCESS KEY: in KiB
memory() { awk -v key="$2:" '$1 == key { print $2 }' "/proc/$1/status"; }

step "half of them are there before the daemon, half come later"
for ((n = 0; n < 150; n++)); do
	(start_one "$n") >/dev/null 2>&1 &
done
ringprofd --set window.length=15s --set "output.directory=$dir/out" \
	--set sampling.frequency=97 "${without_cpu_budget[@]}" -c /dev/null 2>"$dir/log" &
daemon=$!
check_soon 60 sessions_above 0
for ((; n < 300; n++)); do
	(start_one "$n") >/dev/null 2>&1 &
done

step "three windows"
check_soon 300 windows_above 2
check_between "$(pgrep -c -g 0)" 280 100000 "processes"
kill -USR1 $daemon
check_soon 60 grep -q 'memory: symbols' "$dir/log"
cat "$dir/log" >&2
grep -E '^(VmHWM|VmRSS|Rss)' "/proc/$daemon/status" >&2
check_match "$(<"$dir/log")" 'memory: symbols .*mappings of [1-9][0-9][0-9] processes' \
	"processes that it has seen"
parser=$(pgrep -x ringprof-parser)
own=$(memory $daemon VmHWM) its=$(memory "$parser" VmHWM)
step "at most: the daemon $own KiB, the process that parses for it $its KiB"
check_between $((own + its)) 1000 24576 "KiB, both together"

step "and with node"
node -e 'setInterval(() => { for (var i = 0, x = 0; i < 1e6; i++) x += i }, 100)' &
node_named()
{
	local profile
	profile=$(find "$dir/out" -name '*.pb.gz' | sort | tail -n 1)
	ringprofctl report --by process -n 0 "$profile" 2>/dev/null | grep -qw node
}
check_soon 300 node_named
# Its unwind table takes longer, and more.
check_soon 300 windows_above "$(($(find "$dir/out" -name '*.pb.gz' | wc -l) + 1))"
step "at most: the daemon $(memory $daemon VmHWM) KiB, the process that parses for it" \
	"$(memory "$parser" VmHWM) KiB"
check_between "$(memory $daemon VmHWM)" 1000 24576 "KiB of the daemon"
check_eq "$(pgrep -x ringprof-parser)" "$parser" "the process that parses"

kill $daemon
check_ok wait $daemon
check_accounting
