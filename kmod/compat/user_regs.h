/* SPDX-License-Identifier: GPL-2.0 */
/*
 * user_regs.h - a task's user registers, seen from an interrupt. An interrupt saves
 * all of them; a system call, on old x86-64 kernels, only what it needs:
 *
 *   RP_HAVE_THREAD_USERSP (3.10)	neither the stack pointer (user_regs.c finds that
 *			elsewhere) nor the code segment. The frame pointer's place in
 *			pt_regs is where the function that was called pushes it, if
 *			the kernel has frame pointers. For 32-bit programs it has
 *			both, but their C library makes system calls through the vDSO,
 *			which pushes the frame pointer and uses the register for other
 *			things.
 *   dump_trace or unwind_start, without wrappers for system calls (4.1 to 4.16)
 *			not the frame pointer, unless later versions of them do; that
 *			lies where the function that was called pushed it, right below
 *			pt_regs. Where the entry saves it, it also clears the register.
 *			For 32-bit programs it is always saved (4.4 and later), by C
 *			code, which comes to that in its own frame.
 *
 * Contexts: hard interrupt or NMI; regs are the interrupted ones, or task_pt_regs(current).
 */
#ifndef RINGPROF_COMPAT_USER_REGS_H
#define RINGPROF_COMPAT_USER_REGS_H

#include <linux/percpu.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>

#include "have.h"
#include "uaccess.h"

#ifdef CONFIG_X86_64
/* An interrupt or an exception has a negative number there. */
static inline bool rp_in_syscall(struct pt_regs *regs)
{
	return regs == task_pt_regs(current) && (long)regs->orig_ax >= 0;
}
#endif

/*
 * Has the way into the kernel stored all of them? An NMI may come before it has, to an
 * instruction that still has the user's stack pointer, that of the stack from which the
 * kernel's page tables are loaded (in the CPU's entry area, from 4.15 on), or one in the
 * middle of what is being stored. What lies in their place then is of an earlier entry,
 * or half of this one. Elsewhere NMIs are masked until all is stored.
 */
static inline bool rp_user_regs_stored(const struct pt_regs *interrupted)
{
#ifdef CONFIG_X86_64
	unsigned long stored = (unsigned long)task_pt_regs(current);
	unsigned long sp = interrupted ? interrupted->sp : stored;

	if (sp < TASK_SIZE_MAX || (sp > stored && sp <= stored + sizeof(*interrupted)))
		return false;
#ifdef CPU_ENTRY_AREA_PGD
	if ((long)sp >> P4D_SHIFT == (long)CPU_ENTRY_AREA_PGD)
		return false;
#endif
#endif
	return true;
}

/* False: they were never those of user code (a kernel thread's, an io worker's). */
static inline bool rp_user_regs_known(struct pt_regs *regs)
{
#if defined(CONFIG_X86_64) && defined(RP_HAVE_THREAD_USERSP)
	if (rp_in_syscall(regs))
		return true;
#endif
	return user_mode(regs);
}

static inline bool rp_user_regs_32bit(struct pt_regs *regs)
{
#if defined(CONFIG_X86_64) && defined(RP_HAVE_THREAD_USERSP)
	if (rp_in_syscall(regs))
		return test_thread_flag(TIF_IA32);
#endif
#if defined(CONFIG_X86_64)
	return !user_64bit_mode(regs);
#elif defined(CONFIG_64BIT) && defined(CONFIG_COMPAT)
	return compat_user_mode(regs);
#else
	return !IS_ENABLED(CONFIG_64BIT);
#endif
}

#if defined(CONFIG_X86_64) && defined(RP_HAVE_THREAD_USERSP)
extern unsigned long __percpu *rp_old_rsp;	/* NULL: not found */

/* When the module is loaded. */
void rp_user_regs_find(void);
#else
static inline void rp_user_regs_find(void)
{
}
#endif

/* 0: not known. */
static inline unsigned long rp_user_stack_pointer(struct pt_regs *regs)
{
#if defined(CONFIG_X86_64) && defined(RP_HAVE_THREAD_USERSP)
	if (rp_in_syscall(regs)) {
		if (rp_user_regs_32bit(regs))
			return regs->sp;
		return rp_old_rsp ? this_cpu_read(*rp_old_rsp) : 0;
	}
#endif
	return user_stack_pointer(regs);
}

#if defined(CONFIG_X86_64) && defined(RP_HAVE_THREAD_USERSP)
/*
 * The 32-bit vDSO is one page; at its system call, what it pushed last lies on top. A
 * process that exits has lost its memory by then, vDSO and all.
 */
static inline bool rp_in_vdso32(struct pt_regs *regs)
{
	struct mm_struct *mm = current->mm;

	return mm && regs->ip - (unsigned long)mm->context.vdso < PAGE_SIZE;
}

static inline unsigned long rp_user_frame_pointer(struct pt_regs *regs)
{
	u32 pushed;

	if (rp_in_syscall(regs) && rp_user_regs_32bit(regs) && rp_in_vdso32(regs))
		return rp_read_user(&pushed, (void __user *)regs->sp, sizeof(pushed)) ?
			pushed : 0;
	return frame_pointer(regs);
}
#elif defined(CONFIG_X86_64) && defined(CONFIG_FRAME_POINTER) && \
	!defined(CONFIG_ARCH_HAS_SYSCALL_WRAPPER)
static inline unsigned long rp_user_frame_pointer(struct pt_regs *regs)
{
	unsigned long pushed;

	if (!rp_in_syscall(regs))
		return regs->bp;
#ifdef RP_HAVE_VDSO_INT80_LANDING_PAD
	if (rp_user_regs_32bit(regs))
		return regs->bp;
#endif
	pushed = *((unsigned long *)regs - 2);
#ifdef RP_HAVE_DUMP_TRACE
	return pushed;
#else
	return pushed ?: regs->bp;
#endif
}
#else
static inline unsigned long rp_user_frame_pointer(struct pt_regs *regs)
{
	return frame_pointer(regs);
}
#endif

/* Is that what user code had there, for sure? */
static inline bool rp_user_frame_pointer_known(struct pt_regs *regs)
{
#if defined(CONFIG_X86_64) && !defined(CONFIG_FRAME_POINTER) && \
	!defined(CONFIG_ARCH_HAS_SYSCALL_WRAPPER)
	return !rp_in_syscall(regs);
#else
	return true;
#endif
}

/* And in all others? */
static inline bool rp_user_regs_whole(struct pt_regs *regs)
{
#if defined(CONFIG_X86_64) && !defined(CONFIG_ARCH_HAS_SYSCALL_WRAPPER)
	return !rp_in_syscall(regs);
#else
	return true;
#endif
}

#endif
