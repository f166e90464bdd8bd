// SPDX-License-Identifier: GPL-2.0
/*
 * x86 since 4.9: an unwinder that starts at registers.
 * exported: __unwind_start unwind_next_frame unwind_get_return_address
 */
#include <linux/sched.h>
#include <asm/unwind.h>

unsigned long probe(struct pt_regs *regs);
unsigned long probe(struct pt_regs *regs)
{
	struct unwind_state state;

	unwind_start(&state, current, regs, NULL);
	while (!unwind_done(&state))
		unwind_next_frame(&state);
	return unwind_get_return_address(&state);
}
