#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# report, fold and flame from the outside: exit statuses, hints, -j of the same
# content. Exit status: 0 passed, 77 skipped, else failed. Needs python3 for JSON.
set -eu

cd "$(dirname "$0")/../.."
name=test_views
# shellcheck source=tests/host/ctl.sh
. tests/host/ctl.sh
make -s B="$B" test-tools
p="$work/small.pb.gz"
"$B/tests/host/mkprofile" small "$p"

# ---- help and mistakes ----

shows 'Exit status:' --help
shows 'Usage: ringprofctl [-j] report FILE' help report
shows 'Usage: ringprofctl [-j] flame FILE' flame --help
shows 'ringprofctl ' --version
status 2 'Usage:'
status 2 "did you mean 'report'?" reprot "$p"
status 2 "there is no command 'xyzzy'" xyzzy
status 2 'there is no option --frob' --frob report
status 2 'there is no option --frob' report "$p" --frob
status 2 'there is no option -Z' report -Z "$p"
status 2 'needs an argument' report "$p" -n
status 2 'a FILE is missing' report
status 2 'one FILE at a time' report "$p" "$p"
status 2 "-n needs a number, not '12x'" report "$p" -n 12x
status 2 "--sort is flat or cum" report "$p" --sort up
status 2 "KEY=VALUE, not 'comm'" report "$p" --filter comm
status 2 '-o FILE is missing' flame "$p"
status 1 'No such file' report "$work/none"
status 1 'not pprof' report "$0"
status 1 "no sample type 'wall', it has: samples cpu" report "$p" --value wall
status 1 'no sample of' report "$p" --by no.such.label
status 1 'cannot create' flame "$p" -o "$work/none/x.html"
head -c 500 "$p" >"$work/cut.pb.gz"
status 1 'cut off' report "$work/cut.pb.gz"
[ ! -e /dev/full ] || {
	"$ctl" fold "$p" >/dev/full 2>"$work/err" && fail "a full disk is not noticed"
	grep -q 'No space left' "$work/err" || fail "a full disk is not named"
}

# ---- content, as text and as JSON ----

shows '2.22 s 22.00% 22.00% 2.22 s 22.00% user postgres ExecInterpExpr' report "$p"
shows 'service.name checkout' report "$p"
shows '(3 of 31 rows; -n 0 for all)' report "$p" -n 3
shows '6.06 s 60.00% 60.00% 6.06 s 60.00% postgres' report "$p" --by process
shows ' 600 60.00%' report "$p" --by comm --value samples
shows 'Of all 30.00%' report "$p" --filter comm=xz
"$ctl" report - <"$p" >"$work/out"
grep -q ExecInterpExpr "$work/out" || fail "standard input is not read"
gunzip -c "$p" >"$work/plain.pb"
shows ExecInterpExpr report "$work/plain.pb"

json 'd["rows"][0] == {"flat": 2222222200, "flat_share": 0.22, "sum_share": 0.22,
	"cumulative": 2222222200, "cumulative_share": 0.22, "kind": "user",
	"mapping": "/usr/lib/postgresql/15/bin/postgres", "name": "ExecInterpExpr"}' \
	-j report "$p"
json 'd["total"] == 10101010000 and d["unit"] == "nanoseconds" and
	d["resource"] == {"service.name": "checkout", "host.name": "db-17"} and
	len(d["rows"]) == d["rows_total"] == 31' report "$p" -j -n 0
json '[(r["name"], r["flat"]) for r in d["rows"]] == [("postgres", 600), ("xz", 300),
	("<script>bad()</script>", 100)]' report "$p" -j --by process --value samples
json '[(r["name"], r["flat"]) for r in d["rows"]] ==
	[("postgres/100", 340), ("postgres/101", 260)]' \
	report "$p" -j --by thread --filter comm=postgres --value samples

shows '__libc_start_main;main;lzma_code;encode_tree;encode_tree;encode_tree 60' fold "$p"
shows 'do_syscall_64_[k];vfs_read_[k];ext4_file_read_iter_[k];copy_page_to_iter_[k] 100' fold "$p"
shows 'xz;__libc_start_main;main;lzma_code;lzma_mf_bt4_find 1818181800' \
	fold "$p" --process --value cpu
json 'sum(s["value"] for s in d["stacks"]) == 1000 and
	{"stack": ["__libc_start_main", "main", "lzma_code", "lzma_mf_bt4_find"],
	 "value": 180} in d["stacks"]' -j fold "$p"

json 'd["nodes"][0] == {"id": 0, "self": 0, "total": 10101010000} and
	d["nodes"][1]["name"] == "postgres" and d["nodes"][1]["kind"] == "process" and
	all(n["parent"] < n["id"] for n in d["nodes"][1:]) and
	sum(n["self"] for n in d["nodes"]) == 10101010000' -j flame "$p"
json 'd["nodes"][1]["name"] == "__libc_start_main"' -j flame "$p" --no-process
"$ctl" flame "$p" -o - >"$work/page.html"
[ "$(grep -c '</script>' "$work/page.html")" = 2 ] || fail "a name ends the page's script"
! grep -Eq '(src|href)="?(https?:)?//' "$work/page.html" || fail "the page needs a network"
echo "test_views: ok"
