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
 * Registers in the kernel below which there is nothing: the stack is empty, or, in a kernel
 * with frame pointers, what the entry code called has set up no frame yet, so that its mark
 * of the task's entry registers (ENCODE_FRAME_POINTER, encode_frame_pointer() in asm/frame.h)
 * still is the frame pointer. The unwinder by frame pointers would take what a new kernel
 * thread has in their place for an interrupt's, and complain of them in the kernel's log. (On
 * 32-bit x86, where the mark is another since 4.14, it does not complain.)
 */
static inline bool rp_root_regs(struct pt_regs *regs)
{
	unsigned long entry = (unsigned long)task_pt_regs(current);

	return kernel_stack_pointer(regs) == entry ||
	       (IS_ENABLED(CONFIG_FRAME_POINTER) && regs->bp == (entry | 1));
}

#endif
