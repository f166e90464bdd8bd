/* SPDX-License-Identifier: GPL-2.0 */
/*
 * stack_user.h - what the walks of user stacks share. Contexts: as in stack.h.
 */
#ifndef RP_KMOD_STACK_USER_H
#define RP_KMOD_STACK_USER_H

#include <linux/bits.h>
#include <linux/types.h>

struct pt_regs;
struct rp_stack_guides;

/* arm64: the top byte may hold a tag, of the stack's memory for example. */
static inline unsigned long rp_untagged(unsigned long address)
{
#ifdef CONFIG_ARM64
	return address & GENMASK(55, 0);
#else
	return address;
#endif
}

/*
 * By the tables of what is mapped, and by frame pointers where there are none; of 64-bit
 * code whose stack pointer is known. Contract: rp_stack_user's.
 */
unsigned int rp_stack_user_tables(struct pt_regs *regs,
				  const struct rp_stack_guides *guides, u64 *addr,
				  unsigned int max, u8 *ret_stop, bool *ret_by_fp);

#endif
