/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An unwind table while it is written: rows in the order of their places, rules once
 * each; then one block as proto/unwind.h has it.
 *
 * Errors  -ENOMEM, once and for all; everything else becomes a rule that says less, and
 *	   is returned as the reason.
 */
#ifndef RP_UNWIND_ROWS_H
#define RP_UNWIND_ROWS_H

#include "proto/unwind.h"
#include "unwind_reasons.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RP_UNWIND_ROW_UNSAID 1u		/* this rule is always there, as 0 is */

struct rp_unwind_rows {
	uint64_t base;
	struct rp_unwind_row *rows;
	size_t nr_rows, room_rows;
	uint32_t *first;		/* of each block begun */
	size_t nr_blocks, room_blocks;
	struct rp_unwind_rule *rules;
	size_t nr_rules, room_rules;
	uint32_t *index;		/* hash table of rules: number, 0 is free */
	size_t index_size;		/* a power of two, twice the rules at least */
	uint64_t last_at;		/* place of the last row */
	unsigned int last_rule;
	bool full, failed;
};

/* lowest: no row will be before it. 0 or -ENOMEM; free it in both cases. */
int rp_unwind_rows_begin(struct rp_unwind_rows *r, uint64_t lowest);
void rp_unwind_rows_free(struct rp_unwind_rows *r);

/* The number of a rule, old or new. */
enum rp_unwind_reason rp_unwind_rows_rule(struct rp_unwind_rows *r,
					  const struct rp_unwind_rule *rule,
					  unsigned int *ret);

/* From a place in the file on, which is not before the last one's, a rule holds. */
enum rp_unwind_reason rp_unwind_rows_put(struct rp_unwind_rows *r, uint64_t at,
					 unsigned int rule);

/* The table, which the caller frees; what it was made of is freed. 0 or -ENOMEM. */
int rp_unwind_rows_finish(struct rp_unwind_rows *r, enum rp_unwind_machine machine,
			  struct rp_unwind_table **ret, size_t *ret_size);

#endif
