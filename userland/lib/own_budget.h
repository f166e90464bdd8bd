/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Own budget: what this process and its jails may take of a CPU and of memory. Who does what
 * can wait (tables, symbols, debug files) asks before each piece of it.
 *
 * CPU	   A share of one CPU's time (cpu_budget.h), of all threads and of all jails together.
 * Memory  What is resident, of both. While somebody says that it is too much, nothing is begun
 *	   that is ahead of need.
 * Threads Any number.
 */
#ifndef RP_OWN_BUDGET_H
#define RP_OWN_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

#include "cpu_budget.h"

#define RP_OWN_BUDGET_JAILS	2
#define RP_OWN_BUDGET_WAIT	UINT64_MAX	/* until there is memory */

struct rp_jail;
struct rp_own_budget;

struct rp_own_budget_options {
	uint32_t cpu_percent;		/* 0: no limit */
	struct rp_jail *jails[RP_OWN_BUDGET_JAILS];	/* may be NULL */
	/* Instead of the clocks, and of what is resident, for tests. */
	uint64_t (*now_ns)(void *arg), (*used_ns)(void *arg), (*resident)(void *arg);
	void *arg;
};

struct rp_own_budget_stats {
	uint64_t passed_ns, used_ns;	/* since it was made: time, and CPU time */
	uint64_t waited[2];		/* how often something had to wait, by enum rp_cpu_need */
};

struct rp_own_budget *rp_own_budget_new(const struct rp_own_budget_options *o);
void rp_own_budget_free(struct rp_own_budget *b);	/* NULL is fine */

/*
 * For how many nanoseconds a piece of work has to wait; 0: it may be begun. Of no budget (NULL):
 * 0.
 */
uint64_t rp_own_budget_wait(struct rp_own_budget *b, enum rp_cpu_need need);

/* The same in milliseconds for poll(), at least 1 of what is to be waited for; -1: for ever. */
int rp_own_budget_ms(uint64_t wait_ns);

/* Looks at it: bytes that are resident now. */
uint64_t rp_own_budget_memory(struct rp_own_budget *b);
/* From now on memory is over its limit, or is not. */
void rp_own_budget_hold(struct rp_own_budget *b, bool over);

/* The CPU time of this process and its jails so far. */
uint64_t rp_own_budget_used(struct rp_own_budget *b);
void rp_own_budget_stats(struct rp_own_budget *b, struct rp_own_budget_stats *ret);

#endif
