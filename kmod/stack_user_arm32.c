// SPDX-License-Identifier: GPL-2.0
/*
 * stack_user_arm32.c - 32-bit ARM code has no standard chain of frames. What compilers
 * make of -fno-omit-frame-pointer is one of these, with fp in r11 in ARM code and in
 * r7 in Thumb code, and addresses of either kind in the chain of the other:
 *
 *	record	[fp] caller's fp, [fp + 4] return address	clang; gcc, Thumb,
 *								without locals
 *	gcc	[fp - 4] caller's fp, [fp] return address	gcc, ARM
 *	leaf	[fp] caller's fp, return address in lr		gcc, ARM, the leaf only
 *
 * and gcc's Thumb code with locals has fp at no fixed place. Nothing says which one a
 * function has, so each is tried: it is taken if a call lies before the return address,
 * and the caller's fp lies above. That finds what there is to be found where a chain
 * exists, and ends where it cannot go on; where it ended by itself it is not told apart
 * from where it was lost, so every walk ends with RP_STOP_NO_CHAIN or DEPTH.
 *
 * Contexts: as in stack_user.c. Everything read is a stranger's word.
 */
#include "stack_user_arm32.h"

#ifdef RP_STACK_USER_ARM32
#include <linux/kernel.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/uaccess.h>

#include "compat/uaccess.h"
#include "stack.h"
#include "../proto/counters.h"

#ifdef CONFIG_ARM
#define user_reg(regs, n) ((u32)(regs)->uregs[n])
#define in_thumb(regs) thumb_mode(regs)
#else
#define user_reg(regs, n) ((u32)(regs)->regs[n])
#define in_thumb(regs) compat_thumb_mode(regs)
#endif
#define REG_SP 13
#define REG_LR 14

static bool read_words(u32 from, u32 *to, unsigned int nr)
{
	return from % sizeof(u32) == 0 &&
	       rp_read_user(to, (const void __user *)(unsigned long)from, nr * sizeof(u32));
}

static bool is_arm_call(u32 insn)
{
	return (insn & 0x0f000000) == 0x0b000000 ||	/* bl */
	       (insn & 0xfe000000) == 0xfa000000 ||	/* blx, to Thumb code */
	       (insn & 0x0ffffff0) == 0x012fff30;	/* blx rN */
}

static bool is_thumb_call(u16 first, u16 second)
{
	return ((first & 0xf800) == 0xf000 && (second & 0xc000) == 0xc000) ||
	       (second & 0xff87) == 0x4780;		/* bl, blx; blx rN */
}

/* A return address, with bit 0 set where it is of Thumb code: does a call precede it? */
static bool follows_call(u32 ret)
{
	const void __user *call;
	u16 half[2];
	u32 insn;

	if (!(ret & 1))
		return read_words(ret - sizeof(insn), &insn, 1) && is_arm_call(insn);
	call = (const void __user *)(unsigned long)(ret - 1 - (u32)sizeof(half));
	return rp_read_user(half, call, sizeof(half)) && is_thumb_call(half[0], half[1]);
}

struct frame {
	u32 fp;
	u32 ret;	/* where the function returns to */
	bool thumb;	/* its code */
};

static bool plausible(const struct frame *from, u32 fp, u32 ret)
{
	return (!fp || fp > from->fp) && fp % sizeof(u32) == 0 && follows_call(ret);
}

/* Goes on to the caller's frame. lr: of the leaf; 0 for the others. */
static bool next_frame(struct frame *frame, u32 lr)
{
	u32 word[3];	/* at fp - 4, fp, fp + 4 */
	u32 fp;

	if (!read_words(frame->fp - sizeof(u32), word, ARRAY_SIZE(word)))
		return false;
	if (plausible(frame, word[1], word[2])) {
		fp = word[1];
		frame->ret = word[2];
	} else if (!frame->thumb && plausible(frame, word[0], word[1])) {
		fp = word[0];
		frame->ret = word[1];
	} else if (!frame->thumb && lr && plausible(frame, word[1], lr)) {
		fp = word[1];
		frame->ret = lr;
	} else {
		return false;
	}
	frame->fp = fp;
	return true;
}

unsigned int rp_stack_user_arm32(struct pt_regs *regs, u64 *addr, unsigned int max,
				 u8 *ret_stop)
{
	struct frame frame = { .thumb = in_thumb(regs) };
	u32 lr = user_reg(regs, REG_LR);
	unsigned int nr = 0;

	addr[nr++] = (u32)instruction_pointer(regs);
	frame.fp = user_reg(regs, frame.thumb ? 7 : 11);
	*ret_stop = RP_STOP_NO_CHAIN;
	if (frame.fp < user_reg(regs, REG_SP))
		return nr;
	pagefault_disable();
	while (next_frame(&frame, lr)) {
		if (nr == max) {
			*ret_stop = RP_STOP_DEPTH;
			break;
		}
		addr[nr++] = frame.ret & ~1u;
		/* The register of the other kind of code was not saved here. */
		if (!frame.fp || frame.thumb != (frame.ret & 1))
			break;
		lr = 0;
	}
	pagefault_enable();
	return nr;
}
#endif
