#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# limit: 900
#
# Debian's dkms adds, builds and installs the module for two kernels, the second one by
# itself as when a kernel is upgraded; what it installed is loaded in guests with these
# kernels and samples; removing it leaves nothing. Kernels that dkms.conf excludes are
# refused in so many words.
#
# dkms sees folders of the test's own in the places where it works. All that may be left
# of it on this machine is an empty /lib/modules where there was none.
#
# `test_dkms.sh guest ROOT` is the half that runs in a guest.

cd "$(dirname "$0")/../.." || exit
# shellcheck source=tests/vm/lib.sh
. tests/vm/lib.sh

if [[ ${1:-} = guest ]]; then
	check_ok modprobe -d "$2" ringprof
	check_works
	check_ok rmmod ringprof
	exit
fi

# Not below /tmp, which is another one in a guest.
dir=$(mktemp -d /var/tmp/ringprof-dkms.XXXXXX)
trap 'rm -rf "$dir"' EXIT
root=$dir/root
places=(/usr/src /var/lib/dkms /lib/modules /etc/dkms)
name=ringprof/$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf)

# here COMMAND...: with the test's own folders in dkms' places, and with the little PATH
# and environment that a package manager's hook has
here()
{
	# shellcheck disable=SC2016	# that shell expands them
	unshare -m --propagation private sh -ec '
		root=$1 places=$2; shift 2
		for place in $places; do
			mkdir -p "$place"
			mount --bind "$root$place" "$place"
		done
		exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root "$@"' \
		_ "$root" "${places[*]}" "$@" >"$dir/log" 2>&1
}

# ours COMMAND...: has to succeed
ours()
{
	here "$@" || fail "$*: $(cat "$dir/log" "$root/var/lib/dkms/$name/build/make.log" \
		2>/dev/null)"
}

# kernel VERSION: its headers, and as much of its modules as dkms looks at
kernel()
{
	local KREL KDIR MODULES at
	eval "$(scripts/kernel "$1" env)"
	at=$root/lib/modules/$KREL
	mkdir -p "$at/kernel"
	ln -s "$KDIR" "$at/build"
	cp "$MODULES"/modules.{order,builtin,builtin.modinfo} "$at"
	(cd "$MODULES" && find kernel/fs/9p -name '*.ko*' -exec cp --parents {} "$at" \;)
	depmod -b "$root" "$KREL"
	printf '%s\n' "$KREL"
}

# tree: all there is, but for the key that dkms made for itself
tree()
{
	(cd "$root" && find . ! -name 'mok.*' -printf '%y %p %l\n' | sort)
}

# installed KREL: the module's file
installed()
{
	find "$root/lib/modules/$1/updates/dkms" -name 'ringprof.ko*'
}

for place in "${places[@]}"; do
	mkdir -p "$root$place"
done
first=$(kernel 6.1)
second=$(kernel 6.12)
tree >"$dir/before"

step "adding and installing, as README says"
check_ok make -s install-dkms DESTDIR="$root" >&2
ours dkms install "$name" -k "$first"
ours dkms status "$name"
check_match "$(<"$dir/log")" "^$name, $first, [^ ]*: installed$" "the status"
check_file "$(installed "$first")" "the module"
check_eq "$(modinfo -F vermagic "$(installed "$first")" | cut -d ' ' -f 1)" "$first" "its kernel"
check_eq "$(modinfo -F signer "$(installed "$first")")" 'DKMS module signing key' "its signer"

step "another kernel comes"
check_eq "$(installed "$second" 2>/dev/null)" '' "modules of the second kernel"
ours dkms autoinstall -k "$second"
ours dkms status "$name"
check_eq "$(grep -c ': installed$' "$dir/log")" 2 "kernels it is installed for"
check_match "$(installed "$second")" '\.ko\.xz$' "the module, packed as that kernel's are"

step "kernels that it cannot be built for"
for krel in 3.2.0-4-amd64 6.1.0-nonet; do
	mkdir -p "$dir/$krel"
	printf 'CONFIG_%s=y\n' MMU IRQ_WORK >"$dir/$krel/.config"
	[[ $krel = *nonet ]] || echo CONFIG_NET=y >>"$dir/$krel/.config"
	check_status 77 here dkms build "$name" -k "$krel" --kernelsourcedir "$dir/$krel"
	check_match "$(tr '\n' ' ' <"$dir/log")" 'BUILD_EXCLUSIVE directive which does not match' \
		"what dkms says of $krel"
done
# shellcheck disable=SC1091,SC2034,SC2154	# what it uses and sets
(kernel_source_dir='' dkms_tree='' && . ./dkms.conf
for krel in 3.10.0-1160.el7.x86_64 4.4.0 5.10.0-30-amd64 6.12.1+deb12-amd64 7.2.1 10.0.0; do
	[[ $krel =~ $BUILD_EXCLUSIVE_KERNEL ]] || fail "$krel is excluded"
done)

step "what is installed works"
for version in 6.1 6.12; do
	check_ok scripts/vm --no-module --kernel $version -- tests/host/test_dkms.sh guest "$root"
done

step "removing"
check_status 1 diff -q "$dir/before" <(tree) >"$dir/log"
ours dkms remove "$name" --all
ours rm -r "/usr/src/${name/\//-}"
tree >"$dir/after"
check_ok diff "$dir/before" "$dir/after" >&2
check_eq "$(grep -rl ringprof "$root" || true)" '' "files that still know of it"
