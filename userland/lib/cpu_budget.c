// SPDX-License-Identifier: GPL-2.0
/*
 * A piece of work (a file) cannot be divided, and how long it takes is not known before: so
 * none is begun without something left, and what it takes too much is paid back. Over a long
 * time the share is kept, whatever the pieces are.
 */
#include "cpu_budget.h"

/* What is given out in so many nanoseconds. */
static int64_t given(const struct rp_cpu_budget *b, uint64_t ns)
{
	return (int64_t)(ns / 100 * b->percent + ns % 100 * b->percent / 100);
}

void rp_cpu_budget_begin(struct rp_cpu_budget *b, uint32_t percent, uint64_t now_ns,
			 uint64_t used_ns)
{
	*b = (struct rp_cpu_budget){ .percent = percent, .now_ns = now_ns, .used_ns = used_ns };
	b->left_ns = given(b, RP_CPU_BUDGET_KEPT_NS);
}

/* A clock of several processes together may fall back a little, when one of them ends. */
static void look(struct rp_cpu_budget *b, uint64_t now_ns, uint64_t used_ns)
{
	const int64_t most = given(b, RP_CPU_BUDGET_KEPT_NS);
	const int64_t least = -given(b, RP_CPU_BUDGET_DEBT_NS);
	/* Longer, and it is full in any case. */
	const uint64_t longest = RP_CPU_BUDGET_KEPT_NS + RP_CPU_BUDGET_DEBT_NS;
	uint64_t passed = now_ns > b->now_ns ? now_ns - b->now_ns : 0;

	b->left_ns += given(b, passed < longest ? passed : longest);
	b->now_ns += passed;
	if (used_ns > b->used_ns) {
		b->left_ns -= (int64_t)(used_ns - b->used_ns);
		b->used_ns = used_ns;
	}
	if (b->left_ns > most)
		b->left_ns = most;
	if (b->left_ns < least)
		b->left_ns = least;
}

uint64_t rp_cpu_budget_wait(struct rp_cpu_budget *b, uint64_t now_ns, uint64_t used_ns,
			    enum rp_cpu_need need)
{
	const int64_t kept = need == RP_CPU_AHEAD ? given(b, RP_CPU_BUDGET_KEPT_NS) / 2 : 0;
	int64_t missing;

	look(b, now_ns, used_ns);
	missing = kept - b->left_ns;
	if (missing < 0)
		return 0;
	return (uint64_t)missing * 100 / b->percent + RP_CPU_BUDGET_STEP_NS;
}
