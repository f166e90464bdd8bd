// SPDX-License-Identifier: GPL-2.0
/*
 * stack_kernel_save.c - where no walk that starts at registers is to be had: the
 * kernel saves the stack of who calls, and the profiler's and the interrupt's frames
 * are cut off it at the interrupted instruction. That works where the kernel's
 * unwinder crosses the interrupt's own frame, and leaves the leaf where it does not.
 * It does not say whether it reached the root, so no such stack counts as whole.
 *
 * Contexts: hard interrupt or NMI, in which the kernel saves stacks for its own tracing.
 */
#include "compat/unwinder.h"

#ifdef RP_KERNEL_STACK_SAVE
#include <linux/kernel.h>
#include <linux/ptrace.h>
#include <linux/stacktrace.h>

#include "stack.h"
#include "../proto/counters.h"
#include "../proto/ringprof.h"

unsigned int rp_stack_kernel(struct pt_regs *regs, u64 *addr, unsigned int max,
			     u8 *ret_stop)
{
	/* The upper half, so that writing the lower one does not overtake reading. */
	unsigned long *saved = (unsigned long *)(addr + RP_DEPTH_MAX);
	unsigned int nr_saved, from, nr = 0;

	if (!regs) {
		*ret_stop = RP_STOP_NO_REGS;
		return 0;
	}
	nr_saved = stack_trace_save(saved, RP_DEPTH_MAX, 0);
	for (from = 0; from < nr_saved; from++)
		if (saved[from] == instruction_pointer(regs))
			break;
	addr[nr++] = instruction_pointer(regs);
	while (++from < nr_saved && nr < max)
		addr[nr++] = saved[from];
	*ret_stop = from < nr_saved || nr_saved == RP_DEPTH_MAX ? RP_STOP_DEPTH :
								  RP_STOP_UNWINDER;
	return nr;
}
#endif
