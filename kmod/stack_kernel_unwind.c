// SPDX-License-Identifier: GPL-2.0
/*
 * stack_kernel_unwind.c - x86, by the kernel's own unwinder, started at the
 * interrupted registers, so that neither the interrupt's nor the profiler's frames
 * appear.
 *
 * Contexts: hard interrupt or NMI. The unwinder reads the current task's own stacks and
 * the kernel's tables (ORC) without locks, modules' under RCU or with preemption off.
 * Registers of the way into the kernel, with the user's stack pointer still, lie on no
 * stack that it knows, so that it ends at once.
 */
#include "compat/unwinder.h"

#ifdef RP_KERNEL_STACK_UNWIND
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <asm/unwind.h>

#include "root_frame.h"
#include "stack.h"
#include "../proto/counters.h"

/*
 * The unwinder ended where the kernel was entered from user mode, or where a
 * kernel thread began, which has room for such registers, without a user's in it.
 */
static bool at_root(struct unwind_state *state)
{
#if defined(RP_HAVE_UNWIND_REGS)
	struct pt_regs *entry;

	if (unwind_error(state))
		return false;
	if (unwind_done(state))
		return true;
	entry = unwind_get_entry_regs(state, NULL);
	return entry && (user_mode(entry) || entry == task_pt_regs(current));
#elif defined(CONFIG_FRAME_POINTER)
	/* It stays at the last frame, and takes every root for an error. */
	return rp_root_frame(state->bp);
#else
	return false;	/* it guesses from what looks like an address */
#endif
}

/* Does it tell the interrupted instruction that it starts from as a frame? */
static bool is_start(struct unwind_state *state, struct pt_regs *regs)
{
#ifdef RP_HAVE_UNWIND_REGS
	return state->regs == regs;
#else
	return false;
#endif
}

unsigned int rp_stack_kernel(struct pt_regs *regs, u64 *addr, unsigned int max,
			     u8 *ret_stop)
{
	struct unwind_state state;
	unsigned int nr = 0;
	unsigned long ip;

	if (!regs) {
		*ret_stop = RP_STOP_NO_REGS;
		return 0;
	}
	/*
	 * The interrupted instruction first, as it is: the unwinder drops what
	 * is not in the kernel's text (code of a BPF program being freed, say).
	 */
	addr[nr++] = instruction_pointer(regs);
	if (rp_root_regs(regs)) {
		*ret_stop = RP_STOP_ROOT;
		return nr;
	}
	unwind_start(&state, current, regs, NULL);
	for (; !unwind_done(&state); unwind_next_frame(&state)) {
		ip = unwind_get_return_address(&state);
		if (!ip)
			break;
		if (nr == 1 && ip == addr[0] && is_start(&state, regs))
			continue;
		if (nr == max) {
			*ret_stop = RP_STOP_DEPTH;
			return nr;
		}
		addr[nr++] = ip;
	}
	*ret_stop = at_root(&state) ? RP_STOP_ROOT : RP_STOP_UNWINDER;
	return nr;
}
#endif
