// SPDX-License-Identifier: GPL-2.0
/*
 * The arithmetic of the module's share of a CPU's time (kmod/budget.h), compiled for user
 * space: a CPU whose clock is ours, and on which ticks cost what we say.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <linux/types.h>
#include <stdbool.h>
#include <string.h>

#include "kmod/budget.h"

#define SECOND 1000000000ull

struct cpu {
	struct rp_budget b;
	__u64 now, random, last_tick;
	__u32 ppm;
	__u64 period;
	__u64 spent, second_spent, second, worst;	/* worst: of any second */
	__u64 ticks, samples, refused, weight, changes;
};

static void begin(struct cpu *c, __u32 ppm, __u64 frequency)
{
	*c = (struct cpu){ .now = 12345, .last_tick = 12345, .random = 1, .ppm = ppm,
			   .period = SECOND / frequency };
	rp_budget_begin(&c->b, c->now);
}

static void spend(struct cpu *c, __u64 ns)
{
	ns = rp_budget_charge(&c->b, ns);
	rp_budget_spend(&c->b, ns);
	c->spent += ns;
	if (c->now / SECOND != c->second) {
		c->second = c->now / SECOND;
		c->second_spent = 0;
	}
	c->second_spent += ns;
	if (c->second_spent > c->worst)
		c->worst = c->second_spent;
}

/* For that long, with ticks that cost so much if they are samples, and if they are refused. */
static void run(struct cpu *c, __u64 ns, __u64 cost, __u64 refused)
{
	const __u64 end = c->now + ns;
	__u64 weight, allowed = c->period;

	while (c->now < end) {
		weight = c->now - c->last_tick;
		c->last_tick = c->now;
		c->ticks++;
		if (rp_budget_left(&c->b, c->now, c->ppm)) {
			c->samples++;
			c->weight += rp_budget_weight(&c->b, weight);
			spend(c, cost);
		} else {
			c->refused++;
			rp_budget_refuse(&c->b, weight);
			spend(c, refused);
		}
		allowed = rp_budget_period(&c->b, c->period, c->ppm);
		c->changes += rp_budget_follow(&c->b, c->now, allowed > c->period);
		c->now += rp_random_interval(&c->random, allowed);
	}
}

static void expect_kept(const struct cpu *c)
{
	const __u64 may = (c->now - 12345) / 1000000 * c->ppm;

	assert_true(c->spent <= may + may / 10);
	assert_true(c->worst <= SECOND / 1000000 * c->ppm * 11 / 10 + 1000000);
}

static void what_is_cheap_is_left_alone(void **state)
{
	struct cpu c;

	(void)state;
	begin(&c, 10000, 99);
	run(&c, 60 * SECOND, 20000, 1000);
	assert_int_equal(c.refused, 0);
	assert_false(c.b.limited);
	assert_int_equal(c.changes, 0);
	assert_in_range(c.samples, 60 * 99 * 9 / 10, 60 * 99 * 11 / 10);
}

/* Not whole bursts are lost: the ticks come so seldom that nearly all of them are samples. */
static void what_is_dear_comes_seldom(void **state)
{
	struct cpu c;

	(void)state;
	begin(&c, 10000, 10000);
	run(&c, 60 * SECOND, 50000, 2000);
	expect_kept(&c);
	assert_true(c.b.limited);
	assert_int_equal(c.changes, 1);
	/* Of 200 a second that there is time for. */
	assert_in_range(c.samples, 60 * 160, 60 * 210);
	assert_true(c.refused < c.samples / 20);
	/* And all time is somebody's. */
	assert_in_range(c.weight, c.last_tick - SECOND / 10, c.last_tick);
}

/* Even refused ticks alone would be too much. */
static void ticks_that_cost_more_than_there_is(void **state)
{
	struct cpu c;

	(void)state;
	begin(&c, 1000, 10000);
	run(&c, 60 * SECOND, 40000, 30000);
	expect_kept(&c);
	assert_true(c.samples > 60 * 15);
}

/* Cheap and dear ones in turn, faster and slower than what is averaged. */
static void bursts(void **state)
{
	static const __u64 lengths[] = { SECOND / 1000, SECOND / 30, SECOND, 7 * SECOND };
	struct cpu c;
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		begin(&c, 10000, 5000);
		for (n = 0; n * lengths[i] < 60 * SECOND; n++)
			run(&c, lengths[i], n % 2 ? 200000 : 1000, 500);
		expect_kept(&c);
		assert_in_range(c.weight, c.last_tick - c.last_tick / 20, c.last_tick);
	}
}

static void pressure_that_ends(void **state)
{
	struct cpu c;
	__u64 before;

	(void)state;
	begin(&c, 10000, 999);
	run(&c, 10 * SECOND, 200000, 1000);
	assert_true(c.b.limited);
	run(&c, 10 * SECOND, 1000, 1000);
	assert_false(c.b.limited);
	assert_int_equal(c.changes, 2);
	before = c.samples;
	run(&c, 10 * SECOND, 1000, 1000);
	assert_in_range(c.samples - before, 9900, 10100);
}

/* What was refused for seconds is not one sample's alone. */
static void what_is_carried_is_shared_out(void **state)
{
	struct rp_budget b = { .since = 0 };
	__u64 sum = 0, one, n;

	(void)state;
	rp_budget_refuse(&b, SECOND);
	for (n = 0; n < 300; n++) {
		one = rp_budget_weight(&b, 1000000);
		assert_true(one <= 5 * 1000000);
		sum += one;
	}
	assert_int_equal(sum, SECOND + 300 * 1000000);
	assert_int_equal(rp_budget_weight(&b, 7), 7);
}

/* One tick of hundreds is interrupted by the host: it is paid for once, not twice. */
static void odd_ones(void **state)
{
	struct cpu c;
	int i;

	(void)state;
	begin(&c, 10000, 10000);
	for (i = 0; i < 60; i++) {
		run(&c, SECOND, 20000, 1000);
		run(&c, 1, 3000000, 1000);
	}
	assert_true(c.spent <= (c.now - 12345) / 100 * 11 / 10);
	assert_true(c.spent >= (c.now - 12345) / 100 * 8 / 10);
	assert_in_range(c.weight, c.last_tick - c.last_tick / 50, c.last_tick);
}

/* A millisecond, or as long as all of them take. */
static void what_a_tick_is_charged(void **state)
{
	struct rp_budget b = { .since = 0 };
	int i;

	(void)state;
	assert_int_equal(rp_budget_charge(&b, 999999), 999999);
	assert_int_equal(rp_budget_charge(&b, 60000000), 1000000);
	for (i = 0; i < 1000; i++)
		rp_budget_spend(&b, rp_budget_charge(&b, 5000000));
	assert_int_equal(rp_budget_charge(&b, 5000000), 5000000);
	assert_true(rp_budget_charge(&b, SECOND) < 50000000);
}

/* A clock that ticks in milliseconds shows no time in most ticks, and too much in others. */
static void a_coarse_clock(void **state)
{
	struct cpu c;
	int i;

	(void)state;
	begin(&c, 10000, 10000);
	run(&c, SECOND, 0, 0);
	for (i = 0; i < 20000; i++) {
		run(&c, 1, 0, 0);
		if (i % 20 == 0)
			run(&c, 1, 1000000, 1000000);
	}
	assert_true(rp_budget_period(&c.b, c.period, c.ppm) > c.period);
}

/* A share that a single sample overdraws by far is kept over time all the same. */
static void a_tiny_share(void **state)
{
	struct cpu c;

	(void)state;
	begin(&c, 10, 99);
	run(&c, 3600 * SECOND, 100000, 1000);
	assert_true(c.spent <= 3600 * 10000ull * 11 / 10 + 100000);
	assert_true(c.samples > 100);
}

static void a_clock_that_stood_still_or_stepped_back(void **state)
{
	struct rp_budget b;

	(void)state;
	memset(&b, 0, sizeof(b));
	rp_budget_begin(&b, 1000);
	assert_true(rp_budget_left(&b, 500, RP_BUDGET_ALL));
	assert_int_equal(b.left, 0);
	/* No gap is so long that it overflows, or gives more than the horizon's. */
	assert_true(rp_budget_left(&b, UINT64_MAX / 2, RP_BUDGET_ALL));
	assert_int_equal(b.left, RP_BUDGET_HORIZON_NS * RP_BUDGET_ALL);
	rp_budget_spend(&b, 10 * SECOND);
	assert_false(rp_budget_left(&b, UINT64_MAX / 2 + 1, RP_BUDGET_ALL));
	/* Nobody waits for ever. */
	assert_int_equal(rp_budget_period(&b, 1000000, 1), RP_BUDGET_PERIOD_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_cheap_is_left_alone),
		cmocka_unit_test(what_is_dear_comes_seldom),
		cmocka_unit_test(ticks_that_cost_more_than_there_is),
		cmocka_unit_test(bursts),
		cmocka_unit_test(pressure_that_ends),
		cmocka_unit_test(what_is_carried_is_shared_out),
		cmocka_unit_test(odd_ones),
		cmocka_unit_test(what_a_tick_is_charged),
		cmocka_unit_test(a_coarse_clock),
		cmocka_unit_test(a_tiny_share),
		cmocka_unit_test(a_clock_that_stood_still_or_stepped_back),
	};

	return cmocka_run_group_tests_name("budget", tests, NULL, NULL);
}
