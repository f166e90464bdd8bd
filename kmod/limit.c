// SPDX-License-Identifier: GPL-2.0
/*
 * limit.c - Contexts: rp_limit_pressed in hard interrupt context or NMI, on its own CPU; the
 * work and the rest in task context.
 *
 * The tick tells in the ring, at once, and flags it for the work, which sends the events:
 * what it has told of each CPU is the work's alone. It may miss a change that was undone
 * before it came. It is cancelled when the session is closed, after the last irq_work.
 */
#include <linux/module.h>

#include "cpu.h"
#include "event.h"
#include "limit.h"
#include "tick.h"

static unsigned int budget_ppm = RP_BUDGET_DEFAULT;
module_param(budget_ppm, uint, 0644);
MODULE_PARM_DESC(budget_ppm,
		 "of each CPU's time, what a session may take unless it asks for another share");

u32 rp_limit_default(void)
{
	return clamp_t(u32, READ_ONCE(budget_ppm), RP_BUDGET_MIN, RP_BUDGET_ALL);
}

static void tell(struct work_struct *work)
{
	struct rp_session *session = container_of(work, struct rp_session, limits);
	unsigned int cpu;

	for (cpu = 0; cpu < nr_cpu_ids; cpu++) {
		struct rp_cpu *c = rp_session_cpu(session, cpu);
		u32 limited;

		if (!c)
			continue;
		limited = READ_ONCE(c->budget.limited);
		if (limited == c->limited_told)
			continue;
		c->limited_told = limited;
		rp_event_cpu(session, limited ? RP_EVENT_LIMITED : RP_EVENT_UNLIMITED, cpu);
	}
}

void rp_limits_init(struct rp_session *session)
{
	INIT_WORK(&session->limits, tell);
}

void rp_limits_destroy(struct rp_session *session)
{
	cancel_work_sync(&session->limits);
}

void rp_limits_wake(struct rp_session *session)
{
	queue_work(rp_workqueue, &session->limits);
}

u64 rp_limit_pressed(struct rp_cpu *c, u64 now, u64 period, u32 ppm)
{
	u64 allowed = rp_budget_period(&c->budget, period, ppm);

	if (rp_budget_follow(&c->budget, now, allowed > period)) {
		rp_tick_put_state(c, now, c->budget.limited ? RP_STATE_LIMITED :
							      RP_STATE_UNLIMITED,
				  div64_u64(NSEC_PER_SEC, allowed));
		rp_cpu_wake(c, RP_WAKE_LIMITS);
	}
	return allowed;
}

bool rp_limit_holds(const struct rp_cpu *c)
{
	return READ_ONCE(c->ticking) && READ_ONCE(c->budget.limited);
}

u32 rp_limit_cpus(struct rp_session *session)
{
	unsigned int cpu;
	u32 nr = 0;

	for (cpu = 0; cpu < nr_cpu_ids; cpu++) {
		struct rp_cpu *c = rp_session_cpu(session, cpu);

		if (c && rp_limit_holds(c))
			nr++;
	}
	return nr;
}
