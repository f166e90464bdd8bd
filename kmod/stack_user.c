// SPDX-License-Identifier: GPL-2.0
/*
 * stack_user.c - by frame pointers, where there are no tables to walk by
 * (stack_user_tables.c): at the frame pointer lie the caller's frame
 * pointer and the return address, in that order, on x86 and arm64 alike.
 *
 * Contexts: hard interrupt or NMI that came while `current` ran; the first read asks if
 * its page tables are loaded (they need not be in an NMI, or in a call of the firmware),
 * and page faults are disabled, so that a page that is not there ends the walk. Everything
 * read is a stranger's word: addresses are checked (compat/uaccess.h), the chain must
 * rise, and max bounds it.
 *
 * A chain that ends in a null frame pointer is a whole stack: the ABIs have
 * _start clear it. Code that uses the register for other things may hold a null
 * there by chance, so at the leaf itself it proves nothing.
 */
#include <linux/kernel.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/uaccess.h>

#include "code_address.h"
#include "compat/uaccess.h"
#include "compat/user_regs.h"
#include "stack.h"
#include "stack_user.h"
#include "stack_user_arm32.h"
#include "table.h"
#include "../proto/counters.h"

bool rp_stack_user_is_32bit(struct pt_regs *regs)
{
	return rp_user_regs_32bit(regs);
}

static __always_inline bool read_frame(struct rp_user_words *words, unsigned long fp,
				       bool is_32bit, unsigned long *ret_fp,
				       unsigned long *ret_ip)
{
	union {
		unsigned long word;
		u32 half[2];
	} both;

	if (!is_32bit || sizeof(long) == sizeof(u32))
		return rp_read_user_pair(words, ret_fp, ret_ip, fp);
	/* A 32-bit program's frame is one word of a 64-bit kernel's. */
	if (!rp_read_user_long(words, &both.word, fp))
		return false;
	*ret_fp = both.half[0];
	*ret_ip = both.half[1];
	return true;
}

/* Once for each size of words, so that nothing is asked for each frame. */
static __always_inline unsigned int walk(struct pt_regs *regs, bool is_32bit, u64 *addr,
					 unsigned int max, u8 *ret_stop)
{
	const unsigned long word = is_32bit ? 4 : sizeof(long);
	unsigned long above = rp_untagged(rp_user_stack_pointer(regs));
	struct rp_user_words words = { 0 };
	unsigned long fp, next, ip;
	unsigned int nr = 0;
	u8 stop;

	addr[nr++] = instruction_pointer(regs);
	pagefault_disable();
	fp = rp_untagged(rp_user_frame_pointer(regs));
	for (;;) {
		if (!fp) {
			stop = nr > 1 ? RP_STOP_ROOT : RP_STOP_FRAME;
			break;
		}
		if (fp < above || fp % word) {
			stop = RP_STOP_FRAME;
			break;
		}
		if (nr == max) {
			stop = RP_STOP_DEPTH;
			break;
		}
		if (!read_frame(&words, fp, is_32bit, &next, &ip)) {
			stop = RP_STOP_FAULT;
			break;
		}
		if (!ip) {
			stop = next ? RP_STOP_FRAME : RP_STOP_ROOT;
			break;
		}
		addr[nr++] = rp_code_address(ip);
		above = fp + 2 * word;
		fp = rp_untagged(next);
	}
	pagefault_enable();
	*ret_stop = stop;
	return nr;
}

unsigned int rp_stack_user(struct pt_regs *regs, const struct rp_stack_guides *guides,
			   u64 *addr, unsigned int max, u8 *ret_stop, bool *ret_by_fp)
{
	unsigned int nr;

	*ret_by_fp = false;
	/* An io worker never was in user mode. */
	if (!instruction_pointer(regs) || !rp_user_regs_known(regs)) {
		*ret_stop = RP_STOP_NO_REGS;
		return 0;
	}
#ifdef RP_STACK_USER_ARM32
	if (rp_stack_user_is_32bit(regs))
		return rp_stack_user_arm32(regs, addr, max, ret_stop);
#endif
#ifdef RP_TABLES
	if (guides->maps && !rp_stack_user_is_32bit(regs) && rp_user_stack_pointer(regs))
		return rp_stack_user_tables(regs, guides, addr, max, ret_stop, ret_by_fp);
#endif
	nr = rp_stack_user_is_32bit(regs) ? walk(regs, true, addr, max, ret_stop) :
					    walk(regs, false, addr, max, ret_stop);
	*ret_by_fp = nr > 1;
	return nr;
}
