#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The kernel's scripts/checkpatch.pl --strict has nothing to say of the kernel's half,
# but for what is listed here with its reason. A file with mistakes is checked with the
# rest and has to be found.

# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/../vm/lib.sh"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$project"
source=$(scripts/kernel 6.1 source)

# Not asked for at all:
ignored=(
	BIT_MACRO		# proto/ is read by user space too, which has none
	CAMELCASE		# the names in elf.h
	MACRO_ARG_REUSE		# lists of which X makes many things
	MACRO_ARG_PRECEDENCE	# the kernel's own macros are no different
	MULTIPLE_ASSIGNMENTS UNNECESSARY_PARENTHESES	# clearer where they stand
)

# FILE TYPE REASON
excepted=$(cat <<-'END'
	kmod/build_id_parse.h MACRO_WITH_FLOW_CONTROL makes a function of each class of ELF
	kmod/ring.h MEMORY_BARRIER names them for ring_produce.h, where each has its letter
	kmod/compat/atomic.h MEMORY_BARRIER makes barriers, which its users say the reasons of
	kmod/compat/file.h NEW_TYPEDEFS a later kernel's type
	kmod/compat/* DEPRECATED_API new names are made of the old ones
	kmod/compat/probes/* AVOID_EXTERNS no header declares the function of a probe
	kmod/compat/probes/* LINE_SPACING does not know VMA_ITERATOR as a declaration
	kmod/space_walk.c LINE_SPACING the same
	proto/counters.h COMPLEX_MACRO a list for X
	proto/tick.h COMPLEX_MACRO the same
	proto/ringprof.h MULTISTATEMENT_MACRO_USE_DO_WHILE declarations, outside of functions
	proto/unwind.h MULTISTATEMENT_MACRO_USE_DO_WHILE the same
	proto/unwind_step.h COMPLEX_MACRO a specifier, no value
	proto/unwind_step.h PREFER_DEFINED_ATTRIBUTE_MACRO it is what is defined, where nothing else does
END
)

cp -r kmod proto "$dir"
cat >"$dir/kmod/planted.c" <<-'END'
	#include <linux/kernel.h>
	int f(int a,int b)
	{
	  if (a)
	  {
	    smp_mb();
	  }
	    printk("%d", b);
	    return simple_strtoul("1", NULL, 0);
	}
END

step "checking"
mkdir "$dir/include"	# it looks for names there, and keeps notes for itself
cd "$dir"
perl "$source/scripts/checkpatch.pl" --root=. --no-tree --strict --terse --show-types --no-summary \
	--ignore "$(IFS=,; echo "${ignored[*]}")" -f kmod/*.[ch] kmod/compat/*.h \
	kmod/compat/probes/*.c proto/*.h >all 2>errors || true
check_eq "$(<errors)" '' "what went wrong"

step "what was planted"
for type in SPDX_LICENSE_TAG SPACING OPEN_BRACE LEADING_SPACE MEMORY_BARRIER CONSIDER_KSTRTO \
	PRINTK_WITHOUT_KERN_LEVEL; do
	grep -q "planted\.c.*:$type:" all || fail "$type was not found: $(<all)"
done

step "what has a reason"
grep -v 'planted\.c' all >left || true
while read -r file type reason; do
	grep -E "^${file//\*/[^/]*}:[0-9]+: [A-Z]+:$type:" left >known ||
		fail "nobody needs the exception any more: $file $type ($reason)"
	grep -vxFf known left >rest || true
	mv rest left
done <<<"$excepted"

step "what has none"
cat left
check_eq "$(wc -l <left)" 0 "complaints"
