/* SPDX-License-Identifier: GPL-2.0 */
/*
 * leaf_arm64.h - the caller of a leaf function that has made no frame record, which is
 * most of what is written in assembly, and small functions in C.
 *
 * Its caller's address is in x30, where in other functions lies what their last call
 * left. So the code is asked: the instruction before x30 called something; if from
 * there to the interrupted instruction nothing is called and x30 is not stored, then
 * that is where we are, and x30 is as the call left it. Code that this cannot decide
 * (a call through a pointer, a long way from the entry) gets no such frame.
 *
 * Contexts: any; reads the kernel's text so that a fault does no harm.
 */
#ifndef RP_KMOD_LEAF_ARM64_H
#define RP_KMOD_LEAF_ARM64_H

#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/types.h>

#include "compat/compat.h"

#define RP_LEAF_INSNS 256	/* from its entry, no more are looked at */

/* Calls (bl, blr), or stores x30 on the stack (stp, str). */
static inline bool rp_insn_ends_leaf(u32 insn)
{
	return (insn & 0xfc000000) == 0x94000000 ||	/* bl */
	       (insn & 0xfee00000) == 0xd6200000 ||	/* blr, blraa, ... */
	       (insn & 0xfe407fe0) == 0xa8007be0 ||	/* stp xN, x30, [sp, ...] */
	       (insn & 0xfe4003ff) == 0xf80003fe;	/* str x30, [sp, ...] */
}

/* Nothing from entry up to pc does so. */
static inline bool rp_is_leaf_so_far(unsigned long entry, unsigned long pc)
{
	u32 insns[16];
	unsigned int i, nr;

	for (; entry < pc; entry += nr * sizeof(u32)) {
		nr = min_t(unsigned long, (pc - entry) / sizeof(u32), ARRAY_SIZE(insns));
		if (copy_from_kernel_nofault(insns, (void *)entry, nr * sizeof(u32)))
			return false;
		for (i = 0; i < nr; i++)
			if (rp_insn_ends_leaf(insns[i]))
				return false;
	}
	return true;
}

/* x30 is the return address of the function that pc is in, whose record is another's. */
static inline bool rp_x30_is_caller(unsigned long pc, unsigned long x30)
{
	unsigned long call = x30 - sizeof(u32), entry;
	u32 insn;

	if (pc % sizeof(u32) || call % sizeof(u32) ||
	    copy_from_kernel_nofault(&insn, (void *)call, sizeof(insn)) ||
	    (insn & 0xfc000000) != 0x94000000)
		return false;
	entry = call + sign_extend64((u64)(insn & 0x03ffffff) << 2, 27);
	return entry <= pc && pc - entry < RP_LEAF_INSNS * sizeof(u32) &&
	       rp_is_leaf_so_far(entry, pc);
}

#endif
