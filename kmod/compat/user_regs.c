// SPDX-License-Identifier: GPL-2.0
/*
 * user_regs.c - where x86-64 kernels until 4.0 keep the user's stack pointer during a system
 * call: in a variable of the CPU, which no module is given. It is found by its name when the
 * module is loaded, where the kernel's list of symbols has data in it (CONFIG_KALLSYMS_ALL).
 *
 * Contexts: found in task context, read in any. The entry code writes it before it enables
 * interrupts, and a switch of tasks saves and loads it with them disabled: so in an interrupt
 * it is the current task's. An NMI may come to a switch between that and `current`, a few
 * instructions; if the tasks share their memory, it is then another thread's stack that is
 * read.
 */
#include "user_regs.h"

#if defined(CONFIG_X86_64) && defined(RP_HAVE_THREAD_USERSP)
#include <linux/kallsyms.h>

/* Written once, before there are samples. */
unsigned long __percpu *rp_old_rsp;

void rp_user_regs_find(void)
{
	rp_old_rsp = (unsigned long __percpu *)kallsyms_lookup_name("old_rsp");
	if (!rp_old_rsp)
		pr_info("no symbol old_rsp: user stacks of system calls end at their first frame where code keeps no frame pointers\n");
}
#endif
