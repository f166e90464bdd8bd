#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Usage: tests/kunit/test_ring.sh [--kernel-build DIR]
#
# Runs the ring's KUnit cases in user-mode Linux: builds it once from Debian's kernel
# source (two to three minutes, kept in the cache), builds the test module against
# it, boots it and reads the results. Seconds when the cache is there.
#
#   --kernel-build DIR   a finished ARCH=um build directory to use instead
#
# Exit status: 0 every case passed; 77 could not be run here, the reason is on
# stderr; anything else: failed.
#
# limit: 1800

set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"

readonly here=$project/tests/kunit
readonly kernel=6.1		# of Debian's, whose source is taken
readonly boot_seconds=240	# a machine under load; alone it takes 5

uml=
while (($#)); do
	case $1 in
	-h|--help) usage; exit 0 ;;
	--kernel-build)
		(($# > 1)) || bad_usage "--kernel-build wants a directory"
		uml=$2; shift ;;
	*)	bad_usage "unknown argument $1" ;;
	esac
	shift
done

skip()
{
	note "skipped: $*"
	exit 77
}

fail()
{
	note "$*"
	exit 1
}

# ---- the kernel ------------------------------------------------------------------

# Sets `uml` to a directory in the cache with a built kernel. Its name comes from
# what the build depends on, so another configuration, source or compiler gets
# another directory; `complete` is written last, and an interrupted build goes on.
build_uml()
{
	local source key
	source=$("$project/scripts/kernel" "$kernel" source) ||
		skip "the source of Linux $kernel is not to be had"
	key=$({ cat "$here/uml.config"; head -n 5 "$source/Makefile"; gcc --version; } |
		sha256sum | cut -c 1-12)
	uml=$cache/uml/$key
	[[ ! -e $uml/complete ]] || return 0
	(
		lock "$cache/lock.uml"
		[[ ! -e $uml/complete ]] || exit 0
		note "building user-mode Linux in $uml (a few minutes, once)"
		mkdir -p "$uml"
		find "$cache/uml" -mindepth 1 -maxdepth 1 ! -path "$uml" \
			-exec rm -rf {} +
		{
			make -C "$source" O="$uml" ARCH=um \
				KCONFIG_ALLCONFIG="$here/uml.config" allnoconfig &&
			make -C "$uml" ARCH=um -j"$(nproc)" linux modules
		} >"$uml/log" 2>&1 || {
			tail -n 30 "$uml/log" >&2
			fail "user-mode Linux did not build; the log is $uml/log"
		}
		touch "$uml/complete"
	)
}

# Kconfig drops without a word what a configuration cannot have.
check_config()
{
	local line
	while read -r line; do
		grep -qx "$line" "$uml/.config" || fail "$uml/.config lacks $line"
	done < <(grep '^CONFIG_' "$here/uml.config")
}

# ---- the module ------------------------------------------------------------------

# From a copy, because a kernel build writes beside its sources.
build_module()
{
	rm -rf "$work"
	mkdir -p "$work/tests"
	cp -r "$project/proto" "$work/"
	cp -r "$here" "$project/tests/ring" "$work/tests/"
	make -C "$uml" ARCH=um W=1 M="$work/tests/kunit" modules >"$work/log" 2>&1 || {
		grep -A 5 -E 'error:|ERROR:|\*\*\*' "$work/log" | head -n 40 >&2
		fail "the test module did not build; the log is $work/log"
	}
	! grep -A 5 -i 'warning:' "$work/log" >&2 ||
		fail "the test module compiles with warnings"
}

pack_initramfs()
{
	local root=$work/root
	mkdir -p "$root"/{bin,proc}
	cp "$busybox" "$root/bin/busybox"
	cp "$work/tests/kunit/ringprof_kunit.ko" "$root/"
	cat >"$root/init" <<-'END'
		#!/bin/busybox sh
		busybox mount -t proc proc /proc
		busybox insmod /ringprof_kunit.ko && busybox echo "module loaded"
		busybox rmmod ringprof_kunit && busybox echo "module unloaded"
		busybox poweroff -f
	END
	chmod 755 "$root/init"
	(cd "$root" && find . | cpio -o -H newc --quiet | gzip -1) >"$work/initrd"
}

# ---- the run ---------------------------------------------------------------------

# The console needs an input that neither ends nor has anything to say.
boot()
{
	local status=0
	mkfifo "$work/silence"
	timeout -k 5 "$boot_seconds" "$uml/linux" mem=128M initrd="$work/initrd" \
		uml_dir="$work" con0=fd:0,fd:1 con=null console=tty0 kunit.enable=1 \
		<>"$work/silence" >"$work/console" 2>&1 || status=$?
	((status != 124 && status != 137)) || {
		tail -n 20 "$work/console" >&2
		fail "user-mode Linux did not finish in $boot_seconds s"
	}
	grep -qx 'module loaded' <(tr -d '\r' <"$work/console") || {
		tail -n 20 "$work/console" >&2
		fail "user-mode Linux did not come as far as loading the module"
	}
}

# A case's line is indented, the suite's is not:
#	    ok 1 - test_empty
#	ok 1 - ringprof_ring
judge()
{
	local lines name bad=0 expected
	lines=$(sed -E 's/\r//g; s/^\[ *[0-9]+\.[0-9]+\] ?//' "$work/console")
	mapfile -t expected < <(sed -n 's/^\tX(\([a-z0-9_]*\)).*/test_\1/p' \
		"$project/tests/ring/cases.h")
	for name in "${expected[@]}"; do
		grep -qE "^ +ok [0-9]+ (- )?$name\$" <<<"$lines" || {
			note "$name did not pass"
			bad=1
		}
	done
	local passed
	passed=$(grep -cE '^ +ok [0-9]+ ' <<<"$lines" || true)
	((${#expected[@]} > 0 && passed == ${#expected[@]})) || {
		note "$passed cases passed, ${#expected[@]} were expected"
		bad=1
	}
	grep -qE '^ok [0-9]+ (- )?ringprof_ring$' <<<"$lines" || bad=1
	grep -qx 'module unloaded' <<<"$lines" || {
		note "the module could not be unloaded"
		bad=1
	}
	"$project/scripts/splats" "$work/console" >&2 || bad=1
	if ((bad)); then
		grep -E -B 4 '^ *not ok ' <<<"$lines" >&2 || true
		fail "failed; the console's output is $work/console"
	fi
	printf 'KUnit: %s cases passed in Linux %s (user-mode)\n' "$passed" \
		"$(cat "$uml/include/config/kernel.release")"
}

missing=
for tool in make gcc flex bison bc cpio xz busybox; do
	command -v "$tool" >/dev/null || missing+=" $tool"
done
[[ ! $missing ]] || "$project/scripts/deps" build vm kernel ||
	skip "these programs are missing:$missing"
busybox=$(command -v busybox)
! ldd "$busybox" >/dev/null 2>&1 || skip "$busybox is not static: busybox-static is needed"
[[ $(uname -m) = x86_64 ]] || skip "user-mode Linux runs on x86-64 only"

work=$project/build/kunit
if [[ ! $uml ]]; then
	build_uml
	check_config
fi
[[ -x $uml/linux ]] || fail "there is no user-mode Linux in $uml"
build_module
pack_initramfs
boot
judge
