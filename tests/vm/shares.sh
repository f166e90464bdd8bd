# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What a profile of burn (tests/tools/burn.c) has to look like. Sourced, after lib.sh.

# share FOLDED PATTERN: percent of the value of all stacks with a frame of burn's own
share()
{
	awk -v pattern="$2" '
		{ value = $NF; sub(/ [0-9]+$/, "") }
		/burn_(alpha|beta|gamma)/ { all += value; if ($0 ~ pattern) some += value }
		END { if (all) printf "%.2f\n", 100 * some / all; else print "none" }' "$1"
}

# share_of FOLDED FUNCTION: what burn took in FUNCTION: with what interrupts took of it, whose
# frames are on top, on a slow kernel several percent
share_of()
{
	share "$1" "$2(;[^;]*_[[]k[]])*\$"
}

# fold_shares PROFILE TO [OPTION...]: folded by CPU time into TO, by samples into TO.samples
fold_shares()
{
	check_ok ringprofctl fold --value cpu "${@:3}" "$1" >"$2"
	check_ok ringprofctl fold "${@:3}" "$1" >"$2.samples"
}

# check_shares FOLDED [from-main]: by fold_shares, of a burn without reads, whose stacks may
# begin with main where its C library has no chain of frames: on 32-bit ARM, and if from-main
# is said
check_shares()
{
	local name of chain below=';'
	{ [[ ! ${2:-} ]] && has user-stack-fp; } || below='(^|;)'
	while read -r name of; do
		check_between "$(share_of "$1" "$name")" $((of - 4)) $((of + 4)) "share of $name"
	done <<-'END'
		burn_alpha 60
		burn_beta 30
		burn_gamma 10
	END
	# A tick may hit the two instructions that set up a frame: its caller is then missing. By
	# samples, since one may have much time, where the CPU stood still before it.
	chain=$(share "$1.samples" "${below}main;run;burn_(alpha|beta|gamma)")
	check_between "$chain" 99 100 "stacks with all callers"
	step "alpha $(share_of "$1" burn_alpha) beta $(share_of "$1" burn_beta)" \
		"gamma $(share_of "$1" burn_gamma) whole $chain"
}

# check_reads FOLDED: by fold_shares, of a burn that reads /dev/zero: nearly everything is
# under its own functions and the kernel's for a read. That is read_zero, but where the kernel
# is walked by frame pointers and in an assembly function, which has none, its caller is
# missing; from 4.1 to 5.7 it is read_iter_zero, which has iov_iter_zero do it. What the program
# did before it came to main is not asked about: on a slow machine it is much. On 32-bit ARM,
# whose C library has no chain of frames, its own functions cannot be seen from there.
check_reads()
{
	local user=';main;run;' reading
	has user-stack-fp || user="$(in_libc read);"
	reading=$(awk -v user="$user" '
		{ value = $NF }
		$0 ~ user || /(read_zero|read_iter_zero|iov_iter_zero|clear_user)_\[k\]/ {
			all += value
			if (/(vfs_read|read_zero|iov_iter_zero)_\[k\]/ && $0 ~ user)
				some += value
		}
		END { printf "%.2f", all ? 100 * some / all : 0 }' "$1.samples")
	step "reading $reading"
	check_between "$reading" 90 100 \
		"percent under ${user//;/ } and the kernel's reading of /dev/zero"
	check_match "$(<"$1")" "$user.*read_(iter_)?zero_\[k\]" "the reader of /dev/zero"
}
