#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# ringprofctl tables from the outside: a program of our own whose description leaves out a
# known piece of code, text and -j of the same content, exit statuses. Needs python3.
set -eu

cd "$(dirname "$0")/../.."
B=${B:-build}
if ! command -v python3 >/dev/null; then
	echo "test_tables: skipped, there is no python3" >&2
	exit 77
fi

export LC_ALL=C
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
make -s B="$B" "$B/bin/ringprofctl"
ctl="$B/bin/ringprofctl"

fail() {
	echo "test_tables: $*" >&2
	exit 1
}

# status N TEXT ARGUMENTS: exits with N, and says TEXT on stderr.
status() {
	want=$1 text=$2
	shift 2
	got=0
	"$ctl" "$@" >"$work/out" 2>"$work/err" || got=$?
	[ "$got" = "$want" ] || fail "'$*' exits with $got instead of $want: $(cat "$work/err")"
	grep -Fq -- "$text" "$work/err" || fail "'$*' does not say '$text': $(cat "$work/err")"
}

# json EXPRESSION ARGUMENTS: JSON, a document a line, for which the expression is true.
json() {
	expression=$1
	shift
	"$ctl" "$@" >"$work/out" || fail "'$*' fails"
	python3 -c 'import json, sys
d = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
sys.exit(0 if eval("(" + sys.argv[2] + ")") else 1)' "$work/out" "$expression" ||
		fail "'$*': not true: $expression: $(head -c 2000 "$work/out")"
}

# Assembly for two machines: a piece of 16 bytes whose return address is in a register,
# another of 8 that nobody describes.
cat >"$work/x86-64.s" <<'END'
	.text
	.globl odd, bare, main
	.type odd, @function
odd:	.cfi_startproc
	.skip 16, 0x90
	.cfi_register rip, rcx
	.skip 16, 0x90
	.cfi_endproc
	.size odd, .-odd
	.type bare, @function
bare:	.skip 8, 0x90
	.size bare, .-bare
main:	.cfi_startproc
	ret
	.cfi_endproc
END
sed 's/rip, rcx/x30, x9/; s/@function/%function/; s/0x90/0/' "$work/x86-64.s" >"$work/arm64.s"

made=
for machine in x86-64 arm64; do
	case $machine in
	x86-64) cc=x86_64-linux-gnu-gcc em='elf_x86_64' ;;
	*) cc=aarch64-linux-gnu-gcc em='aarch64linux' ;;
	esac
	command -v "$cc" >/dev/null || continue
	"$cc" -nostdlib -shared -Wl,-m,"$em" -o "$work/$machine.so" "$work/$machine.s"
	made="$made $machine"
	json "len(d) == 1 and d[0]['machine'] == '$machine' and d[0]['source'] == '.eh_frame'
		and d[0]['functions'] == 2 and d[0]['unsaid'] == 16
		and d[0]['text'] == d[0]['covered'] + d[0]['unsaid'] + d[0]['undescribed']
		and d[0]['undescribed'] >= 8 and 'ranges' not in d[0]
		and [(r['reason'], r['class'], r['count'], r['bytes']) for r in d[0]['reasons']]
			== [('ra-register', 'unsaid', 1, 16)]" -j tables "$work/$machine.so"
	json "[(r['reason'], r['bytes'], r['function']) for r in d[0]['ranges']]
		== [('ra-register', 16, 'odd+0x10')]" -j tables -v "$work/$machine.so"
	"$ctl" tables --verbose "$work/$machine.so" >"$work/out" 2>"$work/err" ||
		fail "$(cat "$work/err")"
	for text in "Machine $machine" 'Functions described 2' 'Beyond the table 16 B' \
		'ra-register unsaid 1 16 B' ' 16 odd+0x10'; do
		tr -s ' ' <"$work/out" | grep -Fq -- "$text" || fail "no '$text': $(cat "$work/out")"
	done
done
[ "$made" ] || { echo "test_tables: skipped, no compiler for x86-64 or arm64" >&2; exit 77; }

# Itself, twice: a document each. A file that fails keeps no other from being shown.
json "len(d) == 2 and d[0] == d[1]" -j tables "$ctl" "$ctl"
status 1 "is not an ELF file" -j tables "$0" "$ctl"
[ "$(wc -l <"$work/out")" = 1 ] || fail "the other file is not shown"
status 1 "No such file" tables "$work/none"
status 1 "is not a regular file" tables "$work"
status 2 "which file?" tables
status 2 "--help" tables --what
"$ctl" tables --help | grep -q 'FILE\.\.\.' || fail "no help"
