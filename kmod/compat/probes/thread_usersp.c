// SPDX-License-Identifier: GPL-2.0
/* x86-64 until 4.0: system calls keep the user's stack pointer beside pt_regs. */
#include <linux/sched.h>

unsigned long probe(struct thread_struct *thread);
unsigned long probe(struct thread_struct *thread)
{
	return thread->usersp;
}
