# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What tests start again and again: the guest has it in its own memory (vm-guest), since
# each look at a file on the host is a request whose answer it waits for, and starting a
# program there takes a hundred of them (tracepoint 9p_client_req). Nothing depends on the
# list: what is not in it is read from the host. Sourced by scripts/vm.

readonly hot_programs="awk basename bash cat chmod cmp comm cp cut date dd df diff dirname env
	false find getent grep head hostname id insmod install ip kill ln ls lsmod mkdir mkfifo
	mknod mktemp modprobe mount mv nproc od paste pgrep ps python3 readlink realpath rm
	rmdir rmmod sed seq setpriv setsid sh sleep sort stat sync sysctl tac tail taskset tee
	test timeout touch tr true umount uname uniq unshare wc xargs"
readonly hot_places="etc/ld.so.cache etc/passwd etc/group etc/nsswitch.conf etc/localtime
	usr/lib/locale/C.utf8/* usr/lib/locale/C.utf8/*/* usr/share/locale/locale.alias
	usr/lib/*-linux-*/gconv/gconv-modules.cache
	usr/lib/python3.*/encodings/[_aul]*.py usr/lib/python3.*/encodings/__pycache__/[_aul]*
	usr/lib/python3.*/json/*.py usr/lib/python3.*/json/__pycache__/*"

# hot_chain ROOT PATH: PATH, from ROOT, if it is there, and what it leads to by links,
# each without links among its folders
hot_chain()
{
	local root=$1 path=$2 dir target
	while [[ -e $root/$path || -L $root/$path ]]; do
		dir=$(realpath "$root/$(dirname "$path")")
		dir=${dir#"$root"} path=${path##*/}
		path=${dir#/}${dir:+/}$path
		path=${path#/}
		printf '%s\n' "$path"
		[[ -L $root/$path ]] || return 0
		target=$(readlink "$root/$path")
		case $target in
		/*)	path=${target#/} ;;
		*)	path=$(dirname "$path")/$target ;;
		esac
	done
}

# hot_libraries FILE...: of this machine's programs, their paths
hot_libraries()
{
	ldd "$@" 2>/dev/null | sed -nE 's/.*(=>|^)[[:space:]]*\/([^ ]*) \(0x.*/\2/p' | sort -u
}

# hot_files ROOT BIN: paths below ROOT ("" is this machine's), those of the libraries of the
# programs in BIN and of hot_programs included. What another architecture's programs need
# is called as it is here.
hot_files()
{
	local root=$1 bin=$2 name pattern library
	local -a libraries
	for name in bin sbin lib lib32 lib64 libx32; do
		[[ ! -L $root/$name ]] || printf '%s\n' "$name"
	done
	for pattern in $hot_places; do
		for name in "$root"/$pattern; do
			[[ ! -f $name ]] || hot_chain "$root" "${name#"$root/"}"
		done
	done
	for name in $hot_programs; do
		hot_chain "$root" "usr/bin/$name"
		hot_chain "$root" "usr/sbin/$name"
	done
	# shellcheck disable=SC2046	# a word each
	mapfile -t libraries < <(hot_libraries \
		$(for name in $hot_programs; do type -P "$name" || true; done) "$bin"/*)
	for library in "${libraries[@]}"; do
		hot_chain "$root" "$library"
		[[ ! $root ]] || for name in "$root"/usr/lib/*-linux-*/"${library##*/}" \
			"$root"/usr/lib/ld-linux*; do
			hot_chain "$root" "${name#"$root/"}"
		done
	done
}
