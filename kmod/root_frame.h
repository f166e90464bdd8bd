/* SPDX-License-Identifier: GPL-2.0 */
/*
 * root_frame.h - is a frame, found by frame pointers on x86, the one that the entry
 * code called? For unwinders that do not say so. Any context; frames of `current`.
 */
#ifndef RP_KMOD_ROOT_FRAME_H
#define RP_KMOD_ROOT_FRAME_H

#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>

/*
 * Such a frame, a frame pointer and a return address, lies right below the registers
 * with which the task entered the kernel (or a kernel thread's room for them), or,
 * where a system call does not save all of them, in their place. Two more words are
 * for an aligned stack.
 */
static inline bool rp_root_frame(const void *frame)
{
	unsigned long entry = (unsigned long)task_pt_regs(current);

	return (unsigned long)frame >= entry - 4 * sizeof(long) &&
	       (unsigned long)frame < (unsigned long)task_stack_page(current) + THREAD_SIZE;
}

/*
 * Registers in the kernel whose stack is empty: those of the entry code itself, or of where
 * a task begins. The unwinder by frame pointers would take what a new kernel thread has for
 * its user's registers for an interrupt's, and complain about them in the kernel's log.
 */
static inline bool rp_root_regs(struct pt_regs *regs)
{
	return kernel_stack_pointer(regs) == (unsigned long)task_pt_regs(current);
}

#endif
