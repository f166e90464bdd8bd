// SPDX-License-Identifier: GPL-2.0
/*
 * stack_kernel_dump.c - x86 until 4.8, by the kernel's dump_trace, started at the
 * interrupted registers. It knows which stacks follow one another, and calls back for
 * each stack to be walked; print_context_stack_bp then goes by frame pointers, bounds
 * them by the stack and calls back for each return address that is one.
 *
 * Contexts: hard interrupt or NMI. Only the current task's stacks are read, without
 * locks.
 */
#include "compat/unwinder.h"

#ifdef RP_KERNEL_STACK_DUMP
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <asm/stacktrace.h>

#include "root_frame.h"
#include "stack.h"
#include "../proto/counters.h"

struct walk {
	u64 *addr;
	unsigned int nr, max;		/* nr goes on behind max */
	const unsigned long *last;	/* the last frame */
};

static void add(void *data, unsigned long address, int reliable)
{
	struct walk *walk = data;

	if (walk->nr < walk->max)
		walk->addr[walk->nr] = address;
	walk->nr++;
}

static int begin_stack(void *data, char *name)
{
	return 0;
}

static bool in_stack(const unsigned long *frame, struct thread_info *task_stack,
		     const unsigned long *end)
{
	unsigned long low = end ? (unsigned long)end - THREAD_SIZE :
				  (unsigned long)task_stack;

	return (unsigned long)frame >= low &&
	       (unsigned long)frame - low <= THREAD_SIZE - 2 * sizeof(long);
}

/*
 * One stack; returns the frame pointer for the next one. The kernel's walk does not
 * tell where its last frame was, so the same steps are done again: as many as it found
 * addresses (the function graph tracer may add some, so the stack bounds them too).
 */
static unsigned long walk_stack(struct thread_info *task_stack, unsigned long *sp,
				unsigned long fp, const struct stacktrace_ops *ops,
				void *data, unsigned long *end, int *graph)
{
	const unsigned long *frame = (const unsigned long *)fp;
	struct walk *walk = data;
	unsigned int before = walk->nr, steps;
	unsigned long next;

	next = print_context_stack_bp(task_stack, sp, fp, ops, data, end, graph);
	for (steps = walk->nr - before; steps && in_stack(frame, task_stack, end); steps--) {
		walk->last = frame;
		frame = (const unsigned long *)frame[0];
	}
	return next;
}

static const struct stacktrace_ops ops = {
	.address = add,
	.stack = begin_stack,
	.walk_stack = walk_stack,
};

unsigned int rp_stack_kernel(struct pt_regs *regs, u64 *addr, unsigned int max,
			     u8 *ret_stop)
{
	struct walk walk = { .addr = addr, .max = max };

	if (!regs) {
		*ret_stop = RP_STOP_NO_REGS;
		return 0;
	}
	add(&walk, instruction_pointer(regs), 1);
	dump_trace(NULL, regs, NULL, 0, &ops, &walk);
	if (walk.nr > max) {
		*ret_stop = RP_STOP_DEPTH;
		return max;
	}
	*ret_stop = walk.last && rp_root_frame(walk.last) ? RP_STOP_ROOT :
							   RP_STOP_UNWINDER;
	return walk.nr;
}
#endif
