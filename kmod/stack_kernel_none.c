// SPDX-License-Identifier: GPL-2.0
/*
 * stack_kernel_none.c - where modules get no unwinder: the interrupted instruction is
 * all that is known. Contexts: any.
 */
#include "compat/unwinder.h"

#ifdef RP_KERNEL_STACK_NONE
#include <linux/ptrace.h>

#include "stack.h"
#include "../proto/counters.h"

unsigned int rp_stack_kernel(struct pt_regs *regs, u64 *addr, unsigned int max,
			     u8 *ret_stop)
{
	*ret_stop = regs ? RP_STOP_UNWINDER : RP_STOP_NO_REGS;
	if (!regs)
		return 0;
	addr[0] = instruction_pointer(regs);
	return 1;
}
#endif
