// SPDX-License-Identifier: GPL-2.0
/*
 * How much memory it takes to finish a window, from what the ones before took.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "window_need.h"

#define MIB (1024u * 1024)

static void test_first(void **state)
{
	const struct rp_window_need n = { 0 };

	(void)state;
	assert_in_range(rp_window_need(&n, 10 * MIB), 10ull * RP_WINDOW_NEED_FIRST * MIB - MIB,
			10ull * RP_WINDOW_NEED_FIRST * MIB);
	assert_int_equal(rp_window_need(&n, 0), 0);
}

static void test_rises_at_once(void **state)
{
	struct rp_window_need n = { 0 };

	(void)state;
	rp_window_need_learn(&n, 4 * MIB, 20 * MIB);
	assert_in_range(rp_window_need(&n, 10 * MIB), 49 * MIB, 50 * MIB);
	rp_window_need_learn(&n, 4 * MIB, 28 * MIB);
	assert_in_range(rp_window_need(&n, 10 * MIB), 69 * MIB, 70 * MIB);
}

static void test_falls_slowly(void **state)
{
	struct rp_window_need n = { 0 };
	uint64_t before, now = UINT64_MAX;
	int i;

	(void)state;
	rp_window_need_learn(&n, 4 * MIB, 32 * MIB);
	for (i = 0; i < 20; i++) {
		before = now;
		rp_window_need_learn(&n, 4 * MIB, 8 * MIB);
		now = rp_window_need(&n, 4 * MIB);
		assert_true(now <= before);
		if (!i)
			assert_in_range(now, 25 * MIB, 26 * MIB);
	}
	assert_in_range(now, 7 * MIB, 9 * MIB);
}

/* Memory was there already, or somebody else took much meanwhile. */
static void test_what_cannot_be(void **state)
{
	struct rp_window_need n = { 0 };

	(void)state;
	rp_window_need_learn(&n, 10 * MIB, 0);
	assert_in_range(rp_window_need(&n, 10 * MIB), 10 * MIB - 100, 10 * MIB);
	rp_window_need_learn(&n, 0, 10 * MIB);
	assert_in_range(rp_window_need(&n, 10 * MIB), 10 * MIB - 100, 10 * MIB);
	rp_window_need_learn(&n, MIB, UINT64_MAX);
	assert_in_range(rp_window_need(&n, 10 * MIB), 10ull * RP_WINDOW_NEED_MOST * MIB - MIB,
			10ull * RP_WINDOW_NEED_MOST * MIB);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first),
		cmocka_unit_test(test_rises_at_once),
		cmocka_unit_test(test_falls_slowly),
		cmocka_unit_test(test_what_cannot_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
