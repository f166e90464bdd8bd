/* SPDX-License-Identifier: GPL-2.0 */
/*
 * table.h - unwind tables made by hand, right ones and wrong ones: for the cases, for the
 * module's store of tables (tests/kunit), and for programs that give them to the module.
 */
#ifndef RP_UNWIND_TABLE_H
#define RP_UNWIND_TABLE_H

#include "proto/unwind.h"

/* A header; its size (rp_unwind_size) is what rp_table_fill wants. */
static inline struct rp_unwind_table rp_table_header(enum rp_unwind_machine machine,
						     __u32 nr_blocks, __u32 nr_rows,
						     __u32 nr_rules)
{
	return (struct rp_unwind_table){
		.magic = RP_UNWIND_MAGIC, .version = RP_UNWIND_VERSION, .machine = machine,
		.nr_blocks = nr_blocks, .nr_rows = nr_rows, .nr_rules = nr_rules,
	};
}

/* In zeroed memory: that header and a right block index; rows are spread evenly. */
static inline void rp_table_fill(struct rp_unwind_table *t, struct rp_unwind_table header)
{
	struct rp_unwind_row *rows;
	__u32 *first, i, block;

	*t = header;
	first = (__u32 *)rp_unwind_first(t);
	rows = (struct rp_unwind_row *)rp_unwind_rows(t);
	for (block = 0; block <= t->nr_blocks; block++)
		first[block] = (__u32)((__u64)block * t->nr_rows / t->nr_blocks);
	for (block = 0; block < t->nr_blocks; block++)
		for (i = first[block]; i < first[block + 1]; i++)
			rows[i].at = (__u16)(i - first[block]);
}

static inline struct rp_unwind_rule *rp_table_rules(struct rp_unwind_table *t)
{
	return (struct rp_unwind_rule *)rp_unwind_rules(t);
}

/* What the lies are told of. */
#define RP_LIE_BLOCKS 8
#define RP_LIE_ROWS 64
#define RP_LIE_RULES 4

#define RP_LIES 30
#define RP_LIES_OF_HEADERS 12	/* of them, the first: by which it has no size at all */

/* Makes it none, by one word of it, which is another for each `which` below RP_LIES. */
static inline void rp_table_lie(struct rp_unwind_table *t, unsigned int which)
{
	struct rp_unwind_row *rows = (struct rp_unwind_row *)rp_unwind_rows(t);
	struct rp_unwind_rule *rules = rp_table_rules(t);
	__u32 *first = (__u32 *)rp_unwind_first(t);

	switch (which) {
	case 0: t->magic++; break;
	case 1: t->version++; break;
	case 2: t->machine = 0; break;
	case 3: t->machine = RP_UNWIND_ARM64 + 1; break;
	case 4: t->base = 1; break;
	case 5: t->base = 1ull << 62; break;
	case 6: t->reserved = 1; break;
	case 7: t->nr_blocks = 0; break;
	case 8: t->nr_blocks = RP_UNWIND_BLOCKS_MAX + 1; break;
	case 9: t->nr_rows = RP_UNWIND_ROWS_MAX + 1; break;
	case 10: t->nr_rules = 0; break;
	case 11: t->nr_rules = RP_UNWIND_RULES_MAX + 1; break;
	case 12: t->nr_blocks++; break;
	case 13: t->nr_rows++; break;
	case 14: t->nr_rules--; break;
	case 15: rules[0].cfa = RP_UNWIND_CFA_REG; break;	/* 0 says nothing */
	case 16: rules[3].cfa = RP_UNWIND_CFA_NR; break;
	case 17: rules[3].ra = RP_UNWIND_WHERE_NR; break;
	case 18: rules[3].fp = 255; break;
	case 19: first[0] = 1; break;
	case 20: first[8]--; break;
	case 21: first[8]++; break;
	case 22: first[4] = first[5] + 1; break;
	case 23: first[4] = first[3] - 1; break;
	case 24: first[4] = 0xffffffff; break;
	case 25: first[4]--; break;		/* its rows are then not ascending */
	case 26: rows[63].rule = RP_LIE_RULES; break;
	case 27: rows[63].at = RP_UNWIND_BLOCK; break;
	case 28: rows[9].at = rows[8].at; break;
	case 29: rows[8].at = rows[9].at + 1; break;
	}
}

#endif
