// SPDX-License-Identifier: GPL-2.0
/* Looking up in a table made by hand, and the check of a stranger's. */
#include "table.h"

static struct rp_unwind_table *new_table(enum rp_unwind_machine machine, __u32 nr_blocks,
					 __u32 nr_rows, __u32 nr_rules)
{
	struct rp_unwind_table header = rp_table_header(machine, nr_blocks, nr_rows, nr_rules);
	struct rp_unwind_table *t = fresh_memory(rp_unwind_size(&header));

	rp_table_fill(t, header);
	return t;
}

static bool is_table(const struct rp_unwind_table *t, uint64_t size)
{
	return rp_unwind_size(t) == size && rp_unwind_check_rules(t) &&
	       rp_unwind_check_blocks(t, 0, t->nr_blocks);
}

/* What the last row at or before each place says, the blocks looked through one by one. */
static void expect_found(const struct rp_unwind_table *t)
{
	const struct rp_unwind_row *row = rp_unwind_rows(t);
	const struct rp_unwind_rule *want = rp_unwind_rules(t);
	const __u32 *first = rp_unwind_first(t);
	uint32_t block, at, i;

	for (block = 0; block < t->nr_blocks; block++) {
		i = first[block];
		for (at = 0; at < RP_UNWIND_BLOCK; at++) {
			if (i < first[block + 1] && row[i].at == at)
				want = &rp_unwind_rules(t)[row[i++].rule];
			assert_ptr_equal(rp_unwind_find(t, t->base + block * RP_UNWIND_BLOCK + at),
					 want);
		}
	}
}

static void each_place_has_its_rule(void **state)
{
	static const uint32_t nr_rows[] = { 0, 1, 2, 9, 10, 63, 400, 3000 };
	struct rp_unwind_row *rows;
	struct rp_unwind_table *t;
	uint32_t n, i, seed = 7;

	(void)state;
	for (n = 0; n < sizeof(nr_rows) / sizeof(*nr_rows); n++) {
		t = new_table(RP_UNWIND_X86_64, 9, nr_rows[n], 17);
		t->base = 5 * RP_UNWIND_BLOCK;
		rows = (struct rp_unwind_row *)rp_unwind_rows(t);
		for (i = 0; i < t->nr_rows; i++) {
			seed = seed * 1103515245 + 12345;
			rows[i].rule = seed >> 16 & 15;
			rows[i].at += rows[i].at;	/* and what lies between two */
		}
		assert_true(is_table(t, rp_unwind_size(t)));
		expect_found(t);
	}
}

static void places_outside_have_none(void **state)
{
	struct rp_unwind_table *t = new_table(RP_UNWIND_ARM64, 2, 2, 2);
	const uint64_t end = 5 * RP_UNWIND_BLOCK;

	(void)state;
	t->base = 3 * RP_UNWIND_BLOCK;
	((struct rp_unwind_row *)rp_unwind_rows(t))[0].rule = 1;
	((struct rp_unwind_row *)rp_unwind_rows(t))[1].rule = 1;
	assert_ptr_equal(rp_unwind_find(t, t->base), rp_unwind_rules(t) + 1);
	assert_ptr_equal(rp_unwind_find(t, end - 1), rp_unwind_rules(t) + 1);
	assert_ptr_equal(rp_unwind_find(t, t->base - 1), rp_unwind_rules(t));
	assert_ptr_equal(rp_unwind_find(t, 0), rp_unwind_rules(t));
	assert_ptr_equal(rp_unwind_find(t, end), rp_unwind_rules(t));
	assert_ptr_equal(rp_unwind_find(t, end + (1ull << 42)), rp_unwind_rules(t));
	assert_ptr_equal(rp_unwind_find(t, ~0ull), rp_unwind_rules(t));
}

/* ---- a stranger's ------------------------------------------------------------------------ */

static void lies_are_found(void **state)
{
	struct rp_unwind_table *t;
	unsigned int which;
	uint64_t size;

	(void)state;
	for (which = 0; which < RP_LIES; which++) {
		t = new_table(RP_UNWIND_ARM64, RP_LIE_BLOCKS, RP_LIE_ROWS, RP_LIE_RULES);
		size = rp_unwind_size(t);
		assert_true(is_table(t, size));
		rp_table_lie(t, which);
		assert_false(is_table(t, size));
		if (which < RP_LIES_OF_HEADERS)
			assert_int_equal(rp_unwind_size(t), 0);
	}
}

static void the_largest_has_a_size(void **state)
{
	const uint64_t first = 4 * ((uint64_t)RP_UNWIND_BLOCKS_MAX + 1);
	struct rp_unwind_table t;

	(void)state;
	t = rp_table_header(RP_UNWIND_X86_64, RP_UNWIND_BLOCKS_MAX, RP_UNWIND_ROWS_MAX,
			    RP_UNWIND_RULES_MAX);
	assert_int_equal(rp_unwind_size(&t), sizeof(t) + first + 4ull * RP_UNWIND_ROWS_MAX +
			 20ull * RP_UNWIND_RULES_MAX);
}

static void blocks_a_part_at_a_time(void **state)
{
	struct rp_unwind_table *t = new_table(RP_UNWIND_X86_64, 4, 8, 2);
	struct rp_unwind_row *rows = (struct rp_unwind_row *)rp_unwind_rows(t);

	(void)state;
	assert_false(rp_unwind_check_blocks(t, 2, 1));
	assert_false(rp_unwind_check_blocks(t, 0, 5));
	assert_true(rp_unwind_check_blocks(t, 0, 0));
	assert_true(rp_unwind_check_blocks(t, 0, 1));
	assert_true(rp_unwind_check_blocks(t, 1, 4));
	rows[7].rule = 2;
	assert_true(rp_unwind_check_blocks(t, 0, 3));
	assert_false(rp_unwind_check_blocks(t, 3, 4));
}
