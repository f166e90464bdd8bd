# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Guest tests on the kernels of tests/vm/kernels: all of one kernel in one boot, since
# booting may take longer than a test. Sourced by scripts/test, in its terms.
# shellcheck disable=SC2154

# kernels: their names, in order
kernels()
{
	sed -n 's/^\([^# \t][^ \t]*\).*/\1/p' tests/vm/kernels
}

# options_of KERNEL: what scripts/vm is told
options_of()
{
	awk -v name="$1" '$1 == name { $1 = ""; print }' tests/vm/kernels
}

# runs_on FILE KERNEL: a test may name those that it is for ("# kernels: vm small"; vm
# is the main one)
runs_on()
{
	local only
	only=" $(header "$1" kernels) "
	[[ $only =~ ^\ *$ || $only = *" $2 "* ]]
}

# runs_alone FILE KERNEL: wants a boot of its own
runs_alone()
{
	[[ $2 = vm && $1 != - ]] && grep -q '^# alone:' "$1"
}

# console_of NAME CONSOLE: what the kernel said during that test. What it said before the
# first and behind the last one is said during "boot".
console_of()
{
	awk -v wanted="$1" '
		BEGIN { name = "boot" }
		/ ringprof-test: / { name = $NF; sub(/\r$/, "", name) }
		name == wanted' "$2"
}

# judge_one KERNEL NAME: its result, from what the guest left
judge_one()
{
	local log=$logs/$1-$2.log status=125 tenths=0
	if [[ -s $logs/$1-$2.result ]]; then
		read -r status tenths <"$logs/$1-$2.result"
		rm "$logs/$1-$2.result"
	else
		echo "the guest was gone before this test ended: see $logs/$1-boot.log" >>"$log"
	fi
	console_of "$2" "$logs/$1.console" >"$logs/$1-$2.console"
	if ! scripts/splats "$logs/$1-$2.console" >>"$log"; then
		status=99
	fi
	report "$1/$2" "$status" "$tenths"
}

# run_boot KERNEL FILE...: one boot with all these tests, and their results. "boot" is
# what is no single test's: the guest came up and went down, the module was built, loaded
# and unloaded, and the kernel had nothing to complain about, leaks included.
run_boot()
{
	local kernel=$1 options short=1 start status=0 file name
	shift
	[[ $kernel != vm ]] || short=
	read -r -a options <<<"$(options_of "$kernel")"
	start=$(now_tenths)
	RP_SHORT=$short scripts/vm "${options[@]}" --timeout 4500 \
		--console "$logs/$kernel.console" -- \
		tests/vm/in-turn "$logs/$kernel" "$@" >"$logs/$kernel-boot.log" 2>&1 \
		</dev/null || status=$?
	touch "$logs/$kernel.console"
	((!status)) || echo "scripts/vm ended with $status" >>"$logs/$kernel-boot.log"
	for file; do
		name=$(basename "${file%.*}")
		judge_one "$kernel" "${name#test_}"
	done
	report "$kernel/boot" "$status" $(($(now_tenths) - start))
}
