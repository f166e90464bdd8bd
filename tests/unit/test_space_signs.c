// SPDX-License-Identifier: GPL-2.0
/*
 * Signs that the mappings of an address space have changed (kmod/space_signs.h), compiled
 * for user space.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>

#include "kmod/space_signs.h"

static const struct rp_space_signs walked = { .exec_vm = 500, .changes = 7, .map_count = 30 };

static void nothing_has_changed(void **state)
{
	(void)state;
	assert_false(rp_space_signs_changed(&walked, &walked, 0, 0));
	assert_false(rp_space_signs_changed(&walked, &walked, UINT64_MAX, 0));
	assert_false(rp_space_signs_changed(&walked, &walked, 0, RP_SPACE_DOUBT_MAX));
}

static void more_or_less_code_is_sure(void **state)
{
	struct rp_space_signs now = walked;

	(void)state;
	now.exec_vm++;
	assert_true(rp_space_signs_changed(&walked, &now, 0, RP_SPACE_DOUBT_MAX));
	now.exec_vm -= 2;
	assert_true(rp_space_signs_changed(&walked, &now, 0, RP_SPACE_DOUBT_MAX));
}

static void hints_are_believed_until_one_was_wrong(void **state)
{
	struct rp_space_signs unmapped = walked, exchanged = walked;

	(void)state;
	unmapped.map_count--;
	exchanged.changes++;
	assert_true(rp_space_signs_changed(&walked, &unmapped, 0, 0));
	assert_true(rp_space_signs_changed(&walked, &exchanged, 0, 0));
	assert_false(rp_space_signs_changed(&walked, &unmapped, 999, 1000));
	assert_false(rp_space_signs_changed(&walked, &exchanged, 999, 1000));
	assert_true(rp_space_signs_changed(&walked, &unmapped, 1000, 1000));
	assert_true(rp_space_signs_changed(&walked, &exchanged, 1000, 1000));
}

/* Hints that are always wrong cost a walk in each quarter of a second in the long run. */
static void doubt_grows_and_ends(void **state)
{
	uint64_t passed = 0;
	uint32_t doubt = 0;

	(void)state;
	doubt = rp_space_doubt(doubt, true);
	assert_int_equal(doubt, RP_SPACE_DOUBT_MIN);
	for (int i = 0; i < 100; i++) {
		uint32_t before = doubt;

		doubt = rp_space_doubt(doubt, true);
		assert_true(doubt > before || doubt == RP_SPACE_DOUBT_MAX);
		assert_true(doubt <= RP_SPACE_DOUBT_MAX);
		passed += before;
	}
	assert_int_equal(doubt, RP_SPACE_DOUBT_MAX);
	assert_true(passed > 90ull * RP_SPACE_DOUBT_MAX);
	assert_int_equal(rp_space_doubt(doubt, false), 0);
	assert_int_equal(rp_space_doubt(0, false), 0);
}

/* 5 ms in another task's time slice do not keep a space waiting for 100 ms. */
static void an_interrupted_walk_does_not_count_in_full(void **state)
{
	(void)state;
	assert_int_equal(rp_space_walk_cost(0, 30000), 30000);
	assert_int_equal(rp_space_walk_cost(30000, 50000), 50000);
	assert_int_equal(rp_space_walk_cost(50000, 5000000), 4 * RP_SPACE_WALK_MIN);
	assert_int_equal(rp_space_walk_cost(4 * RP_SPACE_WALK_MIN, 50000), 50000);
}

static void a_walk_that_costs_more_is_believed_soon(void **state)
{
	uint32_t cost = 50000;

	(void)state;
	for (int i = 0; i < 4; i++)
		cost = rp_space_walk_cost(cost, 20000000);
	assert_int_equal(cost, 20000000);
	assert_int_equal(rp_space_walk_cost(UINT32_MAX, UINT64_MAX), 1u << 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_has_changed),
		cmocka_unit_test(more_or_less_code_is_sure),
		cmocka_unit_test(hints_are_believed_until_one_was_wrong),
		cmocka_unit_test(doubt_grows_and_ends),
		cmocka_unit_test(an_interrupted_walk_does_not_count_in_full),
		cmocka_unit_test(a_walk_that_costs_more_is_believed_soon),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
