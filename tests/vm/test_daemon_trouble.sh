#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# ringprofd where something is wrong: configuration, privileges, module, a full disk, a
# death. It says what, once, and its exit status means it.

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"
dir=$(mktemp -d)

# refused STATUS REGEX COMMAND...: ends with STATUS and one line of reason
refused()
{
	check_status "$1" "${@:3}" 2>"$dir/err"
	check_match "$(<"$dir/err")" "$2" "the reason"
}

files_in()
{
	find "$1" -name 'cpu-*.pb.gz' | wc -l
}

more_files_than()
{
	(($(files_in "$1") > $2))
}

folder_is_empty()
{
	[[ ! $(find "$1" -mindepth 1) ]]
}

wrong_configuration()
{
	printf '[window]\n\nlenght = 2s\n' >"$dir/conf"
	refused 2 "^$dir/conf:3: there is no key lenght in \[window\]; there are: length\$" \
		ringprofd -c "$dir/conf"
	refused 2 "^$dir/conf:3: " ringprofd --check-config -c "$dir/conf"
	refused 2 'command line: length = soon: this is not a duration' ringprofd --window soon
	refused 2 'cannot read the configuration' ringprofd -c "$dir/absent"
	refused 2 'ringprofd --help' ringprofd --no-such-option
	check_eq "$(sessions)" 0 "sessions"
	check_match "$(ringprofd --version)" '^ringprofd [0-9]' "version"
	check_match "$(ringprofd --help)" 'Exit status' "help"
}

example()
{
	check_ok ringprofd --check-config -c "$project/userland/ringprofd/ringprofd.conf" 2>/dev/null
	# With everything in it switched on but what contradicts itself
	sed -E '/^#(header|tenant|username|password-file|spool-directory|token-file) =/d; s/^#([a-z.-]+ = |\[service )/\1/' \
		"$project/userland/ringprofd/ringprofd.conf" >"$dir/conf"
	check_ok ringprofd --check-config -c "$dir/conf"
	check_between "$(grep -c '^[a-z]' "$dir/conf")" 12 40 "keys in the example"
}

# What a program says before it comes to the kernel is the same on all of them.
if ! short_form; then
	step "a wrong configuration"
	wrong_configuration
	step "the example is right, and says what the defaults are"
	example
fi

step "an ordinary user"
refused 4 'permi|not allowed|denied' setpriv --reuid=65534 --regid=65534 --clear-groups \
	ringprofd --output-dir "$dir/never"

step "no module"
rmmod ringprof
refused 3 'module' ringprofd --output-dir "$dir/never"
check_ok insmod "$RINGPROF_MODULE" budget_ppm=1000000

step "a folder and a spool that cannot be"
refused 1 'cannot write profiles to /dev/null/x' ringprofd --output-dir /dev/null/x
refused 1 'cannot use the spool directory /nowhere/x' ringprofd --output-dir "$dir/out" \
	--url http://127.0.0.1:9 --spool-dir /nowhere/x
check_eq "$(sessions)" 0 "sessions"

step "namespaces in which processes are not what they seem, of kernels that have them"
[[ ! -e /proc/self/ns/cgroup ]] || refused 1 'in a cgroup namespace: .*--cgroupns=host' \
	unshare --cgroup ringprofd --output-dir /dev/null/x
[[ ! -e /proc/self/ns/pid ]] || refused 1 'in a PID namespace: .*--pid=host' \
	unshare --pid --fork --mount-proc ringprofd --output-dir /dev/null/x

step "the disk is full: said once, kept, and written when there is room again"
mkdir "$dir/small"
check_ok mount -t tmpfs -o size=256k none "$dir/small"
mkdir "$dir/small/out"
dd if=/dev/zero of="$dir/small/filler" bs=4k 2>/dev/null || true
ringprofd --window 1s --output-dir "$dir/small/out" 2>"$dir/log" &
daemon=$!
check_soon 30 grep -q 'cannot write a profile.*No space left' "$dir/log"
sleep 3
check_eq "$(grep -c 'cannot write a profile' "$dir/log")" 1 "messages"
check_eq "$(files_in "$dir/small/out")" 0 "files"
check_soon 10 folder_is_empty "$dir/small/out"	# what is being tried is there for a moment
rm "$dir/small/filler"
check_soon 30 more_files_than "$dir/small/out" 3
check_soon 60 grep -q 'are written to .* again (0 were dropped)' "$dir/log"

step "killed: nothing is left behind, and the next one starts at once"
kill -KILL $daemon
wait $daemon 2>/dev/null || true
check_eq "$(sessions)" 0 "sessions"
check_eq "$(ticks)" 0 "timers"
check_accounting
ringprofd --window 60s --output-dir "$dir/out" 2>"$dir/log" &
daemon=$!
check_soon 60 test -n "$(sessions)"
check_soon 60 grep -q sampling "$dir/log"

step "SIGHUP is harmless; SIGINT ends it with what there is"
kill -HUP $daemon
check_soon 60 grep -q 'SIGHUP' "$dir/log"
kill -INT $daemon
check_ok wait $daemon
check_eq "$(files_in "$dir/out")" 1 "files"
check_accounting

step "rings that are too small for a reader that is stopped: the loss is told and adds up"
before=$(counter ring-full)
ringprofd -F 2000 --window 2s --output-dir "$dir/lossy" --set sampling.ring-size=16K \
	2>"$dir/log" &
daemon=$!
check_soon 60 grep -q sampling "$dir/log"
"$tools/burn" 3 >/dev/null &
load=$!
kill -STOP $daemon
sleep 3
check_accounting
kill -CONT $daemon
wait $load
check_soon 60 grep -q 'samples of this window were lost because a ring was full' "$dir/log"
kill -TERM $daemon
check_ok wait $daemon
cat "$dir/log" >&2
check_accounting
lost=$(($(counter ring-full) - before))
check_between $lost 1 1000000 "samples lost"
check_match "$(<"$dir/log")" "lost $lost \(ring-full $lost\); read" "the account of the loss"
check_eq "$(sed -nE 's/.*delivered ([0-9]+) .*/\1/p' "$dir/log")" \
	"$(sed -nE 's/.*; read ([0-9]+), of them not stored 0$/\1/p' "$dir/log")" \
	"samples delivered and read"

step "only so many files are kept"
ringprofd -v --window 1s --output-dir "$dir/kept" --set output.keep-files=2 2>"$dir/log" &
daemon=$!
check_soon 60 grep -q 'window 4:' "$dir/log"
kill -TERM $daemon
check_ok wait $daemon
check_eq "$(files_in "$dir/kept")" 2 "files"
check_match "$(<"$dir/log")" 'removed [1-9]' "the log"
umount "$dir/small"
