#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# symbolize from the outside: what it names, what it leaves and says of it, where it writes,
# mistakes. Exit status: 0 passed, 77 skipped, else failed. Needs python3 for JSON.
set -eu

cd "$(dirname "$0")/../.."
name=test_symbolize
# shellcheck source=tests/host/ctl.sh
. tests/host/ctl.sh
make -s B="$B" test-tools
p="$work/small.pb.gz"
"$B/tests/host/mkprofile" small "$p"

# ---- help and mistakes ----

shows 'Usage: ringprofctl [-j] symbolize FILE --debug-dir DIR | --debuginfod URL [-o OUT]' help symbolize
status 2 'a FILE is missing' symbolize --debug-dir "$work"
status 2 'one FILE at a time' symbolize "$p" "$p" --debug-dir "$work"
status 2 '--debug-dir DIR or --debuginfod URL is missing' symbolize "$p"
status 2 '-o FILE is missing' symbolize - --debug-dir "$work"
status 1 'No such file' symbolize "$work/none" --debug-dir "$work"
status 1 "cannot look for symbols in $work/none: No such file" symbolize "$p" --debug-dir "$work/none"
status 1 "cannot look for symbols in $p: Not a directory" symbolize "$p" --debug-dir "$p"
status 1 "cannot look for debug files in $work/none: No such file" record --debug-dir "$work/none"
status 1 "cannot look for debug files in $p: Not a directory" record --debug-dir "$p"
status 1 'not pprof' symbolize "$0" --debug-dir "$work"
status 1 'No such file' symbolize "$p" --debug-dir "$work" -o "$work/none/out.pb.gz"

# ---- nothing is there: nothing changes but that it is said ----

# The profile has two addresses without a name in xz, whose build id ends in 01, and one in a
# module of the kernel, which is in no file.
mkdir "$work/dir"
shows 'no file with its build id is there' symbolize "$p" --debug-dir "$work/dir" -o "$work/out1"
json 'd["named"] == 0 and d["left"] == 2 and d["no_file"] == 1 and not d["search_cut_off"] and
	[(f["file"], f["build_id"], f["named"], f["left"], f["reason"]) for f in d["files"]] ==
	[("/usr/bin/xz", "0123456789abcdef01", 0, 2, "no_file")]' \
	-j symbolize "$p" --debug-dir "$work/dir" -o "$work/out1"
"$ctl" report -n 0 "$p" >"$work/before"
"$ctl" report -n 0 "$work/out1" >"$work/after"
cmp -s "$work/before" "$work/after" || fail "the profile is another one"

# ---- a file of another build id, at the very path; then the one, under any name ----

cat >"$work/x.s" <<'END'
	.text
	.globl encoder
	.type encoder, @function
encoder:
	.skip 0x900000, 0x90
	.size encoder, . - encoder
END
cc=${CC:-cc}
mkdir -p "$work/dir/usr/bin" "$work/dir/some"
$cc -shared -nostdlib -Wl,--build-id=0x0123456789abcdef02 -o "$work/dir/usr/bin/xz" "$work/x.s"
json 'd["named"] == 0 and d["left"] == 2' -j symbolize "$p" --debug-dir "$work/dir" -o "$work/out1"
$cc -shared -nostdlib -Wl,--build-id=0x0123456789abcdef01 -o "$work/dir/some/thing" "$work/x.s"
json 'd["named"] == 2 and d["left"] == 0 and d["files"][0]["named"] == 2 and
	d["files"][0]["from"].endswith("/dir/some/thing")' \
	-j symbolize "$p" --debug-dir "$work" --debug-dir "$work/dir" -o "$work/out2"
"$ctl" fold "$work/out2" | grep -q 'lzma_code;encoder;encoder ' || fail "the name is not there"
! "$ctl" fold "$p" | grep -q encoder || fail "the input was changed"

# ---- in place, and again: there is nothing left to do ----

shows "Addresses named 2" symbolize "$p" --debug-dir "$work/dir"
"$ctl" fold "$p" | grep -q 'lzma_code;encoder;encoder ' || fail "the file was not replaced"
shows 'Every address in a file has a name already.' symbolize "$p" --debug-dir "$work/dir"

# A pipe to a pipe.
"$ctl" symbolize - --debug-dir "$work/dir" -o "$work/out3" <"$work/out1" >/dev/null
"$ctl" fold "$work/out3" | grep -q encoder || fail "standard input was not read"
