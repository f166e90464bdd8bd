#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernels: vm 5.10
#
# Processes that are over before anybody looks: every sample of them has its function and
# its mapping. Few or many at a time, some that become another program, some whose file is
# gone at once.

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"
dir=$(mktemp -d)
out=$dir/out.pb.gz

# take SCRIPT: records what a shell does with it; $1 is the program, $2 the folder
take()
{
	check_ok ringprofctl record -F 999 -o "$out" -- bash -c "$1" _ "$tools/brief" "$dir" \
		>/dev/null
	check_ok ringprofctl fold --process "$out" >"$dir/folded"
}

# Its stubs that jump to functions of the C library have no names.
read -r plt plt_size < <(readelf -SW "$tools/brief" |
	sed -n 's/.* \.plt  *PROGBITS *[0-9a-f]* \([0-9a-f]*\) \([0-9a-f]*\) .*/\1 \2/p')
: "${plt:=0}" "${plt_size:=0}"

# is_stub FRAME: a place in the program's .plt
is_stub()
{
	local offset=${1##*+}
	[[ $1 = *+0x* ]] && ((offset >= 0x$plt && offset < 0x$plt + 0x$plt_size))
}

# check_all_named PATTERN LEAST: all samples of the processes whose name matches, and there
# are LEAST: no user frame without a function, none without a mapping, and no sample without
# any frame
check_all_named()
{
	local frame samples unnamed
	samples=$(awk -F ';' -v name="^$1\$" '$1 ~ name { sub(/.* /, ""); n += $0 }
		END { print n + 0 }' "$dir/folded")
	check_between "$samples" "$2" 1000000 "samples of $1"
	mapfile -t unnamed < <(awk -F ';' -v name="^$1\$" '$1 ~ name {
		sub(/ [0-9]+$/, "")
		if (NF < 2)
			print "nothing"
		for (i = 2; i <= NF; i++)
			if ($i !~ /_\[k\]$/ && $i ~ /^\[|[+]0x/)
				print $i
	}' "$dir/folded" | sort -u)
	for frame in "${unnamed[@]}"; do
		is_stub "$frame" || fail "samples of $1 have frames without a name:" \
			"${unnamed[@]:0:20}"
	done
	awk -F ';' -v name="^$1\$" '$1 ~ name && /;main;brief_run;/ { n++ }
		END { exit !n }' "$dir/folded" || fail "brief_run is not in $1"
}

step "one after the other"
count=$(amount 300 60)
take "for ((i = 0; i < $count; i++)); do \"\$1\" 20; done"
check_all_named brief $((5 * count))

step "8 at a time"
take "seq $count | xargs -P 8 -I{} \"\$1\" 20"
check_all_named brief $((5 * count))

step "that become another program after 5 ms"
cp "$tools/brief" "$dir/second"
# shellcheck disable=SC2016	# that shell expands them
take 'for i in {1..40}; do "$1" 5 exec "$2/second" 20; done'
check_all_named brief 20
check_all_named second 200

step "whose file is deleted right after the start, each another one"
at=$((0x$(readelf -SW "$tools/brief" | sed -n \
	's/.* \.note\.gnu\.build-id  *NOTE *[0-9a-f]* \([0-9a-f]*\) .*/\1/p') + 16))
count=$(amount 100 30)
for ((i = 0; i < count; i++)); do
	cp "$tools/brief" "$dir/gone-$i"
	printf '%08d' $i | dd of="$dir/gone-$i" bs=1 seek=$at conv=notrunc status=none
done
take "for ((i = 0; i < $count; i += 2)); do \"\$2/gone-\$i\" 20 unlink; done
	seq 1 2 $count | xargs -P 8 -I{} env \"\$2/gone-{}\" 20 unlink"
check_all_named 'gone-[0-9]*' $((5 * count))
check_eq "$(find "$dir" -name 'gone-*' | wc -l)" 0 "files left"

check_accounting
