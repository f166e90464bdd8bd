#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What decides whether a guest's kernel is in trouble: every sample of trouble is
# found, by itself; no healthy line is; and no pattern is without its sample.

set -euo pipefail
cd "$(dirname "$0")/../.."
splats=scripts/splats
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

wrong()
{
	printf '%s\n' "$*"
	failed=1
}

grep -v '^#' tests/host/splats.bad >"$work/bad"
grep -v '^#' tests/host/splats.good >"$work/good"

while IFS= read -r line; do
	cat "$work/good" - >"$work/log" <<<"$line"
	status=0
	told=$($splats "$work/log") || status=$?
	[[ $status = 1 ]] || wrong "not found: $line"
	[[ $told = *"$line"* ]] || wrong "found but not shown: $line"
	# as a serial console delivers it
	sed 's/$/\r/' "$work/log" >"$work/cr"
	! $splats "$work/cr" >/dev/null || wrong "not found with a CR: $line"
done <"$work/bad"

while IFS= read -r line; do
	printf '%s\n' "$line" >"$work/log"
	$splats "$work/log" >/dev/null || wrong "healthy, but taken for trouble: $line"
done <"$work/good"
$splats "$work/good" || wrong "the healthy log did not pass"

# What the OOM killer says is none of it, but for one trace only.
cat >"$work/oom" <<-'END'
	[   21.000000] hog invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=1000
	[   21.000001] CPU: 1 PID: 412 Comm: hog Tainted: G           O       6.1.0-56-amd64 #1
	[   21.000002] Call Trace:
	[   21.000003]  <TASK>
	[   21.000004] memory: usage 32768kB, limit 32768kB, failcnt 33
	[   21.000005] Memory cgroup out of memory: Killed process 412 (hog) total-vm:53052kB
END
cat "$work/oom" "$work/oom" >"$work/log"
$splats "$work/log" || wrong "the OOM killer's reports are taken for trouble"
echo '[   22.000000] Call Trace:' >>"$work/log"
! $splats "$work/log" >/dev/null || wrong "a call trace after the OOM killer's is not found"

# A log with bytes that are no text is still read as text.
{ printf '\0\377\n'; head -n 1 "$work/bad"; } >"$work/log"
! $splats "$work/log" >/dev/null || wrong "not found in a log with binary bytes"

sed -E 's/^(\[[^]]*\])+ ?//' "$work/bad" >"$work/messages"
while IFS= read -r pattern; do
	grep -qE -e "$pattern" "$work/messages" || wrong "no sample for: $pattern"
done < <(grep -v -e '^#' -e '^$' scripts/splats.patterns)

exit $failed
