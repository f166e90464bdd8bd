/* SPDX-License-Identifier: GPL-2.0 */
/*
 * unwind.h - unwind tables: how user code that keeps no frame pointers is left for its
 * caller. User space compiles them from .eh_frame; the module steps through them.
 *
 * A table belongs to one file and one machine, and is one block of memory:
 *
 *	struct rp_unwind_table		the header
 *	__u32 first[nr_blocks + 1]	per block of RP_UNWIND_BLOCK bytes of the file:
 *					its first row; the last is nr_rows
 *	struct rp_unwind_row [nr_rows]	4 bytes each, by block, in it by `at`, ascending
 *	struct rp_unwind_rule [nr_rules]
 *
 * Places are offsets in the file, not addresses: what a mapping says of itself (start,
 * offset) turns a program counter into one, and nothing else has to be known of how a
 * file was linked. A row holds from its place to the next row's; rule 0 says that
 * nothing is known, and is what holds before the first row.
 *
 * A rule is a row of the table that the DWARF standard (6.4.1) describes, reduced to what
 * a walk needs: the canonical frame address (CFA: the stack pointer's value before the
 * call), the return address and the caller's frame pointer. Registers have DWARF's
 * numbers. The rest of a file's descriptions cannot be said here; the compiler counts it.
 *
 * The module takes tables from user space and believes nothing: rp_unwind_check_*() makes
 * sure that looking up stays within the table. What a rule says may be wrong; a step
 * reads one or two words of user memory by way of the caller's reader, whatever it says.
 */
#ifndef RINGPROF_UNWIND_H
#define RINGPROF_UNWIND_H

#include <linux/types.h>

#define RP_UNWIND_MAGIC 0x54555052u	/* "RPUT" in memory on little endian */
#define RP_UNWIND_VERSION 1

#define RP_UNWIND_BLOCK_SHIFT 10
#define RP_UNWIND_BLOCK (1u << RP_UNWIND_BLOCK_SHIFT)
#define RP_UNWIND_BLOCKS_MAX (1u << 20)	/* a gigabyte of code */
#define RP_UNWIND_ROWS_MAX (1u << 24)
#define RP_UNWIND_RULES_MAX (1u << 16)

enum rp_unwind_machine {
	RP_UNWIND_X86_64 = 1,
	RP_UNWIND_ARM64,
};

struct rp_unwind_table {
	__u32 magic;
	__u16 version;
	__u16 machine;		/* enum rp_unwind_machine */
	__u64 base;		/* of block 0, in the file; a multiple of RP_UNWIND_BLOCK */
	__u32 nr_blocks;	/* 1 .. */
	__u32 nr_rows;
	__u32 nr_rules;		/* 1 .. */
	__u32 reserved;		/* 0 */
};

struct rp_unwind_row {
	__u16 at;		/* bytes from its block's start */
	__u16 rule;
};

/* How the CFA is found. */
enum rp_unwind_cfa {
	RP_UNWIND_CFA_NONE,	/* not: by the frame pointer, if at all */
	RP_UNWIND_CFA_REG,	/* reg + offset */
	RP_UNWIND_CFA_DEREF,	/* *(reg + offset) + add */
	RP_UNWIND_CFA_PLT,	/* SP + offset, + add in the last instructions of an entry:
				 * where (pc & 15) >= reg
				 */
	RP_UNWIND_CFA_SIGNAL,	/* this is the return from a signal's handler: all
				 * registers are those that the kernel has saved
				 */
	RP_UNWIND_CFA_UNSAID,	/* the description says more than a rule can */
	RP_UNWIND_CFA_NR
};

/* Where the return address and the caller's frame pointer are. */
enum rp_unwind_where {
	RP_UNWIND_SAME,		/* in the register, as it is (RA: in the link register) */
	RP_UNWIND_SAVED,	/* at CFA + offset */
	RP_UNWIND_LOST,		/* RA: nobody called this, the stack ends here. FP: gone */
	RP_UNWIND_ELSEWHERE,	/* where a rule cannot say */
	RP_UNWIND_SAVED_REG,	/* FP: at reg + offset, the CFA's own register: a frame that
				 * was aligned keeps the way back to its CFA beside it. RA: no
				 */
	RP_UNWIND_WHERE_NR
};

struct rp_unwind_rule {
	__u8 cfa;		/* enum rp_unwind_cfa */
	__u8 reg;
	__u8 ra, fp;		/* enum rp_unwind_where */
	__s32 offset, add;	/* of the CFA; bytes, as the others */
	__s32 ra_offset, fp_offset;
};

#define RP_ASSERT_UNWIND(ASSERT) \
	ASSERT(sizeof(struct rp_unwind_table) == 32); \
	ASSERT(sizeof(struct rp_unwind_row) == 4); \
	ASSERT(sizeof(struct rp_unwind_rule) == 20)

static inline const __u32 *rp_unwind_first(const struct rp_unwind_table *t)
{
	return (const __u32 *)(t + 1);
}

static inline const struct rp_unwind_row *rp_unwind_rows(const struct rp_unwind_table *t)
{
	return (const struct rp_unwind_row *)(rp_unwind_first(t) + t->nr_blocks + 1);
}

static inline const struct rp_unwind_rule *rp_unwind_rules(const struct rp_unwind_table *t)
{
	return (const struct rp_unwind_rule *)(rp_unwind_rows(t) + t->nr_rows);
}

/* ---- is it one? --------------------------------------------------------- */

/* The size that a table with this header has, or 0: it is none. Bytes. */
static inline __u64 rp_unwind_size(const struct rp_unwind_table *t)
{
	if (t->magic != RP_UNWIND_MAGIC || t->version != RP_UNWIND_VERSION ||
	    t->machine < RP_UNWIND_X86_64 || t->machine > RP_UNWIND_ARM64 ||
	    t->base & (RP_UNWIND_BLOCK - 1) || t->base >> 62 || t->reserved ||
	    !t->nr_blocks || t->nr_blocks > RP_UNWIND_BLOCKS_MAX ||
	    t->nr_rows > RP_UNWIND_ROWS_MAX ||
	    !t->nr_rules || t->nr_rules > RP_UNWIND_RULES_MAX)
		return 0;
	return sizeof(*t) + ((__u64)t->nr_blocks + 1) * sizeof(__u32) +
	       (__u64)t->nr_rows * sizeof(struct rp_unwind_row) +
	       (__u64)t->nr_rules * sizeof(struct rp_unwind_rule);
}

static inline _Bool rp_unwind_check_rule(const struct rp_unwind_rule *r)
{
	return r->cfa < RP_UNWIND_CFA_NR && r->ra < RP_UNWIND_WHERE_NR &&
	       r->fp < RP_UNWIND_WHERE_NR;
}

/* Of a table whose size has been checked. */
static inline _Bool rp_unwind_check_rules(const struct rp_unwind_table *t)
{
	const struct rp_unwind_rule *rules = rp_unwind_rules(t);
	__u32 i;

	for (i = 0; i < t->nr_rules; i++)
		if (!rp_unwind_check_rule(&rules[i]))
			return 0;
	return rules[0].cfa == RP_UNWIND_CFA_NONE;
}

/*
 * Blocks [from, to), of a table whose size has been checked: a part at a time, for who
 * has to give way in between. All of them, and the rules, make a table that is one.
 */
static inline _Bool rp_unwind_check_blocks(const struct rp_unwind_table *t, __u32 from,
					   __u32 to)
{
	const __u32 *first = rp_unwind_first(t);
	const struct rp_unwind_row *rows = rp_unwind_rows(t);
	__u32 block, i;

	if (from > to || to > t->nr_blocks || first[0] != 0 ||
	    first[t->nr_blocks] != t->nr_rows)
		return 0;
	for (block = from; block < to; block++) {
		if (first[block] > first[block + 1] || first[block + 1] > t->nr_rows)
			return 0;
		for (i = first[block]; i < first[block + 1]; i++) {
			if (rows[i].at >= RP_UNWIND_BLOCK || rows[i].rule >= t->nr_rules)
				return 0;
			if (i > first[block] && rows[i].at <= rows[i - 1].at)
				return 0;
		}
	}
	return 1;
}

/* ---- looking up ---------------------------------------------------------- */

/* The rule for a place in the file; never NULL. Any context. */
static inline const struct rp_unwind_rule *
rp_unwind_find(const struct rp_unwind_table *t, __u64 offset)
{
	const struct rp_unwind_row *rows = rp_unwind_rows(t);
	const __u32 *first = rp_unwind_first(t);
	__u64 block = (offset - t->base) >> RP_UNWIND_BLOCK_SHIFT;
	__u16 at = offset & (RP_UNWIND_BLOCK - 1);
	__u32 row, nr, half;

	if (block >= t->nr_blocks)	/* also below base, which is below 1 << 62 */
		return rp_unwind_rules(t);
	row = first[block];
	nr = first[block + 1] - row;
	for (; nr > 1; nr -= half) {	/* the last of them that is not behind the place */
		half = nr / 2;
		if (rows[row + half].at <= at)
			row += half;
	}
	if ((!nr || rows[row].at > at) && !row--)	/* or the one before the block */
		return rp_unwind_rules(t);
	return &rp_unwind_rules(t)[rows[row].rule];
}

/* ---- stepping ------------------------------------------------------------- */

/*
 * A thread's registers as far as they are known in one frame. `exact`: pc was interrupted
 * here (the first frame, and below a signal's); else it is a return address, which
 * belongs to the call before it, and of the registers only SP, and FP if fp_known, are
 * this frame's. *other* registers of an exact frame are for the reader to know.
 * sp_below: arm64 code was left by its frame pointer, and where in a frame it points to is
 * the compiler's choice: SP is somewhere above `sp`.
 */
struct rp_unwind_state {
	__u64 pc, sp, fp, lr;
	_Bool exact;
	_Bool fp_known;
	_Bool sp_below;
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

/* DWARF's numbers of SP and FP. */
static __always_inline unsigned int rp_unwind_sp(enum rp_unwind_machine m)
{
	return m == RP_UNWIND_X86_64 ? 7 : 31;
}

static __always_inline unsigned int rp_unwind_fp(enum rp_unwind_machine m)
{
	return m == RP_UNWIND_X86_64 ? 6 : 29;
}

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

/*
 * By rules as nearly all of them are; NO_RULE: another one. What rp_unwind_one does with
 * any rule would come to the same.
 */
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

/*
 * From a frame to its caller's. A state is changed only by CALLER and SIGNALLED. With
 * CALLER the stack has risen, or, once, at an exact frame, it is as it was and the return
 * address was in the link register: so there are at most as many steps as words of stack.
 * (Nothing bounds them but a caller's limit when signals' frames come into it.)
 */
static __always_inline enum rp_unwind_step
rp_unwind_one(struct rp_unwind_state *s, const struct rp_unwind_rule *rule,
	      enum rp_unwind_machine m, const struct rp_unwind_reader *r)
{
	__u64 cfa = 0, pc, at, fp = s->fp;
	_Bool fp_known = s->fp_known;
	enum rp_unwind_step step;

	step = rp_unwind_usual(s, rule, m, r);
	if (step != RP_UNWIND_NO_RULE)
		return step;
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

/*
 * The same by the frame pointer, for code without rules: at it lie the caller's frame
 * pointer and the return address. A frame pointer of 0 ends the stack, as the ABIs have
 * programs' and threads' first functions set it; but not in an exact frame, where code
 * without frame pointers may have it for something else.
 */
static __always_inline enum rp_unwind_step
rp_unwind_by_fp(struct rp_unwind_state *s, enum rp_unwind_machine m,
		const struct rp_unwind_reader *r)
{
	__u64 fp, pc;

	if (!s->fp_known)
		return RP_UNWIND_NO_REGISTER;
	if (!s->fp && !s->exact)
		return RP_UNWIND_ROOT;
	if (s->fp < s->sp || s->fp & 7)
		return RP_UNWIND_BACKWARDS;
	if (!r->read(r->arg, s->fp, &fp) || !r->read(r->arg, s->fp + 8, &pc))
		return RP_UNWIND_NO_MEMORY;
	s->sp = s->fp + 16;
	s->sp_below = m == RP_UNWIND_ARM64;
	s->fp = fp;
	s->pc = r->code(pc);
	s->exact = 0;
	return RP_UNWIND_CALLER;
}

#endif
