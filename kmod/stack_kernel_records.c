// SPDX-License-Identifier: GPL-2.0
/*
 * stack_kernel_records.c - arm64, by frame records: x29 points at two words, the
 * caller's x29 and the return address. Kernels export no walk that starts at
 * registers, but all of theirs is built with these records, and so is their way in:
 * an exception leaves one that names the interrupted instruction, the switch to the
 * interrupt stack leaves one on the stack that it came from, and where user mode or a
 * new task was left behind there is one that leads nowhere.
 *
 * A leaf function may do without a record: see leaf_arm64.h. Where that cannot tell,
 * the leaf's caller is missing, as it is in the kernel's own stacks.
 *
 * Contexts: hard interrupt or NMI. What is read lies on the interrupted context's
 * stack, then on the current task's; it is read so that a fault does no harm, the
 * chain must rise on each stack and change stacks once, and max bounds it.
 */
#include "compat/unwinder.h"

#ifdef RP_KERNEL_STACK_RECORDS
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/uaccess.h>

#include "code_address.h"
#include "leaf_arm64.h"
#include "stack.h"
#include "../proto/counters.h"

struct record {
	unsigned long fp;	/* the caller's record */
	unsigned long lr;	/* where it goes on */
};

struct walk {
	unsigned long fp;
	unsigned long low, high;	/* a record lies in [low, high) */
	bool on_task_stack;
};

static void choose_task_stack(struct walk *walk, unsigned long low)
{
	walk->low = low;
	walk->high = (unsigned long)task_stack_page(current) + THREAD_SIZE;
	walk->on_task_stack = true;
}

static bool lies_on_task_stack(unsigned long address)
{
	return address - (unsigned long)task_stack_page(current) < THREAD_SIZE;
}

/*
 * Where a CPU's interrupt stack lies is not told to modules. It is as large as a
 * task's and, where stacks are virtually mapped, aligned to twice that; elsewhere
 * this reads a little of what is behind it, which is memory too.
 */
static void choose_stack_of(struct walk *walk, unsigned long sp)
{
	if (lies_on_task_stack(sp)) {
		choose_task_stack(walk, sp);
		return;
	}
	walk->low = sp;
	walk->high = sp + THREAD_SIZE;
	if (IS_ENABLED(CONFIG_VMAP_STACK))
		walk->high = round_down(sp, 2 * THREAD_SIZE) + THREAD_SIZE;
	walk->on_task_stack = false;
}

static bool next_record(struct walk *walk, struct record *ret)
{
	unsigned long fp = walk->fp;

	if (fp % sizeof(long))
		return false;
	if (!walk->on_task_stack && lies_on_task_stack(fp))
		choose_task_stack(walk, fp);
	if (fp < walk->low || fp >= walk->high ||
	    walk->high - fp < sizeof(*ret))
		return false;
	if (copy_from_kernel_nofault(ret, (void *)fp, sizeof(*ret)))
		return false;
	walk->low = fp + sizeof(*ret);
	walk->fp = ret->fp;
	return true;
}

unsigned int rp_stack_kernel(struct pt_regs *regs, u64 *addr, unsigned int max,
			     u8 *ret_stop)
{
	struct record record;
	struct walk walk;
	unsigned int nr = 0;
	unsigned long x30;

	if (!regs) {
		*ret_stop = RP_STOP_NO_REGS;
		return 0;
	}
	addr[nr++] = instruction_pointer(regs);
	x30 = rp_code_address(regs->regs[30]);
	if (max > 1 && rp_x30_is_caller(instruction_pointer(regs), x30))
		addr[nr++] = x30;
	walk.fp = frame_pointer(regs);
	choose_stack_of(&walk, regs->sp);
	*ret_stop = RP_STOP_UNWINDER;
	while (next_record(&walk, &record)) {
		/* Until 5.9 the last record has a return address: the entry code's. */
		if (record.lr) {
			if (nr == max) {
				*ret_stop = RP_STOP_DEPTH;
				break;
			}
			addr[nr++] = rp_code_address(record.lr);
		}
		if (!record.fp) {
			if (walk.on_task_stack)
				*ret_stop = RP_STOP_ROOT;
			break;
		}
	}
	return nr;
}
#endif
