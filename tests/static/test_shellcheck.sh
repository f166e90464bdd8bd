#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What shellcheck finds in the scripts: nothing. kmod/compat/probe, which has to run
# wherever a module can be built, is checked as POSIX sh. A script with mistakes is
# checked too and has to be found.

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/../vm/lib.sh"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$project"

step "what was planted"
cat >"$dir/planted" <<-'END'
	#!/bin/sh
	[[ $1 ]] && rm $1
	local=$(cd $2)
END
check_status 1 shellcheck -f gcc "$dir/planted" >"$dir/found"
for code in SC3010 SC2086 SC2034; do
	check_match "$(<"$dir/found")" "$code" "what shellcheck says"
done

step "the scripts"
mapfile -t scripts < <(git ls-files -co --exclude-standard | while read -r file; do
	[[ ! -f $file || $file = *.py || $file = *.js ]] || ! head -n 3 "$file" |
		grep -aqE '^#!.*sh$|^# shellcheck shell=' || printf '%s\n' "$file"
done)
check_between ${#scripts[@]} 30 1000 "scripts"
check_ok shellcheck -x "${scripts[@]}"
