#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernels: vm
#
# Source lines and inlined functions of what was recorded, where they are asked for: as
# frames of their own, with the lines of their calls; from a debug file as well.

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"
dir=$(mktemp -d)
out=$dir/out.pb.gz
source=$project/tests/tools/inlined.c

# line TEXT: the number of the one line of the source that has it
line() { grep -nF "$1" "$source" | cut -d: -f1; }

# share PATTERN: percent of the samples whose stack matches
share()
{
	check_ok ringprofctl fold "$out" >"$dir/folded"
	awk -v pattern="$1" '{ all += $NF } $0 ~ pattern { n += $NF }
		END { print int(100 * n / all) }' "$dir/folded"
}

step "neither, if nobody asks"
check_ok ringprofctl record -F 499 -o "$out" -- "$tools/inlined" 0.5
check_between "$(share ';outermost( |;)')" 50 100 "percent of the samples"
check_eq "$(share 'innermost|between')" 0 "percent with inlined functions"
check_match "$(ringprofctl report --by line "$out")" ' outermost$' "names without lines"

step "both"
check_ok ringprofctl record --lines --inlines -F 499 -o "$out" -- "$tools/inlined" 0.5
check_between "$(share ';outermost;between;innermost ')" 50 100 "percent of the samples"
ringprofctl report --by line -n 0 "$out" >"$dir/lines"
at=$(line 'innermost(x + 1')
grep -qE " between /.*/tests/tools/inlined\.c:$at\$" "$dir/lines" || fail "$(<"$dir/lines")"
at=$(line 'between(sink')
grep -qE " outermost /.*/tests/tools/inlined\.c:$at\$" "$dir/lines" || fail "$(<"$dir/lines")"
first=$(line 'while (rounds--)')
check_between "$(sed -n 's/.* innermost .*inlined\.c:\([0-9]*\)$/\1/p' "$dir/lines" |
	awk -v first="$first" '$1 >= first && $1 <= first + 3' | wc -l)" 1 4 "lines of the loop"

step "lines alone are those of the functions that symbols name"
check_ok ringprofctl record --lines -F 499 -o "$out" -- "$tools/inlined" 0.5
check_eq "$(share 'innermost|between')" 0 "percent with inlined functions"
check_match "$(ringprofctl report --by line "$out")" " outermost /.*inlined\.c:$at\$" "the line"

step "of a stripped program, from its debug file"
{ command -v strip && command -v objcopy; } >/dev/null || skip "there are no binutils"
objcopy --only-keep-debug "$tools/inlined" "$dir/inlined.debug"
strip -o "$dir/inlined" "$tools/inlined"
(cd "$dir" && objcopy --add-gnu-debuglink=inlined.debug inlined)
check_ok ringprofctl record --inlines -F 499 -o "$out" -- "$dir/inlined" 0.5
check_between "$(share ';outermost;between;innermost ')" 50 100 "percent of the samples"

step "debugging data are read by a second process without privileges"
two_parsers() { (($(pgrep -cx ringprof-parser) == 2)); }
ringprofctl record --lines -F 99 -o "$out" -- "$tools/inlined" 2 &
check_soon 20 two_parsers
for parser in $(pgrep -x ringprof-parser); do
	check_match "$(<"/proc/$parser/status")" '^CapEff:[[:space:]]0000000000000000$' "its privileges"
done
wait $! || fail "record"
check_eq "$(pgrep -cx ringprof-parser || true)" 0 "processes that are left"

step "functions in .dwo files are told about"
if command -v gcc >/dev/null; then
	gcc -O2 -g -gsplit-dwarf -D_GNU_SOURCE -I"$project/tests/tools" -o "$dir/split" "$source"
	check_ok ringprofctl record --inlines -F 499 -o "$out" -- "$dir/split" 0.5 2>"$dir/said"
	check_match "$(<"$dir/said")" 'are in .dwo files, which are not read' "what it says"
	check_between "$(share ';outermost ')" 50 100 "percent of the samples"
fi
