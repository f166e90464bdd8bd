#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Stacks, on whatever machine this is: the kernel's to their root, with names; a user
# program's through all of its functions, and called whole where frame pointers are a
# standard, which on 32-bit ARM they are not; and those of a 32-bit program on a 64-bit
# machine.

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"
dir=$(mktemp -d)
seconds=$(amount 4 2)

# record ARGUMENT...: of burn, into $dir/folded; sets `whole` and `unchained` to what share of
# its user stacks ended with root and with no-chain
record()
{
	local root all chain
	root=$(ends user root) chain=$(ends user no-chain) all=$(ends user all)
	check_ok ringprofctl record -F 999 -o "$dir/p.pb.gz" -- "$@" >/dev/null 2>&1
	check_ok ringprofctl fold "$dir/p.pb.gz" >"$dir/folded"
	all=$(($(ends user all) - all))
	((all > 0)) || fail "no user stack was walked"
	whole=$((100 * ($(ends user root) - root) / all))
	unchained=$((100 * ($(ends user no-chain) - chain) / all))
	step "$(basename "$1"): user stacks: $whole % whole, $unchained % without a chain"
}

# share PATTERN OF: percent of the samples in stacks like OF that are in stacks like PATTERN
share()
{
	awk -v pattern="$1" -v of="$2" '
		$0 ~ of { all += $NF; if ($0 ~ pattern) some += $NF }
		END { print all ? 100 * some / all : "none" }' "$dir/folded"
}

# x86 kernels without tables for their stacks (ORC)
by_frame_pointers()
{
	[[ $(uname -m) = x86_64 ]] && ! grep -q ' unwind_module_init$' /proc/kallsyms
}

# The functions between a system call and /dev/zero, over the years: sys_read and SyS_read
# until 4.16; __vfs_read from 4.1 to 5.7
reads='(ksys|[Ss]y[Ss])_read_\[k\];vfs_read_\[k\](;(__vfs_read|new_sync_read)_\[k\])*'
zero='read_(iter_)?zero'

step "the kernel's"
if has kernel-stack; then
	root=$(ends kernel root) none=$(ends kernel none) all=$(ends kernel all)
	record "$tools/burn" "$seconds" read
	all=$(($(ends kernel all) - all - ($(ends kernel none) - none)))
	check_between "$((100 * ($(ends kernel root) - root) / all))" 90 100 \
		"percent of the kernel's stacks that are whole"
	check_between "$(share "$reads;${zero}_\[k\]" "$zero")" \
		95 100 "percent of read_zero's samples with its callers"
	# What clears the memory is without a frame of its own, mostly: there frame pointers
	# miss the caller, and tables do not.
	if ! by_frame_pointers; then
		check_between "$(share "${zero}_\[k\]" 'vfs_read_\[k\];')" 90 100 \
			"percent of what vfs_read calls that read_zero is in"
	fi
else
	record "$tools/burn" "$seconds" read
	check_no_match "$(<"$dir/folded")" '_\[k\];.*_\[k\]' "kernel stacks of more than a frame"
fi

# check_user CHAIN: of a burn that was just recorded. CHAIN is yes where the code has a
# chain of frames, and the C library of arm64 is part of it.
check_user()
{
	check_between "$(share 'main;run;burn_(alpha|beta|gamma) ' 'burn_(alpha|beta|gamma) ')" \
		95 100 "percent of the samples with all callers"
	if [[ $1 = yes ]]; then
		[[ $(uname -m) != aarch64 ]] ||
			check_between "$whole" 90 100 "percent of whole stacks"
		check_eq "$unchained" 0 "percent of stacks without a chain"
	else
		check_eq "$whole" 0 "percent of whole stacks"
		check_between "$unchained" 90 100 "percent of stacks without a chain"
	fi
}

step "a program's"
record "$tools/burn" "$seconds"
if has user-stack-fp; then
	check_user yes
else
	check_user no
fi

if [[ -x $tools/burn32 ]] && "$tools/burn32" 0.01 >/dev/null 2>&1; then
	step "a 32-bit program's"
	record "$tools/burn32" "$seconds"
	if [[ $(uname -m) = aarch64 ]]; then
		check_user no
	else
		check_user yes
	fi
fi
check_accounting
