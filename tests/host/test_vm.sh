#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The harness itself: a test in a guest is worth what scripts/vm lets through.

cd "$(dirname "$0")/../.."
# shellcheck source=tests/vm/lib.sh
. tests/vm/lib.sh

vm=(scripts/vm --no-module)
work=$(mktemp -d /var/tmp/ringprof-test.XXXXXX)
mine=out/test-vm.$$
started=()
export TMPDIR=$work		# by which its own emulators are known

# shellcheck disable=SC2317	# called by trap
clean_up()
{
	local pid
	for pid in "${started[@]}"; do
		kill -TERM "$pid" 2>/dev/null || true
	done
	rm -rf "$work" "$mine"
}
trap clean_up EXIT

emulators()
{
	pgrep -f "qemu-system.*$work" || true
}

no_emulator()
{
	[[ -z $(emulators) ]]
}

step "output, status, files, surroundings"
mkdir -p "$mine"
head -c 1000000 /dev/urandom >"$mine/in"
cat >"$mine/look" <<-'END'
	mine=$1
	shift
	cat "$mine/in"
	tac -b -s x "$mine/in" >&2
	printf '%s\n' "$@" >"$mine/arguments"
	{
		pwd
		ls -A /tmp
		ls -l /proc/self/fd/0 | sed 's/.*-> //'
		command -v ringprof-probe
		cat /sys/class/net/lo/operstate		# "down" or "unknown"
		stat -f -c %T /sys/kernel/debug /sys/kernel/tracing /sys/fs/cgroup
		umask
	} >"$mine/seen"
	uname -r >"$mine/kernel"
	echo written >/etc/ringprof-guest
	cat /etc/ringprof-guest >"$mine/etc"
	echo written >scripts/ringprof-guest
	echo again >/dev/stderr		# a pipe, that can be opened by name
	modprobe dummy
	sleep 1000 &			# must not hold the guest up
	exit 7
END
mkdir -p build/bin
printf '#!/bin/sh\n' >build/bin/ringprof-probe
chmod +x build/bin/ringprof-probe
# shellcheck disable=SC2016	# nothing is to be expanded
arguments=('a b' "it's" '$HOME' '*' '' $'two\nlines' 'back\slash')
check_status 7 "${vm[@]}" -- bash "$mine/look" "$mine" "${arguments[@]}" \
	>"$work/stdout" 2>"$work/stderr"
rm build/bin/ringprof-probe
cmp "$work/stdout" "$mine/in" || fail "stdout did not come out as it was"
{ tac -b -s x "$mine/in"; echo again; } | cmp - "$work/stderr" ||
	fail "stderr did not come out as it was"
printf '%s\n' "${arguments[@]}" | cmp - "$mine/arguments" || fail "arguments changed"
printf '%s\n' "$PWD" home /dev/null "$PWD/build/bin/ringprof-probe" unknown \
	debugfs tracefs cgroup2fs 0022 >"$work/wanted"
# what the project lies below is there too, where that is /tmp
[[ $PWD != /tmp/* ]] || sed -i "2i$(cut -d / -f 3 <<<"$PWD")" "$work/wanted"
diff <(sort "$work/wanted") <(sort "$mine/seen") || fail "the guest's surroundings"
check_eq "$(<"$mine/kernel")" "$(scripts/kernel 6.1 krel)" "the kernel"
check_eq "$(<"$mine/etc")" written "a write to the guest's root"
[[ ! -e /etc/ringprof-guest && ! -e scripts/ringprof-guest ]] ||
	fail "the guest wrote to this machine's files"

step "a kernel in trouble, two at once"
"${vm[@]}" -- sh -c 'echo "WARNING: CPU: 0 PID: 1 at test" >/dev/kmsg; echo said' \
	>"$work/out1" 2>"$work/err1" &
first=$!
started+=("$first")
check_status 99 "${vm[@]}" --console "$work/console" -- \
	sh -c 'echo c >/proc/sysrq-trigger' >"$work/out2" 2>"$work/err2"
check_match "$(<"$work/err2")" 'Kernel panic - not syncing' "a panic is shown"
check_match "$(<"$work/err2")" "$work/console" "where the console's log is"
check_file "$work/console" "the console's log"
check_status 99 wait "$first"
check_eq "$(<"$work/out1")" said "stdout before trouble"
check_match "$(<"$work/err1")" 'WARNING: CPU: 0 PID: 1 at test' "the splat is shown"
kept=$(sed -n "s|.*console is in ||p" "$work/err1")
check_file "$kept" "the kept log"
rm "$kept"

step "the time limit"
check_status 124 "${vm[@]}" --timeout 5 --console "$work/console" -- sleep 1000

step "a guest whose kernel got its clock wrong is started again, and COMMAND not run in it"
# A kernel says its command line in its log as well.
check_status 125 "${vm[@]}" --console "$work/console" \
	--append '"tsc: PIT calibration deviates from test"' -- echo said >"$work/stdout" 2>"$work/err1"
check_eq "$(<"$work/stdout")" '' "what COMMAND said"
check_eq "$(grep -c 'clock is wrong: .*from test' "$work/err1")" 3 "boots"
check_match "$(<"$work/err1")" 'cannot tell how fast its clock is' "the message"

step "a guest that goes away, a command that a signal ended, one that is not there"
check_status 125 "${vm[@]}" --console "$work/console" -- \
	sh -c 'echo before; sleep 1; echo b >/proc/sysrq-trigger; sleep 60' >"$work/stdout"
check_eq "$(<"$work/stdout")" before "what was said before"
# shellcheck disable=SC2016	# the guest's
check_status 143 "${vm[@]}" -- sh -c 'kill -TERM $$'
check_status 127 "${vm[@]}" -- /no/such/command

step "nothing stays behind, however the end comes"
set -m				# each with a process group, as a terminal does it
for signal in INT KILL; do
	rm "$work/stdout"	# what the last one said
	"${vm[@]}" -- sh -c 'echo ready; sleep 1000' >"$work/stdout" &
	job=$!
	started+=("$job")
	check_soon 300 grep -qs ready "$work/stdout"
	[[ $(emulators) ]] || fail "no emulator is found although one runs"
	if [[ $signal = INT ]]; then
		kill -INT -- "-$job"
		check_status 130 wait "$job"
	else
		kill -KILL "$job"
		check_status 137 wait "$job"
	fi
	check_soon 10 no_emulator
done

step "calls that make no sense"
for call in '' '-- ' 'true' '--cpus two -- true' '--no-such -- true' \
	'--image x -- true' '--build x -- true' '--icount --cpus 2 -- true'; do
	# shellcheck disable=SC2086	# words
	check_status 2 scripts/vm $call 2>/dev/null
done
