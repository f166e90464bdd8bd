#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The module compiles without a warning with W=1, with gcc and with clang, and sparse
# (the kernel's checker of address spaces, locks and byte orders) has nothing to say of
# it. A file with mistakes is compiled with the rest and has to be found.

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/../vm/lib.sh"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$project"
eval "$(scripts/kernel 6.1 env)"

# compile NAME OPTION...: everything and planted.c (stdin) into $dir/NAME, what is said
# of it into $dir/log
compile()
{
	local name=$1
	step "$name"
	mkdir "$dir/$name"
	cp -r Kbuild dkms.conf kmod proto "$dir/$name"
	cat >"$dir/$name/kmod/planted.c"
	make -s -j "$(nproc)" -C "$KDIR" M="$dir/$name" W=1 "${@:2}" modules \
		>"$dir/log" 2>&1 || fail "make: $(tail -n 20 "$dir/log")"
}

# found TEXT...: each of these was said of planted.c
found()
{
	local text
	for text; do
		grep -q "/kmod/planted\.c:.*warning:.*$text" "$dir/log" ||
			fail "not found: '$text' in $(<"$dir/log")"
	done
}

# clean: nothing was said of anything else
clean()
{
	! grep -iE "warning:|error:" "$dir/log" | grep -v "/kmod/planted\.c:" ||
		fail "these are warnings"
}

compile gcc C=2 <<-'END'
	#include <linux/percpu.h>
	#include <linux/rcupdate.h>
	#include <linux/spinlock.h>
	#include <linux/uaccess.h>
	int undeclared(int n) { int unused = n; unused = 1; return n; }
	int user(const int __user *from);
	int user(const int __user *from) { return *from; }
	int counter(int __percpu *of);
	int counter(int __percpu *of) { return *of; }
	struct pointed { int __rcu *to; };
	int shared(struct pointed *at);
	int shared(struct pointed *at) { int *to = at->to; return *to; }
	void held(spinlock_t *lock);
	void held(spinlock_t *lock) { spin_lock(lock); }
	int order(__be32 x);
	int order(__be32 x) { return x; }
	int visible;
END
found Wunused-but-set-variable Wmissing-prototypes 'noderef expression' \
	'different address spaces' 'context imbalance' 'different base types' \
	"'visible' was not declared"
clean

# Debian's headers are configured for gcc: what clang does not know is taken away, none
# of which changes what it warns of, and one warning that comes from the headers.
compile clang LLVM=1 CC=clang CONFIG_CC_IS_GCC= CONFIG_CC_IS_CLANG=y CONFIG_RETHUNK= \
	CONFIG_SLS= CONFIG_FTRACE_MCOUNT_USE_CC= CONFIG_INIT_STACK_ALL_ZERO= \
	CONFIG_CC_IMPLICIT_FALLTHROUGH=-Wimplicit-fallthrough \
	KCFLAGS='-Wno-unknown-warning-option -Wno-address-of-packed-member' <<-'END'
	#include <linux/printk.h>
	int undeclared(int n) { int unused = n; unused = 1; return n; }
	int uninitialized(int n);
	int uninitialized(int n) { int x; if (n) x = 1; return x; }
	void format(long n);
	void format(long n) { printk("%d\n", n); }
END
found Wunused-but-set-variable Wmissing-prototypes Wsometimes-uninitialized Wformat
clean
