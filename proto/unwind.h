/* SPDX-License-Identifier: GPL-2.0 */
/*
 * unwind.h - unwind tables: how user code that keeps no frame pointers is left for its
 * caller. User space compiles them from .eh_frame; the module steps by them (unwind_step.h).
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

/* DWARF's numbers of SP and FP. */
static inline unsigned int rp_unwind_sp(enum rp_unwind_machine m)
{
	return m == RP_UNWIND_X86_64 ? 7 : 31;
}

static inline unsigned int rp_unwind_fp(enum rp_unwind_machine m)
{
	return m == RP_UNWIND_X86_64 ? 6 : 29;
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

#endif
