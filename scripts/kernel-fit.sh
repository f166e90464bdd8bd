# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Making a kernel's packages usable where scripts/kernel unpacked them, on a machine
# that is not the one they were made for. Sourced by it, in its terms: `arch` is the
# kernel's architecture, `native` this machine's.
# shellcheck disable=SC2154


# The packages expect to be unpacked at /: links and makefiles say so. `at` is
# where the tree will lie once it is complete.
fit_paths()
{
	local tree=$1 at=$2 file target
	find "$tree" -type l -lname '/*' -print0 | while IFS= read -r -d '' file; do
		target=$(readlink "$file")
		ln -sfn "$at$target" "$file"
	done
	find "$tree/usr/src" -maxdepth 2 -type f \
		\( -name Makefile -o -name .kernelvariables \) \
		-exec sed -i "s,/usr/\(src\|lib\)/linux-,$at&,g" {} +
}

# fit_config KDIR: where another compiler built the kernel than this machine has,
# the headers name it and were configured for it. This one has to do: options it
# lacks are taken away, none of which changes what a module and the kernel share. Nor
# does make without type information (BTF) for the module, whose program is as picky;
# the C side keeps that option, because it is in the layout of struct module.
fit_config()
{
	local dir=$1 vars=$1/.kernelvariables cc compiler=gcc config
	if [[ -e $vars ]]; then
		cc=$(sed -n 's/^CC = .*CROSS_COMPILE)\(gcc-[0-9]*\)$/\1/p' "$vars")
		if [[ $arch = "$native" && $cc ]] && ! command -v "$cc" >/dev/null; then
			sed -i 's/^\(CC = .*CROSS_COMPILE)\)gcc-[0-9]*$/\1gcc/' "$vars"
		fi
		! command -v "$cc" >/dev/null || compiler=$cc
	fi
	sed -i '/^CONFIG_DEBUG_INFO_BTF_MODULES=/d' "$dir/include/config/auto.conf"
	for config in CC_HAS_MIN_FUNCTION_ALIGNMENT CC_HAS_COUNTED_BY; do
		! compiler_has $config || continue
		sed -i "/CONFIG_$config\b/d" "$dir/include/config/auto.conf" \
			"$dir/include/generated/autoconf.h"
	done
}

compiler_has()
{
	local option=-Werror source='int none;'
	case $1 in
	CC_HAS_MIN_FUNCTION_ALIGNMENT) option=-fmin-function-alignment=8 ;;
	CC_HAS_COUNTED_BY)
		source='struct s { int n; char a[] __attribute__((__counted_by__(n))); };' ;;
	esac
	"$compiler" -Werror "$option" -x c -c -o /dev/null - <<<"$source" 2>/dev/null
}

# fit_programs TREE AT: the build's own programs (modpost, objtool) come from the same
# suite as the kernel and may want newer libraries than this machine has. They are
# given those of their suite, by a script that stands in for each.
fit_programs()
{
	local root=$1/root libs=$1/libs at=$2/libs file loader dirs names
	local foreign=()
	while IFS= read -r file; do
		! ldd "$file" 2>&1 | grep -q 'not found' || foreign+=("$file")
	done < <(find "$root"/usr/lib/linux-kbuild-* -type f -perm -100 \
		-exec sh -c 'head -c 4 "$1" | grep -q ELF' - {} \; -print)
	((${#foreign[@]})) || return 0
	names=$(closure 'z?lib' "$(basename "$root"/usr/lib/linux-kbuild-*)" | sed 1d)
	# shellcheck disable=SC2086	# one word a package
	download "$libs" $names
	loader=$(find "$libs" -name 'ld-linux*.so*' -type f -print -quit)
	dirs=$(find "$libs" -name '*.so*' -printf '%h\n' | sort -u |
		sed "s,^$libs,$at," | paste -s -d :)
	for file in "${foreign[@]}"; do
		mv "$file" "$file.elf"
		cat >"$file" <<-END
			#!/bin/sh
			exec $at${loader#"$libs"} --library-path $dirs "\$0.elf" "\$@"
		END
		chmod 755 "$file"
	done
}

u32_at()
{
	od -An -t u4 -j "$2" -N 4 "$1" | tr -d ' '
}

# unpack_image VMLINUZ VMLINUX: takes the ELF file out of an x86 bzImage. Where
# the compressed part lies is in its header (Documentation/arch/x86/boot.rst:
# setup_sects, payload_offset, payload_length).
unpack_image()
{
	local from=$1 to=$2 sects start length magic unpack
	[[ $(od -An -c -j 514 -N 4 "$from" | tr -d ' ') = HdrS ]] || return 1
	sects=$(od -An -t u1 -j 497 -N 1 "$from" | tr -d ' ')
	start=$(((${sects:-4} + 1) * 512 + $(u32_at "$from" 584)))
	length=$(u32_at "$from" 588)
	magic=$(od -An -t x1 -j "$start" -N 4 "$from" | tr -d ' ')
	case $magic in
	1f8b*)    unpack=(gzip -dc) ;;
	fd377a58) unpack=(xz -dc --single-stream) ;;
	28b52ffd) unpack=(zstd -dc) ;;
	02214c18) unpack=(lz4 -dc) ;;
	425a68*)  unpack=(bzip2 -dc) ;;
	5d0000*)  unpack=(xz -dc --format=lzma) ;;
	*)        return 1 ;;
	esac
	# Behind the payload stands its size, at which some of them complain.
	tail -c "+$((start + 1))" "$from" | head -c "$length" |
		"${unpack[@]}" >"$to" 2>/dev/null || true
	# complete, and with the entry that lets it be booted without a boot sector?
	readelf -S "$to" >/dev/null 2>&1 && readelf -Wn "$to" 2>/dev/null |
		grep -q '^ *Xen .*0x00000012'
}
