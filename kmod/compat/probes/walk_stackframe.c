// SPDX-License-Identifier: GPL-2.0
/* ARM: a walk that starts at registers, exported; takes a function of frames. */
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <asm/stacktrace.h>

#ifndef CONFIG_ARM
#error "exported on ARM only"
#endif

static int one(struct stackframe *frame, void *data)
{
	return 0;
}

unsigned long probe(struct pt_regs *regs);
unsigned long probe(struct pt_regs *regs)
{
	struct stackframe frame;

	arm_get_current_stackframe(regs, &frame);
	walk_stackframe(&frame, one, NULL);
	return frame.sp;
}
