#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What tests/bench makes of its rows: the bounds, and the comparison with an earlier run.

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/../vm/lib.sh"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$project"

# rows FILE SCRIPT: some, changed by a line or two of Python
rows()
{
	PYTHONPATH=tests/bench /usr/bin/python3 -B - "$@" <<-'END'
	import json, sys
	import results

	def row(profiler, stacks, hz, whole, **more):
	    return dict.fromkeys(results.KEY + results.FIGURES) | {
	        "profiler": profiler, "stacks": stacks, "hz": hz, "what": "sample",
	        "program": "nested-fp", "depth": 20, "options": "", "instructions_per_sample": whole,
	        "date": "2026-11-26"} | more

	rows = [row("perf", "fp", 99, 4000.0, end_instructions=5000, script_instructions=100000),
	        row("perf", "dwarf", 99, 15000.0), row("bpftrace", "fp", 99, 5000),
	        row("ringprof-record", "fp", 99, 2300, end_instructions=100, rss_bytes=1 << 20),
	        row("ringprof-record", "table", 99, 3800, end_instructions=100),
	        row("ringprofd", "table", 19, 4000, overhead_ppm=140.0, window_seconds=60),
	        row("ringprof-record", "fp", 999, None, what="user frame", depth=None, instructions=23)]
	exec(sys.argv[2])
	json.dump(rows, open(sys.argv[1], "w"))
	END
}

# says LINE: a part of what was printed last
says() { grep -qF -e "$1" "$dir/out" || fail "'$1' is not in: $(<"$dir/out")"; }

step "what holds"
rows "$dir/good" ''
check_ok tests/bench/judge "$dir/good" >"$dir/out"
says "0.600, at most   0.650: holds"
says "0.975, at most   1.000: holds"
says "0.036, at most   0.200: holds"
says "140.000, at most 150.000: holds"
says "a user frame by frame pointer                                                          23.000"
says "999 Hz: ringprofd fp / perf record -g: not measured"
says "99 Hz: ringprof-record table, nested / perf record -g: not measured"

step "what does not"
rows "$dir/bad" 'rows[3]["instructions_per_sample"] = 2700'
check_status 1 tests/bench/judge "$dir/bad" >"$dir/out"
says "0.700, at most   0.650: DOES NOT HOLD"
rows "$dir/bad" 'rows[3]["end_instructions"] = 340'
check_status 1 tests/bench/judge "$dir/bad" >"$dir/out"
says "0.660, at most   0.650: DOES NOT HOLD"
rows "$dir/bad" 'rows[5]["overhead_ppm"] = 151'
check_status 1 tests/bench/judge "$dir/bad" >"$dir/out"
says "151.000, at most 150.000: DOES NOT HOLD"

step "what merging spares"
hot='
for off in "", "--set sampling.coalesce=0":
    rows.append(row("ringprofd", "table", 999, 4000, program="hot-fp", options=off,
                    reader_instructions=300 if not off else 700, samples=10,
                    window_instructions=2000))
'
rows "$dir/bad" "$hot"'rows[-1]["instructions_per_sample"] = 5200'
check_ok tests/bench/judge "$dir/bad" >"$dir/out"
says "0.760, at most   1.000: holds"
says "0.200, at most   0.300: holds"
rows "$dir/bad" "${hot}rows[-1]['instructions_per_sample'] = 3900"
check_status 1 tests/bench/judge "$dir/bad" >"$dir/out"
says "1.027, at most   1.000: DOES NOT HOLD"
check_ok tests/bench/compare "$dir/bad" "$dir/bad" >"$dir/out"
says "hot-fp 20    sample: instructions_per_sample 1.000"
says "hot-fp 20    --set sampling.coalesce=0 sample: instructions_per_sample 1.000"

step "as before, and a little more"
check_ok tests/bench/compare "$dir/good" "$dir/good" >"$dir/out"
check_eq "$(grep -c '1[.]000' "$dir/out")" 7 "rows"
rows "$dir/new" 'rows[3]["instructions_per_sample"] *= 1.04'
check_ok tests/bench/compare "$dir/good" "$dir/new" >"$dir/out"
says "instructions_per_sample 1.040"

step "grown"
check_status 1 tests/bench/compare -l 3 "$dir/good" "$dir/new" >"$dir/out"
says "Grown by more than 3 %"
says "ringprof-record fp      99 nested-fp 20 sample: instructions_per_sample 2300 -> 2392"

step "what others take is theirs"
rows "$dir/new" 'rows[0]["instructions_per_sample"] *= 2'
check_ok tests/bench/compare "$dir/good" "$dir/new" >"$dir/out"
says "instructions_per_sample 2.000"

step "rows that came and went, and what was measured in one of them only"
rows "$dir/new" 'rows[3]["hz"] = 19; rows[4]["instructions_per_sample"] = None'
check_ok tests/bench/compare "$dir/good" "$dir/new" >"$dir/out"
says "ringprof-record fp      19 nested-fp 20 sample: new"
says "ringprof-record fp      99 nested-fp 20 sample: gone"
check_no_match "$(grep 'record table' "$dir/out")" instructions_per_sample "a figure that is not there"

step "another day is no other row"
rows "$dir/new" 'rows[3]["date"] = "2026-12-24"'
check_ok tests/bench/compare "$dir/good" "$dir/new" >"$dir/out"
check_no_match "$(<"$dir/out")" 'new$|gone$' "rows"
