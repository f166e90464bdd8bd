#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# alone: --cpus 2 --timeout 900
#
# ringprofctl doctor on a kernel that is in order, then on one where something is in the
# way, each time with what is to be done; what it advises is done, and helps.

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"

nobody()
{
	setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all "$@"
}

# ask STATUS COMMAND...: how COMMAND (a doctor, for JSON) ends; what it says is in $json
ask()
{
	local status=0
	json=$("${@:2}") || status=$?
	check_eq "$status" "$1" "status of ${*:2}: $json"
	check_match "$json" \
		'("problems":0,.*"works":true|"problems":[1-9][0-9]*,.*"works":false)' "the verdict"
}

# says NAME STATE REGEX: of NAME, there; REGEX is about what is so and what to do
says()
{
	local said
	said=$(awk -v RS='{' -v name="\"name\":\"$1\"" 'index($0, name)' <<<"$json" | sed -E \
		's/.*"state":"(.*)","what":"(.*)","advice":"(.*)"\}.*/\1: \2 -> \3/')
	check_match "$said" "^$2: .*($3)" "what is said of $1"
}

# expect STATUS NAME STATE REGEX COMMAND...: both
expect()
{
	ask "$1" "${@:5}"
	says "${@:2:3}"
}

doctor=(ringprofctl -j doctor)
# This machine may be a container; the guest is none.
rm -f /.dockerenv /run/.containerenv

step "a host in order"
ask 0 "${doctor[@]}"
says module ok 'ringprof [0-9.]+ is loaded'
says capabilities ok 'may sample'
says device ok 'mode 0600'
says netlink ok 'release'
says ticks ok 'hard interrupts'
says timers ok 'all CPUs'
says kernel-names ok 'addresses'
check_eq "$(grep -c . <<<"$json")" 1 "JSON lines"
check_eq "$(sessions)" 0 "sessions"

same_in_text()
{
	local text line
	text=$(ringprofctl doctor)
	ringprofctl -j doctor | python -c '
import json, sys
for f in json.load(sys.stdin)["findings"]:
    print(f["what"])
    if f["advice"]: print(f["advice"])' | while read -r line; do
		grep -qF -e "$line" <<<"$text" || fail "not in the text: $line"
	done
}

if ! short_form; then
	step "the same in text"
	same_in_text
fi

step "lockdown can be seen where securityfs is"
mount -t securityfs securityfs /sys/kernel/security
if [[ -e /sys/kernel/security/lockdown ]]; then
	expect 0 lockdown ok 'lockdown is off' "${doctor[@]}"
else
	expect 0 lockdown ok 'this kernel has no lockdown' "${doctor[@]}"
fi

step "addresses hidden from everybody"
sysctl -q kernel.kptr_restrict=2
expect 0 kernel-names warning 'kptr_restrict is 2.*sysctl kernel.kptr_restrict=1' "${doctor[@]}"
sysctl -q kernel.kptr_restrict=1
expect 0 kernel-names ok 'addresses' "${doctor[@]}"

step "an ordinary user"
ask 1 nobody "${doctor[@]}"
says capabilities problem 'CAP_SYS_ADMIN.*root'
says device problem 'closed to this user'
says kernel-names warning 'for this caller.*root'

step "other namespaces"
# RHEL 7 lets nobody make user namespaces unless it is told a number of them.
[[ ! -e /proc/sys/user/max_user_namespaces ]] || sysctl -q user.max_user_namespaces=100
expect 1 container problem 'user namespace.*--userns=host' unshare -U -r "${doctor[@]}"
expect 1 netlink problem 'does not answer.*--network=host' unshare -n "${doctor[@]}"
expect 0 container warning 'PID namespace.*--pid=host' \
	unshare -p -f --mount-proc "${doctor[@]}"

step "a wrong device; one that is gone is made as advised"
rm /dev/ringprof
mknod -m 600 /dev/ringprof c 10 1
expect 1 device problem 'something else.*rm /dev/ringprof' "${doctor[@]}"
rm /dev/ringprof
expect 1 device problem 'is not here' "${doctor[@]}"
advice=$(ringprofctl doctor | grep -oE 'mknod -m 600 /dev/ringprof c 10 [0-9]+' || true)
check_match "$advice" 'mknod' "the advice"
check_ok eval "$advice"
expect 0 device ok 'mode 0600' "${doctor[@]}"

step "not loaded, and not installed"
rmmod ringprof
expect 1 module problem 'not installed.*insmod ringprof.ko' "${doctor[@]}"
for command in info "record -d 1 -o /tmp/x.pb.gz"; do
	status=0
	# shellcheck disable=SC2086	# words
	message=$(ringprofctl $command 2>&1) || status=$?
	check_eq "$status" 3 "status of $command: $message"
	check_match "$message" 'ringprofctl doctor' "the message of $command"
done

if ! mkdir -p "/lib/modules/$(uname -r)" 2>/dev/null; then
	step "nothing can be installed: a kernel without overlayfs, whose /lib is read-only"
	exit 0
fi
step "installed"
only_module "$RINGPROF_MODULE"
expect 1 module problem 'depmod' "${doctor[@]}"
depmod -a 2>/dev/null
expect 0 module warning 'modprobe ringprof' "${doctor[@]}"
modprobe ringprof
expect 0 module ok 'is loaded' "${doctor[@]}"

# Until the next boot, which in the short form other tests share.
! short_form || exit 0
step "no modules any more"
rmmod ringprof
sysctl -q kernel.modules_disabled=1
expect 1 modules problem 'modules_disabled' "${doctor[@]}"
