# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What shell tests share: sourced by tests/vm/test_*.sh, which run in a guest as
# root, and by tests/host/test_*.sh, which run on this machine. A test exits with 0
# when it passed, 77 when it could not be done here (its last line says why), and
# anything else when it failed.

set -euo pipefail

# fail TEXT...: ends the test. Says from where, because a test checks many things.
fail()
{
	local depth=0
	while [[ ${BASH_SOURCE[depth]:-} = "${BASH_SOURCE[0]}" ]]; do
		depth=$((depth + 1))
	done
	printf '%s:%s: %s\n' "${BASH_SOURCE[depth]:-$0}" "${BASH_LINENO[depth - 1]}" "$*" >&2
	exit 1
}

# skip TEXT...: ends the test: it cannot be done here
skip()
{
	printf '%s\n' "$*" >&2
	exit 77
}

# step TEXT...: what comes next, for the one who reads the log of a failure, and after how
# many seconds of this test
step()
{
	printf '== %3s s: %s\n' "$SECONDS" "$*" >&2
}

# check_eq GOT WANTED WHAT...
check_eq()
{
	[[ $1 = "$2" ]] || fail "${*:3}: got '$1', wanted '$2'"
}

# check_between GOT LOWEST HIGHEST WHAT...: numbers, also with decimals
check_between()
{
	awk -v x="$1" -v a="$2" -v b="$3" 'BEGIN {
		exit !(x ~ /^-?[0-9.]+(e[-+]?[0-9]+)?$/ && x + 0 >= a + 0 && x + 0 <= b + 0)
	}' || fail "${*:4}: got '$1', wanted $2 to $3"
}

# check_match TEXT REGEX WHAT...: REGEX is an extended one
check_match()
{
	grep -qE -e "$2" <<<"$1" || fail "${*:3}: '$2' is not in: $1"
}

# check_no_match TEXT REGEX WHAT...
check_no_match()
{
	! grep -qE -e "$2" <<<"$1" || fail "${*:3}: '$2' is in: $1"
}

# check_file FILE WHAT...: is there and not empty
check_file()
{
	[[ -s $1 ]] || fail "${*:2}: $1 is absent or empty"
}

# check_ok COMMAND...: has to succeed
check_ok()
{
	local status=0
	"$@" || status=$?
	((status == 0)) || fail "failed with $status: $*"
}

# check_status STATUS COMMAND...: has to end with exactly STATUS
check_status()
{
	local status=0
	"${@:2}" || status=$?
	((status == $1)) || fail "status $status instead of $1: ${*:2}"
}

# retry_until SECONDS COMMAND...: until it succeeds; fails when it never does. Where the
# kernel looks after itself, everything takes several times as long.
retry_until()
{
	local end=$((SECONDS + $1))
	! debug_kernel || end=$((end + 5 * $1))
	until "${@:2}"; do
		((SECONDS < end)) || return 1
		sleep 0.2
	done
}

# check_soon SECONDS COMMAND...: has to succeed within SECONDS
check_soon()
{
	retry_until "$@" || fail "not within $1 seconds: ${*:2}"
}

# ---- for tests in a guest ------------------------------------------------------------

# Where the project is, and the programs that tests need
# shellcheck disable=SC2034	# for who sources this
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck disable=SC2034
tools=$project/build/tools

# short_form: does the test run on one kernel of many?
short_form()
{
	[[ ${RP_SHORT:-} ]]
}

# amount FULL SHORT: how much of something that only gains by being much
amount()
{
	printf '%s\n' "$(short_form && echo "$2" || echo "$1")"
}

# debug_kernel: has the kernel checkers of its own, for which much is worth its time? By
# the one that can be seen.
debug_kernel()
{
	[[ -e /sys/kernel/debug/kmemleak ]]
}

# python ARGUMENT...: without what it looks for when it starts, which takes longer in an
# emulator than all that is done with it here
python()
{
	/usr/bin/python3 -I -S "$@"
}

# check_accounting: taken = delivered + refused + lost, for every session, every CPU, and
# all that have ended; done by ringprofctl, and once more from its numbers
check_accounting()
{
	local json
	json=$(ringprofctl -j status -v) || fail "ringprofctl says that the sum does not hold: $json"
	awk -f "$project/tests/vm/accounting.awk" <<<"$json" >&2 || fail "the sum does not hold: $json"
}

# in_libc FUNCTION: a pattern for the user's frames of a system call that FUNCTION of the C
# library makes. Where code has no standard chain of frames it is one frame, in the function
# that makes all system calls there, which has no name.
in_libc()
{
	if has user-stack-fp; then
		printf '%s\n' ";$1"
	else
		printf '%s\n' '(^|;)libc[.]so[.]6[+]0x[0-9a-f]+'
	fi
}

# For daemons whose names are looked at: in an emulator all takes many times as long, and their
# share of a CPU is soon used up.
# shellcheck disable=SC2034
without_cpu_budget=(--set budget.cpu=0)

# The functions below take numbers out of ringprofctl's JSON by awk, an object of it a
# record: whatever knows JSON takes an emulator a second to start.

# sum_of KEY WHERE: of KEY in the objects of the input that contain WHERE
sum_of()
{
	awk -v RS='{' -v key="\"$1\":" -v where="$2" '
		index($0, where) && (at = index($0, key)) {
			sum += substr($0, at + length(key)) + 0
		}
		END { printf "%.0f\n", sum }'
}

# counter NAME: how often, in all sessions together, those that have ended included
counter()
{
	ringprofctl -j status | sum_of count "\"name\":\"$1\""
}

# ends WHOSE NAME [FILE]: how many stacks, "kernel" or "user", have ended like that so far, or
# "all", in all sessions together, those that have ended included; by a JSON status in FILE
ends()
{
	if [[ ${3:-} ]]; then cat "$3"; else ringprofctl -j status; fi |
		awk -v RS='{' -v whose="\"$1_stops\":" -v name="$2" '
		mine {
			split($0, words, "\"")
			if (name == "all" || words[4] == name)
				sum += substr(words[7], 2) + 0
			if (/\}\]/)
				mine = 0
		}
		index($0, whose) { mine = 1 }
		END { printf "%.0f\n", sum }'
}

# walked_above N: have more than N user stacks been walked so far? For check_soon.
walked_above() { (($(ends user all) > $1)); }

# grown NAME: how many user stacks have ended like that between two looks, JSON statuses in the
# test's $dir/before and $dir/after: at the same moment for every name
# shellcheck disable=SC2154
grown()
{
	echo $(($(ends user "$1" "$dir/after") - $(ends user "$1" "$dir/before")))
}

# reasons: "COUNT NAME, ..." of those user stacks between the same two looks that are not whole
# shellcheck disable=SC2154
reasons()
{
	awk -v RS='{' '
		FNR == 1 { sign = NR == 1 ? -1 : 1; mine = 0 }
		mine {
			split($0, words, "\"")
			count[words[4]] += sign * substr(words[7], 2)
			if (/\}\]/)
				mine = 0
		}
		index($0, "\"user_stops\":") { mine = 1 }
		END {
			for (name in count)
				if (count[name] && name != "root" && name != "none")
					print count[name], name
		}' "$dir/before" "$dir/after" | sort -rn |
		awk '{ printf "%s%s", separator, $0; separator = ", " }'
}

# has CAPABILITY: of this module on this kernel
has()
{
	grep -Eq "^$1 +yes " <<<"$(ringprofctl info)"
}

# sessions: how many are open
sessions()
{
	ringprofctl -j status | awk -v RS='{' '/^"session":/ { n++ } END { print n + 0 }'
}

# ticks_by SOURCE: on how many CPUs, in how many sessions, that ticks. This is the module's
# word: the kernel has no list of perf events, and timers pause on idle CPUs.
ticks_by()
{
	ringprofctl -j status -v | awk -v RS='{' -v source="$1" '
		$0 ~ "^\"cpu\":[0-9]+,\"sampling\":true,\"tick_source\":\"(" source ")\"" { n++ }
		END { print n + 0 }'
}

# armed_timers: how many of the module's timers are. The kernel prints its list timer by
# timer and lets go of it in between: one that fires meanwhile may be in it twice, or, when
# the one before it fires, not at all. So the list is read several times, and a timer counts
# once.
armed_timers()
{
	cat /proc/timer_list /proc/timer_list /proc/timer_list | awk '
		/^cpu:/ { cpu = $2 }
		/, ringprof_tick/ && !seen[cpu, $2]++ { n++ }
		END { print n + 0 }'
}

# timers: on how many CPUs, in how many sessions, there is one; none only if none is armed
timers()
{
	local nr
	nr=$(ticks_by hrtimer)
	((nr)) || nr=$(armed_timers)
	echo "$nr"
}

# ticks: on how many CPUs, in how many sessions, something asks for samples
ticks()
{
	echo $(($(timers) + $(ticks_by 'cycles|cpu-clock')))
}

# For check_soon, which repeats a command: are there more timers, sessions than ...? Has the
# module been given more tables so far, have more samples been delivered?
ticks_above() { (($(ticks) > $1)); }
delivered_above() { (($(counter delivered) > $1)); }
tables_above() { (($(counter tables-loaded) > $1)); }
sessions_above() { (($(sessions) > $1)); }

# samples_like PATTERN FILE: how many samples of folded stacks are in those like PATTERN
samples_like()
{
	awk -v pattern="$1" '$0 ~ pattern { n += $NF } END { print n + 0 }' "$2"
}

# only_module FILE: installs it for this kernel, as the only one: so that depmod, which
# reads every module, has little to do
only_module()
{
	mkdir -p "/lib/modules/$(uname -r)"
	mount -t tmpfs tmpfs "/lib/modules/$(uname -r)"
	install -D -m 644 "$1" "/lib/modules/$(uname -r)/extra/ringprof.ko"
}

# left_in_vmalloc: areas of memory that the module's functions made
left_in_vmalloc()
{
	grep -c '\[ringprof\]' /proc/vmallocinfo || true
}

# nobody_left: no session is open, no timer armed
nobody_left() { [[ $(sessions) = 0 && $(ticks) = 0 ]]; }

# check_nothing_left: of any session; the module is loaded and as it was at first. Soon,
# not at once: a killed owner's mappings may be being described, which keeps them for a
# fraction of a second, and its file with them.
check_nothing_left()
{
	check_soon 10 nobody_left
	check_eq "$(left_in_vmalloc)" 0 "vmalloc areas of the module"
	check_soon 10 grep -qx 0 /sys/module/ringprof/refcnt
	check_accounting
}

# check_works: a program is sampled, its functions are named, and the sum holds
check_works()
{
	local dir
	dir=$(mktemp -d)
	check_ok ringprofctl record -F 999 -o "$dir/p.pb.gz" -- "$tools/burn" 2 >/dev/null
	check_ok ringprofctl fold "$dir/p.pb.gz" >"$dir/folded"
	check_match "$(<"$dir/folded")" 'main;run;burn_alpha' "the profile"
	check_accounting
	rm -r "$dir"
}
