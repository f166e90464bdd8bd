/* SPDX-License-Identifier: GPL-2.0 */
/*
 * limit.h - how a session keeps to its share of each CPU's time (budget.h), and tells when
 * that begins and ends to hold its ticks back.
 *
 * Contexts: with each function.
 */
#ifndef RP_KMOD_LIMIT_H
#define RP_KMOD_LIMIT_H

#include <linux/compiler.h>
#include <linux/types.h>

#include "budget.h"
#include "session.h"

/* What a session may take unless it says otherwise: parts per million. Task context. */
u32 rp_limit_default(void);

void rp_limits_init(struct rp_session *session);
/* When nothing ticks any more and no irq_work is left. Task context. */
void rp_limits_destroy(struct rp_session *session);
/* Hard interrupt context (an irq_work), or task context: the events are to be sent. */
void rp_limits_wake(struct rp_session *session);

/*
 * For the tick, on c's CPU, when it is done: in how many nanoseconds on average the next one
 * is to come, if it were `period` without a limit.
 */
u64 rp_limit_pressed(struct rp_cpu *c, u64 now, u64 period, u32 ppm);
static inline u64 rp_limit_period(struct rp_cpu *c, u64 now, u64 period)
{
	u32 ppm = READ_ONCE(c->session->config.budget_ppm);

	return likely(rp_budget_is_calm(&c->budget, period, ppm)) ? period :
		rp_limit_pressed(c, now, period, ppm);
}

/* Whether its ticks are held back, and how many CPUs' are. Task context. */
bool rp_limit_holds(const struct rp_cpu *c);
u32 rp_limit_cpus(struct rp_session *session);

#endif
