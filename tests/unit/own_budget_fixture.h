/* SPDX-License-Identifier: GPL-2.0 */
/* A budget of ten percent whose clocks are the test's: it is spent, and given again. */
#ifndef TEST_OWN_BUDGET_FIXTURE_H
#define TEST_OWN_BUDGET_FIXTURE_H

#include "own_budget.h"

#define BUDGET_MINUTE (60 * 1000000000ull)

static uint64_t budget_now, budget_used;

static inline uint64_t read_budget_now(void *arg)
{
	(void)arg;
	return __atomic_load_n(&budget_now, __ATOMIC_SEQ_CST);
}

static inline uint64_t read_budget_used(void *arg)
{
	(void)arg;
	return __atomic_load_n(&budget_used, __ATOMIC_SEQ_CST);
}

static inline struct rp_own_budget *make_budget(void)
{
	const struct rp_own_budget_options o = {
		.cpu_percent = 10, .now_ns = read_budget_now, .used_ns = read_budget_used,
	};
	struct rp_own_budget *b = rp_own_budget_new(&o);

	assert_non_null(b);
	return b;
}

/* So many minutes' share. */
static inline void spend_budget(unsigned int minutes)
{
	__atomic_add_fetch(&budget_used, minutes * BUDGET_MINUTE / 10, __ATOMIC_SEQ_CST);
}

static inline void pass_minutes(unsigned int minutes)
{
	__atomic_add_fetch(&budget_now, minutes * BUDGET_MINUTE, __ATOMIC_SEQ_CST);
}

#endif
