#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# limit: 1500
#
# Everything at once, for two minutes: processes that come and go, mappings that change
# under the walker, a CPU off and on, owners of sessions that start, stop, change, stall
# and die, a module that is to be unloaded all the while, and memory that runs out.
# Afterwards nothing of it is left, and the sums hold. (That the kernel had nothing to
# complain about, leaks included, is for scripts/vm to see.)
#
# RP_TORTURE_SECONDS   how long (120, in the short form 10, but not on a debug kernel);
#                      `make torture MINUTES=` sees to the time limit
# RP_TORTURE_SEED      the same choices again; the seed of each run is in its log

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"
dir=$(mktemp -d)
seconds=$(amount 120 10)
! debug_kernel || seconds=120
seconds=${RP_TORTURE_SECONDS:-$seconds}
seed=${RP_TORTURE_SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}

# ---- what may not grow -------------------------------------------------------------------

# meminfo NAME: "NAME KIBIBYTES"
meminfo()
{
	awk -v name="$1:" '$1 == name { print $1, $2 }' /proc/meminfo
}

# objects CACHE: "CACHE NUMBER". Those that are free, but kept for the next, do not count
# where the kernel can be made to give them up.
objects()
{
	[[ ! -e /sys/kernel/slab/$1/shrink ]] || echo 1 >"/sys/kernel/slab/$1/shrink"
	[[ ! -r /proc/slabinfo ]] || awk -v name="$1" '$1 == name { print $1, $2 }' /proc/slabinfo
}

# settle: lets go of what is kept only because there was room for it
settle()
{
	local _
	for _ in 1 2 3; do
		sync
		echo 3 >/proc/sys/vm/drop_caches
		sleep 0.5
	done
}

# usage: what the module could have left behind, a line each, as far as this kernel says
usage()
{
	local name
	settle
	for name in SUnreclaim VmallocUsed Percpu PageTables KernelStack; do
		meminfo $name
	done
	for name in mm_struct task_struct; do
		objects $name
	done
}

# check_usage BEFORE AFTER: files with the lines of usage. The kernel's own caches breathe;
# what leaks at every session, sample, process or mapping is far beyond that. KASAN keeps
# what was freed for a while, a part of all memory; such a kernel looks for leaks itself.
check_usage()
{
	local name before after allowed total
	read -r _ total < <(meminfo MemTotal)
	while read -r name before _ after; do
		allowed=8192
		case $name in
		mm_struct|task_struct) allowed=100 ;;
		SUnreclaim:) ! debug_kernel || allowed=$((total / 8)) ;;
		esac
		((after - before <= allowed)) ||
			fail "$name grew from $before to $after, by more than $allowed"
	done < <(paste -d ' ' "$1" "$2")
}

# ---- the stressors ----------------------------------------------------------------------

declare -A stressors=()

# stress NAME PROGRAM ARGUMENT...: starts one; it gets a seed of its own
stress()
{
	local name=$1 program=$2
	shift 2
	"$tools/$program" $((seed + ${#stressors[@]})) "$@" >"$dir/$name" 2>"$dir/$name.err" &
	stressors[$name]=$!
}

# stop NAME: tells it to stop, and looks at what it did: something of each kind, for
# which the short form has not the time
stop()
{
	local name=$1 status=0
	kill -TERM "${stressors[$name]}"
	wait "${stressors[$name]}" || status=$?
	cat "$dir/$name" "$dir/$name.err" >&2
	check_eq $status 0 "exit status of $name: $(<"$dir/$name.err")"
	check_match "$(<"$dir/$name")" '[a-z]=[1-9]' "what $name did"
	((seconds < 60)) ||
		check_no_match "$(<"$dir/$name")" '=0( |$)' "something that $name never did"
}

# memory_cgroup: prints the folder of one with a limit; nothing where there are none
memory_cgroup()
{
	local cgroup=/sys/fs/cgroup/hog
	grep -qw memory /sys/fs/cgroup/cgroup.controllers 2>/dev/null || return 0
	echo +memory >/sys/fs/cgroup/cgroup.subtree_control
	mkdir -p $cgroup
	echo 32M >$cgroup/memory.max
	echo $cgroup
}

step "before: a session, unloading and loading again, so that what is kept is there"
check_works
check_ok rmmod ringprof
check_ok insmod "$RINGPROF_MODULE" budget_ppm=1000000
check_nothing_left
cgroup=$(memory_cgroup)
usage >"$dir/before"

step "torture for $seconds seconds with RP_TORTURE_SEED=$seed"
stress storm storm
stress mapper mapper
stress owner owner
stress unload unload "$RINGPROF_MODULE"
stress hog hog ${cgroup:+"$cgroup"}
if [[ -w /sys/devices/system/cpu/cpu1/online ]]; then
	stress plug plug 1
fi
end=$((SECONDS + seconds))
while ((SECONDS < end)); do
	sleep 1
	for name in "${!stressors[@]}"; do
		kill -0 "${stressors[$name]}" 2>/dev/null ||
			fail "$name has ended: $(cat "$dir/$name" "$dir/$name.err")"
	done
done
# The owners first: unload waits for them, and so do their gaps for it.
for name in owner storm mapper plug hog unload; do
	[[ ! ${stressors[$name]:-} ]] || stop $name
done

step "afterwards nothing is there"
check_soon 30 test -c /dev/ringprof
check_nothing_left

step "it works as it did"
check_works

step "nothing has leaked"
usage >"$dir/after"
paste -d ' ' "$dir/before" "$dir/after" >&2
check_usage "$dir/before" "$dir/after"
check_ok rmmod ringprof
