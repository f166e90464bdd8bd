// SPDX-License-Identifier: GPL-2.0
/*
 * The arithmetic of the module's ticks (kmod/tick_math.h, tick_pause.h), compiled for user
 * space.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "kmod/tick_math.h"
#include "kmod/tick_pause.h"
#include "tick_lines.h"

#define MS 1000000ull
#define SECOND 1000000000ull

static void intervals_are_uniform(void **state)
{
	__u64 random = 0x9e3779b97f4a7c15;
	uint64_t sum = 0, interval;
	const uint64_t period = 10101010;
	unsigned int tenths[10] = { 0 }, i;

	(void)state;
	for (i = 0; i < 100000; i++) {
		interval = rp_random_interval(&random, period);
		assert_in_range(interval, period / 2, period / 2 + period - 1);
		tenths[(interval - period / 2) * 10 / period]++;
		sum += interval;
	}
	/* Five standard deviations. */
	assert_in_range(sum / 100000, period - period / 200, period + period / 200);
	for (i = 0; i < 10; i++)
		assert_in_range(tenths[i], 10000 - 475, 10000 + 475);
}

static void long_and_short_intervals(void **state)
{
	__u64 random = 1;
	unsigned int i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		assert_in_range(rp_random_interval(&random, 1), 0, 1);
		assert_true(rp_random_part(&random, 1ull << 40) < 1ull << 40);
	}
}

static void time_never_runs_back(void **state)
{
	(void)state;
	assert_true(rp_elapsed(7, 5) == 2);
	assert_true(rp_elapsed(5, 5) == 0);
	assert_true(rp_elapsed(5, 7) == 0);
	assert_true(rp_elapsed(1, UINT64_MAX) == 2);
}

static void rates(void **state)
{
	(void)state;
	/* 3 GHz, seen for any time */
	assert_int_equal(rp_counted_in(3 * MS, MS, 10 * MS), 30 * MS);
	assert_int_equal(rp_counted_in(3000 * SECOND, 1000 * SECOND, 10 * MS), 30 * MS);
	assert_int_equal(rp_counted_in(30000, 10000, 100000), 300000);
	/* 24 MHz is slow, 16 GHz is fast, and beyond that something is wrong */
	assert_int_equal(rp_counted_in(24, 1000, MS), 24000);
	assert_int_equal(rp_counted_in(16000, 1000, MS), 16 * MS);
	assert_int_equal(rp_counted_in(18000, 1000, MS), 0);
	assert_int_equal(rp_counted_in(1, 1000, MS), 0);
	/* nothing, no time, and what is lost when large numbers are made small */
	assert_int_equal(rp_counted_in(0, 1000, MS), 0);
	assert_int_equal(rp_counted_in(1000, 0, MS), 0);
	assert_int_equal(rp_counted_in(1, UINT64_MAX, MS), 0);
	assert_int_equal(rp_counted_in(UINT64_MAX, 1, MS), 0);
}

static void rate_follows(void **state)
{
	uint64_t rate = 30 * MS;
	unsigned int i;

	(void)state;
	/* The processor slows down to a third: within a few ticks so does the rate. */
	for (i = 0; i < 12; i++)
		rate = rp_follow_rate(rate, 10 * MS, 10 * MS, 10 * MS, 10 * MS);
	assert_in_range(rate, 10 * MS, 10 * MS + 10000);
	/* It stays while the CPU is idle for much of the time, whatever the counter does. */
	assert_int_equal(rp_follow_rate(rate, 10 * MS, 1000 * MS, 10 * MS, 10 * MS), rate);
	assert_int_equal(rp_follow_rate(rate, 1000 * MS, 1000 * MS, 10 * MS, 10 * MS), rate);
	/* and when an interval makes no sense */
	assert_int_equal(rp_follow_rate(rate, 0, 10 * MS, 10 * MS, 10 * MS), rate);
	assert_int_equal(rp_follow_rate(rate, 5, 0, 0, 10 * MS), rate);
}

static void busy_clock_stands_while_idle(void **state)
{
	struct rp_busy_clock b = { 0 };
	uint64_t began = rp_busy_read(&b, 1000);

	(void)state;
	rp_busy_idle(&b, 1100);
	assert_int_equal(rp_busy_read(&b, 1100) - began, 100);
	assert_int_equal(rp_busy_read(&b, 5000) - began, 100);
	rp_busy_idle(&b, 5500);		/* told twice */
	rp_busy_resume(&b, 6000);
	assert_int_equal(rp_busy_read(&b, 6000) - began, 100);
	assert_int_equal(rp_busy_read(&b, 6050) - began, 150);
	rp_busy_resume(&b, 6100);	/* told without having been idle */
	assert_int_equal(rp_busy_read(&b, 6100) - began, 200);
}

/* An NMI between any two stores reads what is right: the stores are done by hand here. */
static void busy_clock_half_way(void **state)
{
	struct rp_busy_clock b = { .behind = 40 };

	(void)state;
	b.stood_at = 200 - b.behind;			/* half way into idleness, at 200 */
	assert_int_equal(rp_busy_read(&b, 201), 161);	/* by a nanosecond */
	b.idle = 1;
	assert_int_equal(rp_busy_read(&b, 300), 160);
	b.behind = 300 - b.stood_at;			/* half way out of it, at 300 */
	assert_int_equal(rp_busy_read(&b, 301), 160);
	b.idle = 0;
	assert_int_equal(rp_busy_read(&b, 302), 162);
}

static void limit_is_kept(void **state)
{
	struct rp_limited l = { 0 };
	unsigned int i;

	(void)state;
	rp_follow_limit(&l, 0);
	assert_int_equal(l.shift, 0);
	for (i = 0; i < 3; i++)
		rp_follow_limit(&l, 1);
	assert_int_equal(l.shift, 3);
	/* It is tried again, a step at a time. */
	for (i = 1; i < RP_LIMITED_CALM; i++)
		rp_follow_limit(&l, 0);
	assert_int_equal(l.shift, 3);
	rp_follow_limit(&l, 0);
	assert_int_equal(l.shift, 2);
	rp_follow_limit(&l, 1);
	assert_int_equal(l.shift, 3);
	for (i = 0; i < 3 * RP_LIMITED_CALM; i++)
		rp_follow_limit(&l, 0);
	assert_int_equal(l.shift, 0);
	for (i = 0; i < 100; i++)
		rp_follow_limit(&l, 1);
	assert_int_equal(l.shift, RP_LIMITED_SHIFT_MAX);
}

static void pause_keeps_the_rest(void **state)
{
	struct rp_pause p = { 0 };
	__u64 last_tick = 1000;

	(void)state;
	assert_true(rp_pause_begin(&p, 5000, MS));
	rp_pause_stopped(&p, 5000, 5700);
	assert_false(rp_pause_begin(&p, 6000, MS));		/* told twice */
	assert_true(rp_pause_end(&p, 9000, &last_tick));
	assert_int_equal(rp_pause_rest(&p), 700);
	assert_int_equal(last_tick, 5000);		/* 4000 ns were not idle before, and none since */
	assert_false(rp_pause_end(&p, 9100, &last_tick));
	assert_int_equal(last_tick, 5000);
	assert_int_equal(rp_pause_rest(&p), 0);		/* started once */
}

static void pause_with_a_tick_due(void **state)
{
	struct rp_pause p = { 0 };
	__u64 last_tick = 0;

	(void)state;
	assert_true(rp_pause_begin(&p, 5000, MS));
	rp_pause_stopped(&p, 5000, 4900);
	assert_true(rp_pause_end(&p, 6000, &last_tick));
	assert_int_equal(rp_pause_rest(&p), 1);
}

/* The start is put off, and the CPU idles again before it comes: the rest is the same. */
static void pause_before_the_start(void **state)
{
	struct rp_pause p = { 0 };
	__u64 last_tick = 0;

	(void)state;
	assert_true(rp_pause_begin(&p, 100, MS));
	rp_pause_stopped(&p, 100, 400);
	assert_true(rp_pause_end(&p, 1000, &last_tick));
	assert_false(rp_pause_begin(&p, 1010, MS));
	assert_int_equal(rp_pause_rest(&p), 0);
	assert_true(rp_pause_end(&p, 2000, &last_tick));
	assert_int_equal(rp_pause_rest(&p), 300);
	assert_int_equal(last_tick, 900 + 990);
}

/* A CPU that idles for half of the time, for 10 ns each time; how often the timer stops. */
static unsigned int stopped_in(__u64 ns, __u64 period)
{
	struct rp_pause p = { 0 };
	__u64 last_tick = 0, now, all = 0;
	unsigned int stopped = 0;

	for (now = 0; now < ns; now += 20) {
		if (rp_pause_begin(&p, now, period)) {
			rp_pause_stopped(&p, now, now + 5000);
			stopped++;
		}
		if (rp_pause_end(&p, now + 10, &last_tick))
			assert_int_equal(rp_pause_rest(&p), 5000);
		all += 10;
		assert_int_equal(last_tick, all);	/* stopped or not */
	}
	return stopped;
}

static void pauses_are_not_too_many(void **state)
{
	(void)state;
	assert_int_equal(stopped_in(200000, 10000), 20 * RP_PAUSE_TURNS);
	/* Few enough: each of them. */
	assert_int_equal(stopped_in(200000, 160), 10000);
	assert_int_equal(stopped_in(20, MS), 1);
}

/* It is armed still, and fires while the CPU idles. */
static void pause_that_fires(void **state)
{
	struct rp_pause p = { 0 };
	__u64 last_tick = 0;

	(void)state;
	p.turns = RP_PAUSE_TURNS;
	assert_false(rp_pause_begin(&p, 10, MS));
	rp_pause_fired(&p, 77);
	assert_true(rp_pause_end(&p, 50, &last_tick));
	assert_int_equal(rp_pause_rest(&p), 77);
	assert_int_equal(last_tick, 40);
	assert_false(rp_pause_begin(&p, 60, MS));
	assert_false(rp_pause_end(&p, 2 * MS, &last_tick));
	assert_true(rp_pause_begin(&p, 2 * MS + 1, MS));
}

static void words(void **state)
{
	(void)state;
	assert_string_equal(rp_tick_line(RP_TICK_AUTO)->name, "auto");
	assert_string_equal(rp_tick_line(RP_TICK_UNSPEC)->name, "unknown");
	assert_string_equal(rp_tick_source_line(RP_TICK_SOURCE_CPU_CLOCK)->name, "cpu-clock");
	assert_string_equal(rp_tick_source_line(RP_TICK_SOURCE_NR)->name, "unknown");
	assert_string_equal(rp_tick_why_line(RP_TICK_WHY_NONE)->name, "none");
	assert_string_equal(rp_tick_why_line(4711)->name, "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(intervals_are_uniform),
		cmocka_unit_test(long_and_short_intervals),
		cmocka_unit_test(time_never_runs_back),
		cmocka_unit_test(rates),
		cmocka_unit_test(rate_follows),
		cmocka_unit_test(busy_clock_stands_while_idle),
		cmocka_unit_test(busy_clock_half_way),
		cmocka_unit_test(limit_is_kept),
		cmocka_unit_test(pause_keeps_the_rest),
		cmocka_unit_test(pause_with_a_tick_due),
		cmocka_unit_test(pause_before_the_start),
		cmocka_unit_test(pauses_are_not_too_many),
		cmocka_unit_test(pause_that_fires),
		cmocka_unit_test(words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
