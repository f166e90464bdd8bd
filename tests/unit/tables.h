/* SPDX-License-Identifier: GPL-2.0 */
/* A small unwind table, for tests that only pass tables on. */
#ifndef RP_TEST_TABLES_H
#define RP_TEST_TABLES_H

#include <stdlib.h>
#include <string.h>

#include "proto/unwind.h"

/* One block, two rows, two rules; `mark` makes it different from others. Free it. */
static inline void *make_table(int mark, size_t *ret_size)
{
	const struct rp_unwind_table head = {
		.magic = RP_UNWIND_MAGIC, .version = RP_UNWIND_VERSION,
		.machine = RP_UNWIND_X86_64, .base = RP_UNWIND_BLOCK,
		.nr_blocks = 1, .nr_rows = 2, .nr_rules = 2,
	};
	const __u32 first[] = { 0, 2 };
	const struct rp_unwind_row rows[] = { { 16, 1 }, { 512, 0 } };
	const struct rp_unwind_rule rules[] = {
		{ .cfa = RP_UNWIND_CFA_NONE },
		{ .cfa = RP_UNWIND_CFA_REG, .reg = 7, .ra = RP_UNWIND_SAVED,
		  .offset = mark, .ra_offset = -8 },
	};
	char *table = malloc(rp_unwind_size(&head)), *at = table;

	memcpy(at, &head, sizeof(head));
	at += sizeof(head);
	memcpy(at, first, sizeof(first));
	at += sizeof(first);
	memcpy(at, rows, sizeof(rows));
	at += sizeof(rows);
	memcpy(at, rules, sizeof(rules));
	*ret_size = rp_unwind_size(&head);
	return table;
}

#endif
