// SPDX-License-Identifier: GPL-2.0
/*
 * The arithmetic of the daemon's own share of a CPU, with clocks that are ours; and what it is
 * made of, its clocks.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <sys/mman.h>
#include <cmocka.h>

#include "own_budget.h"

#define MS	1000000ull
#define SECOND	(1000 * MS)
#define NEVER_NS	(100 * 86400 * SECOND)

struct clocks {
	struct rp_cpu_budget b;
	uint64_t now, used;
};

static void begin(struct clocks *c, uint32_t percent)
{
	*c = (struct clocks){ .now = 5 * SECOND, .used = 7 * SECOND };
	rp_cpu_budget_begin(&c->b, percent, c->now, c->used);
}

static uint64_t wait_of(struct clocks *c, enum rp_cpu_need need)
{
	return rp_cpu_budget_wait(&c->b, c->now, c->used, need);
}

/* Takes CPU time, on a CPU of its own. */
static void take(struct clocks *c, uint64_t ns)
{
	c->now += ns;
	c->used += ns;
}

/* As who has work without end, in pieces of this, does it until then. How often it slept. */
static unsigned int work_until(struct clocks *c, uint64_t until, uint64_t piece,
			       enum rp_cpu_need need)
{
	unsigned int slept = 0;
	uint64_t wait;

	while (c->now < until) {
		wait = wait_of(c, need);
		if (wait) {
			c->now += wait;
			slept++;
			/* Nobody else takes any: it has not waited in vain. */
			assert_int_equal(wait_of(c, need), 0);
		}
		take(c, piece);
	}
	return slept;
}

static void share_is_kept_whatever_the_pieces_are(void **state)
{
	static const uint64_t pieces[] = { 100000, 3 * MS, 40 * MS, 5 * SECOND };
	const uint64_t hour = 3600 * SECOND;
	uint64_t begun_at, used;
	struct clocks c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		begin(&c, 10);
		work_until(&c, c.now + 60 * SECOND, pieces[i], RP_CPU_NOW);
		begun_at = c.now;
		used = c.used;
		work_until(&c, c.now + hour, pieces[i], RP_CPU_NOW);
		used = c.used - used;
		/* Of ten hours, one; the last piece may be beyond it, and be made up for later. */
		assert_in_range(used, (c.now - begun_at) / 10 - pieces[i] - 100 * MS,
				(c.now - begun_at) / 10 + pieces[i] + 100 * MS);
	}
}

static void sleeps_are_few(void **state)
{
	struct clocks c;
	unsigned int slept;

	(void)state;
	begin(&c, 10);
	work_until(&c, c.now + 60 * SECOND, MS, RP_CPU_NOW);
	slept = work_until(&c, c.now + 100 * SECOND, MS, RP_CPU_NOW);
	assert_in_range(slept, 1, 200);
}

static void what_is_not_used_is_kept_for_a_minute(void **state)
{
	struct clocks c;

	(void)state;
	begin(&c, 5);
	c.now += NEVER_NS;
	assert_int_equal(wait_of(&c, RP_CPU_NOW), 0);
	take(&c, 3 * SECOND - MS);
	/* What is given meanwhile is left. */
	assert_int_equal(wait_of(&c, RP_CPU_NOW), 0);
	take(&c, 200 * MS);
	assert_true(wait_of(&c, RP_CPU_NOW) > 0);
}

static void half_is_left_for_what_is_needed_now(void **state)
{
	struct clocks c;
	uint64_t wait;

	(void)state;
	begin(&c, 10);
	assert_int_equal(wait_of(&c, RP_CPU_AHEAD), 0);
	c.used += 3 * SECOND;
	wait = wait_of(&c, RP_CPU_AHEAD);
	assert_int_equal(wait, RP_CPU_BUDGET_STEP_NS);
	assert_int_equal(wait_of(&c, RP_CPU_NOW), 0);
	c.used += 3 * SECOND;
	assert_int_equal(wait_of(&c, RP_CPU_NOW), RP_CPU_BUDGET_STEP_NS);
	assert_int_equal(wait_of(&c, RP_CPU_AHEAD), 30 * SECOND + RP_CPU_BUDGET_STEP_NS);
	c.now += 30 * SECOND + 1 * MS;
	assert_int_equal(wait_of(&c, RP_CPU_AHEAD), 0);
}

static void what_could_not_wait_is_made_up_for(void **state)
{
	struct clocks c;

	(void)state;
	begin(&c, 10);
	c.used += 6 * SECOND + 10 * SECOND;
	assert_int_equal(wait_of(&c, RP_CPU_NOW), 100 * SECOND + RP_CPU_BUDGET_STEP_NS);
	c.now += 100 * SECOND;
	assert_true(wait_of(&c, RP_CPU_NOW) > 0);
	c.now += MS;
	assert_int_equal(wait_of(&c, RP_CPU_NOW), 0);
}

static void a_debt_is_forgotten_some_day(void **state)
{
	struct clocks c;

	(void)state;
	begin(&c, 1);
	c.used += NEVER_NS;
	assert_int_equal(wait_of(&c, RP_CPU_NOW), RP_CPU_BUDGET_DEBT_NS + RP_CPU_BUDGET_STEP_NS);
	c.now += RP_CPU_BUDGET_DEBT_NS + MS;
	assert_int_equal(wait_of(&c, RP_CPU_NOW), 0);
}

static void clocks_may_fall_back(void **state)
{
	struct clocks c;

	(void)state;
	begin(&c, 10);
	c.used += 7 * SECOND;
	assert_true(wait_of(&c, RP_CPU_NOW) > 0);
	c.used -= 3 * SECOND;
	c.now -= SECOND;
	assert_int_equal(wait_of(&c, RP_CPU_NOW), 10 * SECOND + RP_CPU_BUDGET_STEP_NS);
	c.used += 3 * SECOND;
	c.now += SECOND;
	assert_int_equal(wait_of(&c, RP_CPU_NOW), 10 * SECOND + RP_CPU_BUDGET_STEP_NS);
}

/* ---- the budget with its clocks ------------------------------------------------------ */

static uint64_t now_of(void *arg)
{
	return ((struct clocks *)arg)->now;
}

static uint64_t used_of(void *arg)
{
	return ((struct clocks *)arg)->used;
}

static void whoever_waits_is_counted(void **state)
{
	struct clocks c = { .now = SECOND };
	const struct rp_own_budget_options o = {
		.cpu_percent = 10, .now_ns = now_of, .used_ns = used_of, .arg = &c,
	};
	struct rp_own_budget *b = rp_own_budget_new(&o);
	struct rp_own_budget_stats s;

	(void)state;
	assert_non_null(b);
	assert_int_equal(rp_own_budget_wait(b, RP_CPU_AHEAD), 0);
	c.used += 4 * SECOND;
	c.now += 8 * SECOND;
	assert_true(rp_own_budget_wait(b, RP_CPU_AHEAD) > 0);
	assert_int_equal(rp_own_budget_wait(b, RP_CPU_NOW), 0);
	rp_own_budget_stats(b, &s);
	assert_int_equal(s.waited[RP_CPU_AHEAD], 1);
	assert_int_equal(s.waited[RP_CPU_NOW], 0);
	assert_int_equal(s.used_ns, 4 * SECOND);
	assert_int_equal(s.passed_ns, 8 * SECOND);
	rp_own_budget_free(b);
}

static void without_memory_nothing_is_done_ahead(void **state)
{
	struct clocks c = { .now = SECOND };
	const struct rp_own_budget_options o = {
		.now_ns = now_of, .used_ns = used_of, .arg = &c,
	};
	struct rp_own_budget *b = rp_own_budget_new(&o);

	(void)state;
	assert_non_null(b);
	rp_own_budget_hold(b, true);
	assert_int_equal(rp_own_budget_ms(rp_own_budget_wait(b, RP_CPU_AHEAD)), -1);
	assert_int_equal(rp_own_budget_wait(b, RP_CPU_NOW), 0);
	rp_own_budget_hold(b, false);
	assert_int_equal(rp_own_budget_wait(b, RP_CPU_AHEAD), 0);
	assert_int_equal(rp_own_budget_wait(NULL, RP_CPU_AHEAD), 0);
	assert_int_equal(rp_own_budget_ms(1), 1);
	rp_own_budget_free(b);
}

static void own_clocks_and_memory_are_read(void **state)
{
	const struct rp_own_budget_options o = { .cpu_percent = 100 };
	struct rp_own_budget *b = rp_own_budget_new(&o);
	struct rp_own_budget_stats s = { .used_ns = 0 };
	const size_t size = 64 << 20;
	uint64_t before;
	void *more;

	(void)state;
	assert_non_null(b);
	while (s.used_ns < 20 * MS)
		rp_own_budget_stats(b, &s);
	assert_true(s.passed_ns > 0);
	before = rp_own_budget_memory(b);
	assert_in_range(before, 1 << 16, UINT64_MAX);
	more = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE,
		    -1, 0);
	assert_ptr_not_equal(more, MAP_FAILED);
	assert_in_range(rp_own_budget_memory(b), before + size / 8 * 7, before + size / 8 * 9);
	munmap(more, size);
	assert_in_range(rp_own_budget_memory(b), before / 2, before + size / 8);
	rp_own_budget_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(share_is_kept_whatever_the_pieces_are),
		cmocka_unit_test(sleeps_are_few),
		cmocka_unit_test(what_is_not_used_is_kept_for_a_minute),
		cmocka_unit_test(half_is_left_for_what_is_needed_now),
		cmocka_unit_test(what_could_not_wait_is_made_up_for),
		cmocka_unit_test(a_debt_is_forgotten_some_day),
		cmocka_unit_test(clocks_may_fall_back),
		cmocka_unit_test(whoever_waits_is_counted),
		cmocka_unit_test(without_memory_nothing_is_done_ahead),
		cmocka_unit_test(own_clocks_and_memory_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
