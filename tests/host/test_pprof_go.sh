#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Go's own pprof reads what we write, and we read what Go's runtime writes. Exit
# status: 0 passed, 77 skipped, else failed. Needs Debian's golang-go, no network.
set -eu

cd "$(dirname "$0")/../.."
B=${B:-build}
if ! command -v go >/dev/null; then
	echo "test_pprof_go: skipped, there is no go" >&2
	exit 77
fi

export LC_ALL=C
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME="$work" GOCACHE="$work/cache" GOFLAGS=-mod=mod GOPROXY=off GO111MODULE=off
export PPROF_TMPDIR="$work"

fail() {
	echo "test_pprof_go: $*" >&2
	exit 1
}

# has FILE PATTERN: an extended regular expression must match a line.
has() {
	grep -Eq -- "$2" "$1" || {
		cat "$1" >&2
		fail "$1 has no line like: $2"
	}
}

make -s B="$B" test-tools "$B/bin/ringprofctl"
ctl="$B/bin/ringprofctl"

# ---- Go reads ours ----

"$B/tests/host/mkprofile" small "$work/ours.pb.gz"
go tool pprof -symbolize=none -top "$work/ours.pb.gz" >"$work/top" 2>"$work/top.err"
has "$work/top" '^Type: cpu$'
has "$work/top" '^Duration: 10s, Total samples = 10101.01ms'
has "$work/top" ' 2222.22ms 22.00% .* ExecInterpExpr$'
has "$work/top" ' 1010.10ms 10.00% .* copy_page_to_iter$'
has "$work/top" ' 606.06ms  6.00% .* 606.06ms  6.00%  encode_tree$'

go tool pprof -symbolize=none -sample_index=samples -top "$work/ours.pb.gz" \
	>"$work/top" 2>"$work/top.err"
has "$work/top" ' 220 22.00% .* ExecInterpExpr$'

go tool pprof -symbolize=none -raw "$work/ours.pb.gz" >"$work/raw" 2>"$work/raw.err"
has "$work/raw" '^PeriodType: cpu nanoseconds$'
has "$work/raw" '^samples/count cpu/nanoseconds\[dflt\]$'
has "$work/raw" 'comm:\[postgres\]'
has "$work/raw" 'cpu:\[0\]|cpu:\[0 cpu\]'
has "$work/raw" '^1: 0x400000/0x10400000/0x0 /usr/bin/xz 0123456789abcdef01'
has "$work/raw" '\[kernel.kallsyms\]\[ext4\]'
# Ids of locations and mappings are 1 .. N in order.
for section in Locations Mappings; do
	sed -n "/^$section\$/,/^[A-Z]/p" "$work/raw" | sed -n 's/^ *\([0-9]*\): .*/\1/p' \
		>"$work/ids"
	n=$(wc -l <"$work/ids")
	[ "$n" -ge 6 ] || fail "only $n $section"
	seq 1 "$n" | cmp -s - "$work/ids" || fail "ids of $section are not 1..$n"
done

# ---- we read Go's ----

go build -o "$work/gopprof" tests/host/gopprof/main.go
"$work/gopprof" "$work/cpu.pb.gz" "$work/heap.pb.gz"
"$ctl" report "$work/cpu.pb.gz" >"$work/report"
has "$work/report" '^Value +cpu$'
has "$work/report" 'user +gopprof +main\.burn$'
"$ctl" report "$work/cpu.pb.gz" --by request >"$work/report"
has "$work/report" ' checkout$'
"$ctl" report "$work/heap.pb.gz" --value alloc_space >"$work/report"
has "$work/report" 'MiB .* main\.hoard$'
"$ctl" fold "$work/heap.pb.gz" --value inuse_space >"$work/folded"
has "$work/folded" '^runtime\.main;main\.main;main\.hoard [0-9]+$'
"$ctl" flame "$work/cpu.pb.gz" -o "$work/cpu.html"
has "$work/cpu.html" 'main\.burn'

# The same totals as Go sees, to the last digit.
go tool pprof -symbolize=none -raw "$work/cpu.pb.gz" 2>/dev/null |
	awk '/^Samples:/ { on = 1 } /^Locations/ { on = 0 }
	     on && /^ *[0-9]+ +[0-9]+:/ { sum += $1 } END { printf "%d\n", sum }' >"$work/go.sum"
"$ctl" fold "$work/cpu.pb.gz" --value samples | awk '{ sum += $NF } END { printf "%d\n", sum }' \
	>"$work/our.sum"
cmp -s "$work/go.sum" "$work/our.sum" ||
	fail "Go counts $(cat "$work/go.sum") samples, we $(cat "$work/our.sum")"
echo "test_pprof_go: ok"
