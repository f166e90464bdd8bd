#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# limit: 900
#
# Kernels that take signed modules only: insmod's error and the kernel's log come out of
# `ringprofctl doctor` as advice. A module is signed the way README says: by a key that
# nobody enrolled, which Debian's kernel refuses, and by one that is in the kernel, that
# of our own (tests/kernels/small.config), which takes it.
#
# `test_signing.sh guest HOW DIR` is the half that runs in the guest.

cd "$(dirname "$0")/../.." || exit
# shellcheck source=tests/vm/lib.sh
. tests/vm/lib.sh

# refused MODULE ERROR: insmod fails with it; the module is left where modprobe looks
refused()
{
	local message
	only_module "$1"
	depmod -a 2>/dev/null
	! message=$(insmod "$1" 2>&1) || fail "$1 was loaded"
	check_match "$message" "$2" "insmod's message"
}

# doctor STATUS REGEX...: how it ends, and what is in what it says
doctor()
{
	local status=0 text regex
	text=$(ringprofctl doctor) || status=$?
	check_eq "$status" "$1" "doctor's status: $text"
	shift
	for regex; do
		check_match "$(tr -s ' ' <<<"$text")" "$regex" "doctor"
	done
}

guest_enforced()
{
	step "an unsigned module"
	refused "$1/unsigned.ko" 'Key was rejected by service|Required key not available'
	doctor 1 '^problem signature .*sig_enforce.*is not signed' \
		'^warning kernel-log .*unsigned module is rejected' \
		'-> sign the module with a key that this kernel trusts'
	step "a module signed with a key that nobody enrolled"
	refused "$1/signed.ko" 'Key was rejected by service|Required key not available'
	doctor 0 '^ok signature .*is signed; whether its key is trusted' \
		'^warning kernel-log .*module with unavailable key is rejected' \
		'-> .*enrol it \(mokutil --import\)'
}

guest_locked()
{
	mount -t securityfs securityfs /sys/kernel/security
	refused "$1/unsigned.ko" 'Operation not permitted'
	doctor 1 '^problem signature .*lockdown is on.*is not signed' \
		'^warning lockdown .*integrity' \
		'^warning kernel-log .*unsigned module loading is restricted' \
		'-> the kernel is locked down'
}

# The kernel has one of the two keys.
guest_trusted()
{
	check_eq "$(</sys/module/module/parameters/sig_enforce)" Y "sig_enforce"
	step "an unsigned module, and one by a strange key"
	refused "$1/small-unsigned.ko" 'Key was rejected by service|Required key not available'
	doctor 1 '^problem signature .*sig_enforce.*is not signed' \
		'^warning kernel-log .*unsigned module is rejected' \
		'-> sign the module with a key that this kernel trusts'
	refused "$1/small-strange.ko" 'Key was rejected by service|Required key not available'
	doctor 0 '^ok signature .*is signed; whether its key is trusted' \
		'-> .*enrol it \(mokutil --import\)'
	step "one by a key that the kernel trusts"
	only_module "$1/small-signed.ko"
	depmod -a 2>/dev/null
	check_ok modprobe ringprof
	check_no_match "$(</sys/module/ringprof/taint)" E "the taint of a signed module"
	doctor 0 '^ok signature .*signed modules only .*ringprof is loaded' \
		'^ok module .*is loaded'
	check_works
}

if [[ ${1:-} = guest ]]; then
	"guest_$2" "$3"
	exit
fi

# Not below /tmp, which is another one in the guest.
dir=$(mktemp -d /var/tmp/ringprof-signing.XXXXXX)
trap 'rm -rf "$dir"' EXIT
eval "$(scripts/kernel 6.1 env)"

step "a module, and one signed with an own key"
check_ok make -s modules KREL="$KREL" KDIR="$KDIR" MODDIR="$dir/build" >"$dir/log" 2>&1
cp "$dir/build/ringprof.ko" "$dir/unsigned.ko"
cp "$dir/build/ringprof.ko" "$dir/signed.ko"
openssl req -new -x509 -newkey rsa:2048 -nodes -days 3650 -subj "/CN=ringprof modules/" \
	-keyout "$dir/ringprof.priv" -outform DER -out "$dir/ringprof.der" 2>/dev/null
check_ok "$KDIR/scripts/sign-file" sha256 "$dir/ringprof.priv" "$dir/ringprof.der" \
	"$dir/signed.ko"
check_eq "$(modinfo -F signer "$dir/signed.ko")" 'ringprof modules' "the signer"
check_eq "$(modinfo -F signer "$dir/unsigned.ko")" '' "the signer of the other one"
cp "$dir/signed.ko" "$dir/build/ringprof.ko"
check_ok make -s install DESTDIR="$dir/root" KREL="$KREL" KDIR="$KDIR" MODDIR="$dir/build" \
	>"$dir/log" 2>&1
check_eq "$(modinfo -F signer "$dir/root/lib/modules/$KREL/"*/ringprof.ko)" \
	'ringprof modules' "the signer of what is installed"

step "a kernel of our own, with a key that was made for it"
(
	# shellcheck disable=SC2030	# of this kernel alone
	eval "$(scripts/kernel small env)"
	check_ok make -s modules KREL="$KREL" KDIR="$KDIR" MODDIR="$dir/small" >"$dir/log" 2>&1
	for kind in unsigned strange signed; do
		cp "$dir/small/ringprof.ko" "$dir/small-$kind.ko"
	done
	check_ok "$KDIR/scripts/sign-file" sha256 "$dir/ringprof.priv" "$dir/ringprof.der" \
		"$dir/small-strange.ko"
	check_ok "$KDIR/scripts/sign-file" sha256 "$KDIR/certs/signing_key.pem" \
		"$KDIR/certs/signing_key.x509" "$dir/small-signed.ko"
)
check_ok scripts/vm --kernel small --no-module --append module.sig_enforce=1 -- \
	tests/host/test_signing.sh guest trusted "$dir"

step "a kernel that wants signatures"
check_ok scripts/vm --no-module --append module.sig_enforce=1 -- \
	tests/host/test_signing.sh guest enforced "$dir"

step "a kernel that is locked down"
check_ok scripts/vm --no-module --append lockdown=integrity -- \
	tests/host/test_signing.sh guest locked "$dir"
