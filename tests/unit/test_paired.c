// SPDX-License-Identifier: GPL-2.0
/* Paired measurements: known means and quantiles, and intervals that hold what they promise. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>

#include "paired.h"

static void expect_near(double got, double wanted, double within)
{
	if (!(fabs(got - wanted) <= within))
		fail_msg("%g is not %g", got, wanted);
}

static void quantiles_are_those_of_the_tables(void **state)
{
	static const struct { size_t freedom; double t; } table[] = {
		{ 1, 12.706 }, { 2, 4.303 }, { 3, 3.182 }, { 4, 2.776 }, { 5, 2.571 },
		{ 6, 2.447 }, { 8, 2.306 }, { 10, 2.228 }, { 15, 2.131 }, { 20, 2.086 },
		{ 30, 2.042 }, { 60, 2.000 }, { 120, 1.980 }, { 1000000, 1.960 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		expect_near(rp_paired_t(table[i].freedom), table[i].t, 0.0015);
}

/* 0 to 1: splitmix64. */
static double next_random(void)
{
	static uint64_t state;
	uint64_t x = state += 0x9e3779b97f4a7c15;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return (double)((x ^ x >> 31) >> 11) / 0x1p53;
}

static void too_few_say_nothing(void **state)
{
	struct rp_paired p = { 0 };
	struct rp_paired_result r;

	(void)state;
	assert_false(rp_paired_result(&p, &r));
	rp_paired_add(&p, 1, 1);
	assert_false(rp_paired_result(&p, &r));
	rp_paired_add(&p, 1, 1);
	assert_true(rp_paired_result(&p, &r));
	expect_near(r.difference, 0, 0);
	expect_near(r.low, 0, 0);
	expect_near(r.high, 0, 0);
}

/* 1 %, 2 % and 3 % more: worked out by hand. */
static void three_pairs(void **state)
{
	struct rp_paired p = { 0 };
	struct rp_paired_result r;

	(void)state;
	rp_paired_add(&p, 101, 100);
	rp_paired_add(&p, 204, 200);	/* the machine has become half as fast */
	rp_paired_add(&p, 51.5, 50);
	assert_true(rp_paired_result(&p, &r));
	expect_near(r.difference, 0.019967, 0.00001);
	/* s = 0.009804, 4.3027 * s / sqrt(3) = 0.024355 */
	expect_near(r.low, -0.00457, 0.0001);
	expect_near(r.high, 0.04511, 0.0001);
}

/* Of a thousand experiments with noise, 950 have the truth in their interval. */
static void intervals_hold_what_they_promise(void **state)
{
	const double truth = 0.005;
	struct rp_paired_result r;
	unsigned int i, n, k, held = 0;
	double noise;

	(void)state;
	for (i = 0; i < 1000; i++) {
		struct rp_paired p = { 0 };

		for (n = 0; n < 12; n++) {
			for (noise = 0, k = 0; k < 12; k++)	/* nearly normal */
				noise += next_random();
			rp_paired_add(&p, (1 + truth) * exp(0.02 * (noise - 6)), 1);
		}
		assert_true(rp_paired_result(&p, &r));
		assert_true(r.low < r.difference && r.difference < r.high);
		held += r.low <= truth && truth <= r.high;
	}
	assert_in_range(held, 925, 972);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quantiles_are_those_of_the_tables),
		cmocka_unit_test(too_few_say_nothing),
		cmocka_unit_test(three_pairs),
		cmocka_unit_test(intervals_hold_what_they_promise),
	};

	return cmocka_run_group_tests_name("paired", tests, NULL, NULL);
}
