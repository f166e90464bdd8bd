#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# User space, daemon to tests, compiles without a warning with gcc and with clang. A
# file with mistakes is compiled with the rest and has to be found.

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/../vm/lib.sh"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$project"
cp -r Makefile dkms.conf kmod proto userland tests "$dir"

cat >"$dir/userland/lib/planted.c" <<-'END'
	#include <stdio.h>
	int planted(int unused);
	int planted(int unused) { int undefined; return undefined; }
	int undeclared(unsigned int a, int b) { char *s = "x"; printf("%s", a); return a < b && s; }
END

# check COMPILER OPTION...: the warnings that are to come from planted.c; there are no
# others
check()
{
	local compiler=$1 option
	step "$compiler"
	make -s -k -C "$dir" -j "$(nproc)" B="build-${compiler%% *}" CC="$compiler" \
		CFLAGS=-O2 objects >"$dir/log" 2>&1 || fail "make: $(tail -n 20 "$dir/log")"
	for option in "${@:2}"; do
		grep -q "^userland/lib/planted\.c:.*warning:.*\[-W$option" "$dir/log" ||
			fail "$compiler did not find what -W$option is for: $(<"$dir/log")"
	done
	! grep -E 'warning:|error:' "$dir/log" | grep -v '^userland/lib/planted\.c:' ||
		fail "$compiler warns"
}

check gcc unused-parameter uninitialized missing-prototypes sign-compare format \
	discarded-qualifiers
# Its warnings need no code to be made.
check 'clang -fsyntax-only' unused-parameter uninitialized missing-prototypes sign-compare format \
	incompatible-pointer-types-discards-qualifiers
