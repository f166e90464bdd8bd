/* SPDX-License-Identifier: GPL-2.0 */
/*
 * unwind_step.h - one step by a rule of an unwind table (unwind.h), or by the frame pointer,
 * from a frame to its caller's. Pure, for any context: what it reads its caller reads.
 */
#ifndef RINGPROF_UNWIND_STEP_H
#define RINGPROF_UNWIND_STEP_H

#include "unwind.h"

/*
 * A thread's registers as far as they are known in one frame. `exact`: pc was interrupted
 * here (the first frame, and below a signal's); else it is a return address, which
 * belongs to the call before it, and of the registers only SP, and FP if fp_known, are
 * this frame's. *other* registers of an exact frame are for the reader to know.
 * sp_below: arm64 code was left by its frame pointer, and where in a frame it points to is
 * the compiler's choice: SP is somewhere above `sp`. other_stack: the walk has come from one
 * stack down to another.
 */
struct rp_unwind_state {
	__u64 pc, sp, fp, lr;
	_Bool exact;
	_Bool fp_known;
	_Bool sp_below;
	_Bool other_stack;
};

/*
 * What a step needs from outside. Constant functions of an includer are inlined.
 * read	a word of user memory; false: it cannot be had
 * reg	a register other than SP and FP in an exact frame; false: not known
 * code	a return address without what may have been added to it (arm64's signature)
 */
struct rp_unwind_reader {
	_Bool (*read)(void *arg, __u64 address, __u64 *ret);
	_Bool (*reg)(void *arg, unsigned int reg, __u64 *ret);
	__u64 (*code)(__u64 address);
	void *arg;
};

enum rp_unwind_step {
	RP_UNWIND_CALLER,	/* state is now the caller's */
	RP_UNWIND_SIGNALLED,	/* state is now that of what a signal interrupted; `reg` has
				 * to be answered from the registers saved at `sp` before
				 */
	RP_UNWIND_OTHER_STACK,	/* state is now the caller's, on a stack that lies lower */
	RP_UNWIND_ROOT,		/* nobody called this */
	RP_UNWIND_NO_RULE,	/* nothing known: state as it was */
	RP_UNWIND_UNSAID_RULE,	/* the rule says less than its description did */
	RP_UNWIND_NO_REGISTER,	/* a register that is not known in this frame */
	RP_UNWIND_NO_MEMORY,	/* the stack could not be read */
	RP_UNWIND_BACKWARDS,	/* the stack would not rise */
};

/* The place to look a state's rule up at: of the call, not behind it. */
static inline __u64 rp_unwind_place(const struct rp_unwind_state *s)
{
	return s->exact ? s->pc : s->pc - 1;
}

/* Constant functions of a reader are then called directly, or not at all. */
#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif

/*
 * Where the kernel saves registers for a signal's handler, from SP in the function that
 * the handler returns to. x86-64: struct ucontext, whose gregs begin at 40. arm64:
 * struct rt_sigframe: siginfo of 128 bytes, then struct ucontext, whose uc_mcontext, at
 * 176, has the fault's address, x0 to x30, sp, pc.
 */
#define RP_UNWIND_X86_64_SAVED 40
#define RP_UNWIND_ARM64_SAVED (128 + 176 + 8)

/* DWARF's number of an x86-64 register -> its word there. 16 is the return address. */
static __always_inline unsigned int rp_unwind_x86_64_word(unsigned int reg)
{
	static const __u8 word[] = { 13, 12, 14, 11, 9, 8, 10, 15, 0, 1, 2, 3, 4, 5, 6, 7, 16 };

	return word[reg];
}

/* Where a register (16 or 32: the program counter) is saved; 0: there is none. */
static __always_inline __u64 rp_unwind_saved_at(enum rp_unwind_machine m, __u64 sp,
						unsigned int reg)
{
	if (m == RP_UNWIND_X86_64)
		return reg > 16 ? 0 :
		       sp + RP_UNWIND_X86_64_SAVED + 8 * rp_unwind_x86_64_word(reg);
	return reg > 32 ? 0 : sp + RP_UNWIND_ARM64_SAVED + 8 * reg;
}

static __always_inline enum rp_unwind_step
rp_unwind_signal(struct rp_unwind_state *s, enum rp_unwind_machine m,
		 const struct rp_unwind_reader *r)
{
	unsigned int pc_reg = m == RP_UNWIND_X86_64 ? 16 : 32;
	struct rp_unwind_state from = { .exact = 1, .fp_known = 1 };

	if (!r->read(r->arg, rp_unwind_saved_at(m, s->sp, pc_reg), &from.pc) ||
	    !r->read(r->arg, rp_unwind_saved_at(m, s->sp, rp_unwind_sp(m)), &from.sp) ||
	    !r->read(r->arg, rp_unwind_saved_at(m, s->sp, rp_unwind_fp(m)), &from.fp) ||
	    (m == RP_UNWIND_ARM64 &&
	     !r->read(r->arg, rp_unwind_saved_at(m, s->sp, 30), &from.lr)))
		return RP_UNWIND_NO_MEMORY;
	*s = from;
	return RP_UNWIND_SIGNALLED;
}

static __always_inline enum rp_unwind_step
rp_unwind_register(const struct rp_unwind_state *s, enum rp_unwind_machine m,
		   const struct rp_unwind_reader *r, unsigned int reg, __u64 *ret)
{
	if (m == RP_UNWIND_ARM64 && reg == rp_unwind_sp(m) && s->sp_below)
		return RP_UNWIND_NO_REGISTER;
	if (reg == rp_unwind_sp(m))
		*ret = s->sp;
	else if (reg == rp_unwind_fp(m) && s->fp_known)
		*ret = s->fp;
	else if (reg == rp_unwind_fp(m) || !s->exact || !r->reg(r->arg, reg, ret))
		return RP_UNWIND_NO_REGISTER;
	return RP_UNWIND_CALLER;
}

static __always_inline enum rp_unwind_step
rp_unwind_cfa(const struct rp_unwind_state *s, const struct rp_unwind_rule *rule,
	      enum rp_unwind_machine m, const struct rp_unwind_reader *r, __u64 *ret)
{
	enum rp_unwind_step step;
	__u64 at;

	if (__builtin_expect(rule->cfa == RP_UNWIND_CFA_REG, 1)) {
		step = rp_unwind_register(s, m, r, rule->reg, ret);
		*ret += (__u64)rule->offset;
		return step;
	}
	switch (rule->cfa) {
	case RP_UNWIND_CFA_DEREF:
		step = rp_unwind_register(s, m, r, rule->reg, &at);
		if (step != RP_UNWIND_CALLER)
			return step;
		if (!r->read(r->arg, at + (__u64)rule->offset, ret))
			return RP_UNWIND_NO_MEMORY;
		*ret += (__u64)rule->add;
		return RP_UNWIND_CALLER;
	case RP_UNWIND_CFA_PLT:
		*ret = s->sp + (__u64)rule->offset;
		if ((s->pc & 15) >= rule->reg)
			*ret += (__u64)rule->add;
		return RP_UNWIND_CALLER;
	case RP_UNWIND_CFA_UNSAID:
		return RP_UNWIND_UNSAID_RULE;
	default:
		return RP_UNWIND_NO_RULE;
	}
}

/*
 * Where SP is not known: a function of arm64 that has saved FP and LR side by side has FP
 * point there while it calls others: the ABI (AAPCS64, "The Frame Pointer") wants that of
 * code that keeps frame pointers.
 */
static __always_inline _Bool
rp_unwind_cfa_by_record(const struct rp_unwind_state *s, const struct rp_unwind_rule *rule,
			__u64 *ret)
{
	if (!s->sp_below || !s->fp_known || rule->cfa != RP_UNWIND_CFA_REG ||
	    rule->fp != RP_UNWIND_SAVED || rule->ra != RP_UNWIND_SAVED ||
	    (__s64)rule->ra_offset != (__s64)rule->fp_offset + 8)
		return 0;
	*ret = s->fp - (__u64)rule->fp_offset;
	return 1;
}

/* By any rule; contract: rp_unwind_one's. */
static __always_inline enum rp_unwind_step
rp_unwind_any(struct rp_unwind_state *s, const struct rp_unwind_rule *rule,
	      enum rp_unwind_machine m, const struct rp_unwind_reader *r)
{
	__u64 cfa = 0, pc, at, fp = s->fp;
	_Bool fp_known = s->fp_known;
	enum rp_unwind_step step;

	if (rule->cfa == RP_UNWIND_CFA_SIGNAL) {
		/* By frame pointers the stack goes on, without the interrupted function. */
		if (m == RP_UNWIND_ARM64 && s->sp_below)
			return RP_UNWIND_NO_RULE;
		return rp_unwind_signal(s, m, r);
	}
	if (rule->ra == RP_UNWIND_LOST && rule->cfa != RP_UNWIND_CFA_NONE)
		return RP_UNWIND_ROOT;
	step = rp_unwind_cfa(s, rule, m, r, &cfa);
	if (step != RP_UNWIND_CALLER &&
	    (m != RP_UNWIND_ARM64 || !rp_unwind_cfa_by_record(s, rule, &cfa)))
		return step;
	if (cfa < s->sp || (cfa == s->sp && !(s->exact && rule->ra == RP_UNWIND_SAME)))
		return RP_UNWIND_BACKWARDS;

	if (rule->ra == RP_UNWIND_SAVED) {
		if (!r->read(r->arg, cfa + (__u64)rule->ra_offset, &pc))
			return RP_UNWIND_NO_MEMORY;
	} else {
		if (rule->ra != RP_UNWIND_SAME || m == RP_UNWIND_X86_64)
			return RP_UNWIND_UNSAID_RULE;
		if (!s->exact)
			return RP_UNWIND_NO_REGISTER;
		pc = s->lr;
	}
	if (rule->fp == RP_UNWIND_SAVED || rule->fp == RP_UNWIND_SAVED_REG) {
		at = cfa;
		if (rule->fp == RP_UNWIND_SAVED_REG &&
		    rp_unwind_register(s, m, r, rule->reg, &at) != RP_UNWIND_CALLER)
			return RP_UNWIND_NO_REGISTER;
		if (!r->read(r->arg, at + (__u64)rule->fp_offset, &fp))
			return RP_UNWIND_NO_MEMORY;
		fp_known = 1;
	} else if (rule->fp != RP_UNWIND_SAME) {
		fp_known = 0;
	}
	s->pc = r->code(pc);
	s->sp = cfa;
	s->fp = fp;
	s->fp_known = fp_known;
	s->sp_below = 0;
	s->exact = 0;
	return RP_UNWIND_CALLER;
}

/* All kinds that make up a rule, in one number. */
static __always_inline __u32 rp_unwind_shape(__u32 cfa, __u32 reg, __u32 ra, __u32 fp)
{
	return cfa | reg << 8 | ra << 16 | fp << 24;
}

/* The return address is saved; the frame pointer is saved, too, or as it was. */
static __always_inline enum rp_unwind_step
rp_unwind_saved(struct rp_unwind_state *s, const struct rp_unwind_rule *rule, __u64 from,
		_Bool fp_saved, const struct rp_unwind_reader *r)
{
	__u64 cfa = from + (__u64)rule->offset, pc, fp = s->fp;

	if (cfa <= s->sp)
		return RP_UNWIND_BACKWARDS;
	if (!r->read(r->arg, cfa + (__u64)rule->ra_offset, &pc) ||
	    (fp_saved && !r->read(r->arg, cfa + (__u64)rule->fp_offset, &fp)))
		return RP_UNWIND_NO_MEMORY;
	s->pc = r->code(pc);
	s->sp = cfa;
	s->fp = fp;
	s->fp_known |= fp_saved;
	s->exact = 0;
	return RP_UNWIND_CALLER;
}

/* By rules as nearly all of them are, as rp_unwind_any; NO_RULE: another one. */
static __always_inline enum rp_unwind_step
rp_unwind_usual(struct rp_unwind_state *s, const struct rp_unwind_rule *rule,
		enum rp_unwind_machine m, const struct rp_unwind_reader *r)
{
	__u32 shape = rp_unwind_shape(rule->cfa, rule->reg, rule->ra, rule->fp);
	const __u32 saved = RP_UNWIND_SAVED, same = RP_UNWIND_SAME;

	if (m == RP_UNWIND_ARM64 && s->sp_below)
		return RP_UNWIND_NO_RULE;
	if (shape == rp_unwind_shape(RP_UNWIND_CFA_REG, rp_unwind_fp(m), saved, saved) &&
	    s->fp_known)
		return rp_unwind_saved(s, rule, s->fp, 1, r);
	if (shape == rp_unwind_shape(RP_UNWIND_CFA_REG, rp_unwind_sp(m), saved, same))
		return rp_unwind_saved(s, rule, s->sp, 0, r);
	if (shape == rp_unwind_shape(RP_UNWIND_CFA_REG, rp_unwind_sp(m), saved, saved))
		return rp_unwind_saved(s, rule, s->sp, 1, r);
	return RP_UNWIND_NO_RULE;
}

/*
 * From a frame to its caller's. A state is changed only by CALLER, SIGNALLED and (by frame
 * pointers) OTHER_STACK. With CALLER the stack has risen, or, once, at an exact frame, it is
 * as it was and the return address was in the link register: so there are at most as many
 * steps as words of stack. (Nothing bounds them but a caller's limit when signals' frames
 * come into it.)
 */
static __always_inline enum rp_unwind_step
rp_unwind_one(struct rp_unwind_state *s, const struct rp_unwind_rule *rule,
	      enum rp_unwind_machine m, const struct rp_unwind_reader *r)
{
	enum rp_unwind_step step = rp_unwind_usual(s, rule, m, r);

	return step == RP_UNWIND_NO_RULE ? rp_unwind_any(s, rule, m, r) : step;
}

/*
 * The same by the frame pointer, for code without rules: at it lie the caller's frame
 * pointer and the return address. A frame pointer of 0 ends the stack, as the ABIs have
 * programs' and threads' first functions set it; but not in an exact frame, where code
 * without frame pointers may have it for something else.
 * A runtime may keep stacks of its own and leave one of them for another in mid-chain (Go's
 * systemstack()). To one that lies lower the chain is followed once, which bounds the walk
 * still; the caller has to be sure that the address there is one of the same program's code.
 */
static __always_inline enum rp_unwind_step
rp_unwind_by_fp(struct rp_unwind_state *s, enum rp_unwind_machine m,
		const struct rp_unwind_reader *r)
{
	__u64 fp, pc;
	_Bool other;

	if (!s->fp_known)
		return RP_UNWIND_NO_REGISTER;
	if (!s->fp)
		return s->exact ? RP_UNWIND_BACKWARDS : RP_UNWIND_ROOT;
	other = s->fp < s->sp;
	if (s->fp & 7 || (other && s->other_stack))
		return RP_UNWIND_BACKWARDS;
	if (!r->read(r->arg, s->fp, &fp) || !r->read(r->arg, s->fp + 8, &pc))
		return other ? RP_UNWIND_BACKWARDS : RP_UNWIND_NO_MEMORY;
	s->sp = s->fp + 16;
	s->sp_below = m == RP_UNWIND_ARM64;
	s->fp = fp;
	s->pc = r->code(pc);
	s->exact = 0;
	s->other_stack |= other;
	return other ? RP_UNWIND_OTHER_STACK : RP_UNWIND_CALLER;
}

#endif
