#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Each file of the module says in its opening comment in which contexts its functions
# run. (What locks protect what stands there too, where there are any; lockdep's
# assertions hold the code to it, in the tests on the debug kernel.)

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/../vm/lib.sh"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$project"

# opening FILE: its first comment of more than one line
opening()
{
	awk '/^\/\*$/ { inside = 1 } inside { print } inside && /\*\// { exit }' "$1"
}

# silent FILE...: those that say nothing
silent()
{
	local file
	for file; do
		opening "$file" | grep -qi 'contexts\?\>' || printf '%s\n' "$file"
	done
}

step "a file that says nothing"
printf '%s\n' '/*' ' * planted.c - a file.' ' */' '/* any context */' >"$dir/planted.c"
check_eq "$(silent "$dir/planted.c")" "$dir/planted.c" "found"

step "the module's"
check_eq "$(silent kmod/*.[ch] kmod/compat/*.[ch])" '' "files that do not say their contexts"
