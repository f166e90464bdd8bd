#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernels: vm
#
# A program without symbols is recorded, its addresses leave, and get their names from files
# that were not there; and what has symbols in a debug file that is there has names at once.

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"
{ command -v strip && command -v objcopy; } >/dev/null || skip "there are no binutils"
dir=$(mktemp -d)
out=$dir/out.pb.gz
mkdir "$dir/appliance" "$dir/elsewhere"
strip -o "$dir/appliance/worker" "$tools/burn"
objcopy --only-keep-debug "$tools/burn" "$dir/elsewhere/any-name"

# folded FILE PATTERN: how many samples match
folded()
{
	check_ok ringprofctl fold "$1" >"$dir/folded"
	samples_like "$2" "$dir/folded"
}

step "on the appliance: offsets in the file, and no names"
check_ok ringprofctl record -F 499 -o "$out" -- "$dir/appliance/worker" 1 >/dev/null
samples=$(folded "$out" '(^|;)worker[+]0x[0-9a-f]+')
check_between "$samples" 1 100000 "samples without a name"
check_eq "$(folded "$out" burn_alpha)" 0 "samples with a name"

step "where the symbols are: names for all of them"
check_ok ringprofctl -j symbolize "$out" --debug-dir "$dir/elsewhere" -o "$dir/named.pb.gz" \
	>"$dir/said"
check_eq "$(folded "$dir/named.pb.gz" '(^|;)worker[+]0x')" 0 "samples without a name"
check_between "$(folded "$dir/named.pb.gz" 'burn_(alpha|beta|gamma)')" 1 100000 \
	"samples with a name"

step "a debug file that is there: names at once"
cp "$dir/appliance/worker" "$dir/linked"
cp "$dir/elsewhere/any-name" "$dir/linked.debug"
(cd "$dir" && objcopy --add-gnu-debuglink=linked.debug linked)
check_ok ringprofctl record -F 499 -o "$out" -- "$dir/linked" 1 >/dev/null
check_eq "$(folded "$out" '(^|;)linked[+]0x')" 0 "samples without a name"
check_between "$(folded "$out" 'burn_(alpha|beta|gamma)')" 1 100000 "samples with a name"

step "the same by build id, in a folder that is told"
id=$(readelf -n "$tools/burn" | sed -n 's/^ *Build ID: //p')
mkdir -p "$dir/symbols/.build-id/${id:0:2}"
cp "$dir/elsewhere/any-name" "$dir/symbols/.build-id/${id:0:2}/${id:2}.debug"
check_ok ringprofctl record -F 499 --debug-dir "$dir/elsewhere" --debug-dir "$dir/symbols" \
	-o "$out" -- "$dir/appliance/worker" 1 >/dev/null
check_eq "$(folded "$out" '(^|;)worker[+]0x')" 0 "samples without a name"
check_between "$(folded "$out" 'burn_(alpha|beta|gamma)')" 1 100000 "samples with a name"
