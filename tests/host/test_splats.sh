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

# A log with bytes that are no text is still read as text.
{ printf '\0\377\n'; head -n 1 "$work/bad"; } >"$work/log"
! $splats "$work/log" >/dev/null || wrong "not found in a log with binary bytes"

sed -E 's/^(\[[^]]*\])+ ?//' "$work/bad" >"$work/messages"
while IFS= read -r pattern; do
	grep -qE -e "$pattern" "$work/messages" || wrong "no sample for: $pattern"
done < <(grep -v -e '^#' -e '^$' scripts/splats.patterns)

exit $failed
