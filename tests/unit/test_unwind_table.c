// SPDX-License-Identifier: GPL-2.0
/* Unwind tables: writing one, and looking up in it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "proto/unwind.h"
#include "unwind_rows.h"

#define ASSERT_ABI(condition) _Static_assert(condition, #condition)
RP_ASSERT_UNWIND(ASSERT_ABI);

#define BASE 0x7000u

static struct rp_unwind_rows rows;
static struct rp_unwind_table *table;
static size_t table_size;

static int begin(void **state)
{
	(void)state;
	table = NULL;
	return rp_unwind_rows_begin(&rows, BASE + 5);
}

static int end(void **state)
{
	(void)state;
	rp_unwind_rows_free(&rows);
	free(table);
	return 0;
}

static void finish(void)
{
	assert_int_equal(rp_unwind_rows_finish(&rows, RP_UNWIND_ARM64, &table, &table_size), 0);
	assert_int_equal(rp_unwind_size(table), table_size);
}

/* A rule that is known by a number. */
static unsigned int rule_of(int number)
{
	struct rp_unwind_rule rule = { .cfa = RP_UNWIND_CFA_REG, .offset = number };
	unsigned int ret;

	assert_int_equal(rp_unwind_rows_rule(&rows, &rule, &ret), RP_UNWIND_SAID);
	return ret;
}

static bool valid(void)
{
	return rp_unwind_size(table) == table_size && rp_unwind_check_rules(table) &&
	       rp_unwind_check_blocks(table, 0, table->nr_blocks);
}

static void put(uint64_t at, unsigned int rule)
{
	assert_int_equal(rp_unwind_rows_put(&rows, at, rule), RP_UNWIND_SAID);
}

/* Against a plain array of what holds at each place. */
static void looks_up_what_was_put(void **state)
{
	enum { SIZE = 40000 };
	unsigned int *want = calloc(SIZE, sizeof(*want)), at, rule, i, next;

	(void)state;
	srandom(7);
	for (at = 5; at < SIZE; at = next) {
		/* Rows close together, and now and then blocks without any. */
		next = at + 1 + (unsigned int)random() % (random() % 16 ? 24 : 5000);
		rule = (unsigned int)random() % 8;
		rule = rule ? rule_of((int)rule) : 0;
		put(BASE + at, rule);
		for (i = at; i < next && i < SIZE; i++)
			want[i] = rule;
	}
	put(BASE + SIZE, 0);
	finish();
	assert_true(valid());
	assert_int_equal(table->base, BASE & ~(RP_UNWIND_BLOCK - 1));
	for (i = 0; i < SIZE; i++)
		assert_ptr_equal(rp_unwind_find(table, BASE + i),
				 &rp_unwind_rules(table)[want[i]]);
	for (i = 0; i < 3000; i++) {
		assert_ptr_equal(rp_unwind_find(table, BASE - 1 - i), rp_unwind_rules(table));
		assert_ptr_equal(rp_unwind_find(table, BASE + SIZE + i), rp_unwind_rules(table));
	}
	assert_ptr_equal(rp_unwind_find(table, UINT64_MAX), rp_unwind_rules(table));
	free(want);
}

static void equal_rows_are_one(void **state)
{
	(void)state;
	put(BASE + 5, rule_of(1));
	put(BASE + 6, rule_of(2));
	put(BASE + 6, rule_of(1));	/* instead: nothing changed at all */
	put(BASE + 6, rule_of(3));	/* and yet; what is before stays */
	put(BASE + 7, rule_of(3));
	put(BASE + 8, 0);
	assert_int_equal(rows.nr_rows, 3);
	finish();
	assert_int_equal(rp_unwind_find(table, BASE + 5)->offset, 1);
	assert_int_equal(rp_unwind_find(table, BASE + 6)->offset, 3);
	assert_int_equal(rp_unwind_find(table, BASE + 7)->offset, 3);
	assert_int_equal(rp_unwind_find(table, BASE + 8)->cfa, RP_UNWIND_CFA_NONE);
}

static void rules_run_out(void **state)
{
	struct rp_unwind_rule rule = { .cfa = RP_UNWIND_CFA_REG };
	unsigned int number, i;

	(void)state;
	for (i = 2; i < RP_UNWIND_RULES_MAX; i++)
		assert_int_equal(rule_of((int)i), i);
	rule.offset = -1;
	assert_int_equal(rp_unwind_rows_rule(&rows, &rule, &number), RP_UNWIND_REASON_RULES);
	assert_int_equal(number, RP_UNWIND_ROW_UNSAID);
	assert_int_equal(rule_of(1000), 1000);	/* old ones are found */
	put(BASE + 5, number);
	put(BASE + 6, RP_UNWIND_RULES_MAX - 1);
	finish();
	assert_true(valid());
	assert_int_equal(rp_unwind_find(table, BASE + 5)->cfa, RP_UNWIND_CFA_UNSAID);
	assert_int_equal(rp_unwind_find(table, BASE + 6)->offset, RP_UNWIND_RULES_MAX - 1);
}

static void rows_run_out(void **state)
{
	uint64_t at = BASE + 5;
	unsigned int i, one = rule_of(1);

	(void)state;
	for (i = 0; i < RP_UNWIND_ROWS_MAX - 1; i++)
		put(at++, i % 2 ? 0 : one);
	assert_int_equal(rp_unwind_rows_put(&rows, at, 0), RP_UNWIND_REASON_ROWS);
	assert_int_equal(rp_unwind_rows_put(&rows, at + 1, one), RP_UNWIND_REASON_ROWS);
	finish();
	assert_int_equal(table->nr_rows, RP_UNWIND_ROWS_MAX);
	assert_true(valid());
	assert_int_equal(rp_unwind_find(table, at)->cfa, RP_UNWIND_CFA_UNSAID);
	assert_int_equal(rp_unwind_find(table, at + 1)->cfa, RP_UNWIND_CFA_UNSAID);
	assert_int_equal(rp_unwind_find(table, at - 1)->offset, 1);
	assert_int_equal(rp_unwind_find(table, at - 2)->cfa, RP_UNWIND_CFA_NONE);
}

static void code_of_more_than_a_gigabyte(void **state)
{
	const uint64_t beyond = (uint64_t)RP_UNWIND_BLOCKS_MAX << RP_UNWIND_BLOCK_SHIFT;
	unsigned int one = rule_of(1);

	(void)state;
	put(BASE + 5, one);
	put(BASE + 6, 0);
	put(BASE + beyond - 1, one);
	assert_int_equal(rp_unwind_rows_put(&rows, BASE + beyond, 0), RP_UNWIND_REASON_SPAN);
	finish();
	assert_true(valid());
	assert_int_equal(table->nr_blocks, RP_UNWIND_BLOCKS_MAX);
	assert_int_equal(rp_unwind_find(table, BASE + beyond - 1)->offset, 1);
	assert_ptr_equal(rp_unwind_find(table, BASE + beyond), rp_unwind_rules(table));
}

static void a_table_of_nothing(void **state)
{
	(void)state;
	finish();
	assert_true(valid());
	assert_int_equal(table->nr_blocks, 1);
	assert_ptr_equal(rp_unwind_find(table, BASE), rp_unwind_rules(table));
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		CASE(looks_up_what_was_put),
		CASE(equal_rows_are_one),
		CASE(rules_run_out),
		CASE(rows_run_out),
		CASE(code_of_more_than_a_gigabyte),
		CASE(a_table_of_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
