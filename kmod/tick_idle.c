// SPDX-License-Identifier: GPL-2.0
/*
 * tick_idle.c - probes on the tracepoints sched_switch, softirq_entry and softirq_exit.
 *
 * Why not cpu_idle: when that is told, the kernel has decided already for how long the CPU
 * is to sleep, how deeply, and whether its own tick goes on meanwhile, by the timers that
 * were armed; and at the end of it nobody knows yet whether there is something to do. A
 * timer that were stopped and armed there would keep the CPU from sleeping all the same.
 *
 * Softirqs that run on top of the idle task are somebody's time: network traffic is handled
 * in them. They are few or short, else ksoftirqd runs, which is no idle task.
 *
 * Contexts: sched_switch under the run queue's lock with interrupts disabled, the others in
 * softirq context, or its task's, with interrupts enabled. The timers' own locks are taken
 * there, as the scheduler does for its own timers. Getting and putting under
 * rp_sessions_lock.
 */
#include <linux/irqflags.h>
#include <linux/rculist.h>
#include <linux/sched.h>
#include <linux/smp.h>

#include "clock.h"
#include "compat/compat.h"
#include "compat/tracepoint.h"
#include "cpu.h"
#include "session.h"
#include "tick_hrtimer.h"
#include "tick_idle.h"

static bool available;		/* since load */
static unsigned int users;	/* under rp_sessions_lock */

/* All sessions' timers on this CPU. Interrupts disabled. */
static void tell(void (*to)(struct rp_cpu *c, u64 now))
{
	struct rp_session *session;
	unsigned int cpu = smp_processor_id();
	u64 now = rp_clock();

	rcu_read_lock();
	list_for_each_entry_rcu(session, &rp_sessions, list) {
		struct rp_cpu *c = rp_session_cpu(session, cpu);

		if (c)
			to(c, now);
	}
	rcu_read_unlock();
}

static RP_PROBE_SCHED_SWITCH(switching)
{
	bool from = is_idle_task(prev), to = is_idle_task(next);

	if (likely(from == to))
		return;
	tell(to ? rp_hrtimer_pause : rp_hrtimer_resume);
}

static void softirq_begins(void *data, unsigned int nr)
{
	unsigned long flags;

	if (likely(!is_idle_task(current)))
		return;
	local_irq_save(flags);
	tell(rp_hrtimer_resume);
	local_irq_restore(flags);
}

/* If it has woken up a task, the CPU does not idle until that runs. */
static void softirq_ends(void *data, unsigned int nr)
{
	unsigned long flags;

	if (likely(!is_idle_task(current)) || need_resched())
		return;
	local_irq_save(flags);
	tell(rp_hrtimer_pause);
	local_irq_restore(flags);
}

static struct {
	const char *name;
	void *probe;
	struct tracepoint *tracepoint;
} points[] = {
	{ "sched_switch", switching },
	{ "softirq_entry", softirq_begins },
	{ "softirq_exit", softirq_ends },
};

void rp_tick_idle_find(void)
{
	int i;

	/* A tick that is a thread's may be half done when its CPU begins to idle. */
	available = RP_HARD_TICK;
	for (i = 0; i < ARRAY_SIZE(points); i++) {
		points[i].tracepoint = rp_tracepoint_find(points[i].name);
		if (!points[i].tracepoint)
			available = false;
	}
}

bool rp_tick_idle_available(void)
{
	return available;
}

static void unprobe(int nr)
{
	while (nr--)
		rp_tracepoint_unprobe(points[nr].tracepoint, points[nr].probe);
}

bool rp_tick_idle_get(void)
{
	int i;

	lockdep_assert_held(&rp_sessions_lock);
	if (!available)
		return false;
	for (i = 0; !users && i < ARRAY_SIZE(points); i++) {
		if (rp_tracepoint_probe(points[i].tracepoint, points[i].probe)) {
			unprobe(i);
			return false;
		}
	}
	users++;
	return true;
}

void rp_tick_idle_put(void)
{
	lockdep_assert_held(&rp_sessions_lock);
	if (!--users)
		unprobe(ARRAY_SIZE(points));
}
