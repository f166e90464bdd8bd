// SPDX-License-Identifier: GPL-2.0
/*
 * x86: the unwinder knows errors from the root, and which registers it is at; not
 * before 4.11, nor where it guesses.
 */
#include <linux/sched.h>
#include <asm/unwind.h>

struct pt_regs *probe(struct unwind_state *state);
struct pt_regs *probe(struct unwind_state *state)
{
	return unwind_error(state) ? state->regs : unwind_get_entry_regs(state, NULL);
}
