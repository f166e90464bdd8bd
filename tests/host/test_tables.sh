#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# ringprofctl tables from the outside: a program of our own whose description leaves out a
# known piece of code, text and -j of the same content, exit statuses. Needs python3.
set -eu

cd "$(dirname "$0")/../.."
name=test_tables
# shellcheck source=tests/host/ctl.sh
. tests/host/ctl.sh

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
	json "d['machine'] == '$machine' and d['source'] == '.eh_frame'
		and d['functions'] == 2 and d['unsaid'] == 16
		and d['text'] == d['covered'] + d['unsaid'] + d['undescribed']
		and d['undescribed'] >= 8 and 'ranges' not in d
		and [(r['reason'], r['class'], r['count'], r['bytes']) for r in d['reasons']]
			== [('ra-register', 'unsaid', 1, 16)]" -j tables "$work/$machine.so"
	json "[(r['reason'], r['bytes'], r['function']) for r in d['ranges']]
		== [('ra-register', 16, 'odd+0x10')]" -j tables -v "$work/$machine.so"
	for text in "Machine $machine" 'Functions described 2' 'Beyond the table 16 B' \
		'ra-register unsaid 1 16 B' ' 16 odd+0x10'; do
		shows "$text" tables --verbose "$work/$machine.so"
	done
done
[ "$made" ] || { echo "test_tables: skipped, no compiler for x86-64 or arm64" >&2; exit 77; }

# Itself, twice: a document each. A file that fails keeps no other from being shown.
documents "len(d) == 2 and d[0] == d[1]" -j tables "$ctl" "$ctl"
fails 1 "is not an ELF file" -j tables "$0" "$ctl"
[ "$(wc -l <"$work/out")" = 1 ] || fail "the other file is not shown"
status 1 "No such file" tables "$work/none"
status 1 "is not a regular file" tables "$work"
status 2 "which file?" tables
status 2 "--help" tables --what
shows 'FILE...' tables --help
