// SPDX-License-Identifier: GPL-2.0
/*
 * idle.c - a probe on the tracepoint cpu_idle. What kernels keep themselves is either
 * counted in jiffies, or behind a sequence counter that an NMI must not wait for.
 *
 * Contexts: the probe runs in the idle task of its CPU, mostly with interrupts disabled,
 * and disables them itself. It uses what is this CPU's only, so it needs no RCU, which
 * some kernels do not have on at that point. Reading: any context on the same CPU, NMI
 * included (see struct rp_busy_clock). Getting and putting under rp_sessions_lock.
 */
#include <linux/irqflags.h>
#include <linux/percpu.h>

#include "clock.h"
#include "compat/compat.h"
#include "compat/tracepoint.h"
#include "idle.h"
#include "session.h"
#include "tick_math.h"

/* What the tracepoint calls the end of it; negative in all versions' types. */
#define RP_IDLE_END ((unsigned int)-1)

static DEFINE_PER_CPU(struct rp_busy_clock, busy);
static struct tracepoint *tracepoint;
static unsigned int users;	/* under rp_sessions_lock */

static void idling(void *data, unsigned int state, unsigned int cpu)
{
	struct rp_busy_clock *b;
	unsigned long flags;

	local_irq_save(flags);
	b = this_cpu_ptr(&busy);
	if (state == RP_IDLE_END)
		rp_busy_resume(b, rp_clock());
	else
		rp_busy_idle(b, rp_clock());
	local_irq_restore(flags);
}

void rp_idle_find(void)
{
	tracepoint = rp_tracepoint_find("cpu_idle");
}

bool rp_idle_get(void)
{
	lockdep_assert_held(&rp_sessions_lock);
	if (!tracepoint || (!users && rp_tracepoint_probe(tracepoint, idling)))
		return false;
	users++;
	return true;
}

void rp_idle_put(void)
{
	lockdep_assert_held(&rp_sessions_lock);
	if (!--users)
		rp_tracepoint_unprobe(tracepoint, idling);
}

void rp_idle_resume(u64 now)
{
	unsigned long flags;

	local_irq_save(flags);
	rp_busy_resume(this_cpu_ptr(&busy), now);
	local_irq_restore(flags);
}

u64 rp_idle_busy_clock(u64 now)
{
	return rp_busy_read(this_cpu_ptr(&busy), now);
}

bool rp_idle_now(void)
{
	return READ_ONCE(this_cpu_ptr(&busy)->idle);
}
