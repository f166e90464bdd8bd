// SPDX-License-Identifier: GPL-2.0
/*
 * stack_kernel_walk.c - 32-bit ARM, by the kernel's own unwinder, started at the
 * interrupted registers. It goes by tables or by frame pointers, as the kernel was
 * configured, from the interrupt stack to the task's, and bounds what it reads by the
 * stacks' sizes.
 *
 * Contexts: hard interrupt. For code in modules the unwinder takes a spinlock whose
 * holders have interrupts disabled, so what was interrupted does not hold it; there
 * are no NMIs here (a FIQ that samples would be one).
 */
#include "compat/unwinder.h"

#ifdef RP_KERNEL_STACK_WALK
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <asm/stacktrace.h>

#include "stack.h"
#include "../proto/counters.h"

struct walk {
	u64 *addr;
	unsigned int nr, max;
	bool full;
};

/* Not 0: that is enough. */
static int add(struct stackframe *frame, void *data)
{
	struct walk *walk = data;

	walk->full = walk->nr == walk->max;
	if (!walk->full)
		walk->addr[walk->nr++] = frame->pc;
	return walk->full;
}

/*
 * The unwinder does not say why it ended. At the root nothing lies below it on the
 * stack but the registers with which the task entered the kernel (a kernel thread: room
 * for them), and two arguments of a system call that did not fit into registers.
 */
static bool at_root(const struct stackframe *frame)
{
	unsigned long entry = (unsigned long)task_pt_regs(current);

	return frame->sp >= entry - 2 * sizeof(long) &&
	       frame->sp <= (unsigned long)task_stack_page(current) + THREAD_SIZE;
}

/* From pc, with the other registers as they were. True: to the root. */
static bool walk_from(struct pt_regs *regs, unsigned long pc, struct walk *walk)
{
	struct stackframe frame;

	arm_get_current_stackframe(regs, &frame);
	frame.pc = pc;
	walk_stackframe(&frame, add, walk);
	return !walk->full && at_root(&frame);
}

/*
 * Functions in assembly have no tables. If they leave stack and lr alone, the walk goes
 * on from lr; that they do is believed if it leads to the root.
 */
static bool walk_from_caller(struct pt_regs *regs, struct walk *walk)
{
	if (walk_from(regs, regs->ARM_lr, walk))
		return true;
	walk->nr = 1;
	walk->full = false;
	return false;
}

unsigned int rp_stack_kernel(struct pt_regs *regs, u64 *addr, unsigned int max,
			     u8 *ret_stop)
{
	struct walk walk = { .addr = addr, .max = max };

	if (!regs) {
		*ret_stop = RP_STOP_NO_REGS;
		return 0;
	}
	if (walk_from(regs, instruction_pointer(regs), &walk) ||
	    (walk.nr == 1 && !walk.full && walk_from_caller(regs, &walk))) {
		*ret_stop = RP_STOP_ROOT;
		/*
		 * A system call is no call: the entry code puts the address where it
		 * goes on into lr and jumps. Who names a return address looks before
		 * it, and would find what lies above ret_fast_syscall.
		 */
		if (walk.nr > 1 && !(current->flags & PF_KTHREAD))
			addr[walk.nr - 1]++;
	} else {
		*ret_stop = walk.full ? RP_STOP_DEPTH : RP_STOP_UNWINDER;
	}
	return walk.nr;
}
#endif
