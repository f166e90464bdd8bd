/* SPDX-License-Identifier: GPL-2.0 */
/*
 * stack.h - walking the kernel's and the user's stack of what was interrupted.
 *
 * Both walks fill addr[] leaf first with at most max addresses, return how many,
 * and say in *ret_stop (enum rp_stop) why they ended: only RP_STOP_ROOT is a whole
 * stack. They run in hard interrupt context or NMI and never fault.
 */
#ifndef RP_KMOD_STACK_H
#define RP_KMOD_STACK_H

#include <linux/types.h>

struct pt_regs;
struct rp_rule_cache;
struct rp_space_maps;

/* What a user stack is walked by, if tables are there. */
struct rp_stack_guides {
	const struct rp_space_maps *maps;	/* the address space's; NULL: none */
	struct rp_rule_cache *rules;		/* this CPU's, begun; with maps */
};

/*
 * From regs, which were in the kernel. NULL: nothing can be said. At addr there is
 * room for 2 * RP_DEPTH_MAX addresses, of which those behind the ones returned may be
 * written over. By which way: compat/unwinder.h.
 */
unsigned int rp_stack_kernel(struct pt_regs *regs, u64 *addr, unsigned int max,
			     u8 *ret_stop);

/*
 * The current task's user stack; regs are its user registers. It is walked by the tables of
 * the files that are mapped; without mappings by frame pointers alone. *ret_by_fp: some
 * frame was left by one. current->mm must be the task's own. Under rcu_read_lock.
 */
unsigned int rp_stack_user(struct pt_regs *regs, const struct rp_stack_guides *guides,
			   u64 *addr, unsigned int max, u8 *ret_stop, bool *ret_by_fp);

bool rp_stack_user_is_32bit(struct pt_regs *regs);

#endif
