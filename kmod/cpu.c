// SPDX-License-Identifier: GPL-2.0
/*
 * cpu.c - Contexts: alloc, free, snapshot in task context; wake anywhere; the
 * irq_work's handler in hard interrupt context (PREEMPT_RT: a thread).
 */
#include <linux/cpu.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/vmalloc.h>

#include "clock.h"
#include "compat/hotplug.h"
#include "cpu.h"
#include "limit.h"
#include "session.h"
#include "tick.h"
#include "tick_hrtimer.h"
#include "tick_math.h"

static void wake_handler(struct irq_work *work)
{
	struct rp_cpu *c = container_of(work, struct rp_cpu, wake);

	int whom = atomic_xchg(&c->wake_whom, 0);

	if (whom & RP_WAKE_READER)
		rp_session_wake_reader(c->session);
	if (whom & RP_WAKE_WORKER)
		rp_session_wake_worker(c->session);
	if (whom & RP_WAKE_WORKER_LATER)
		rp_spaces_wake_later(&c->session->spaces);
	if (whom & RP_WAKE_LIMITS)
		rp_limits_wake(c->session);
	if (whom & RP_WAKE_TIMER)
		rp_hrtimer_start_later(c);
}

struct rp_cpu *rp_cpu_alloc(struct rp_session *session, unsigned int cpu)
{
	struct rp_cpu *c = vzalloc_node(sizeof(*c), cpu_to_node(cpu));

	if (!c)
		return NULL;
	c->session = session;
	c->cpu = cpu;
	get_random_bytes(&c->random, sizeof(c->random));
	c->random |= 1;
	init_irq_work(&c->wake, wake_handler);
	rp_tick_init(c);
	if (rp_ring_alloc(&c->ring, cpu, session->ring_bytes, session->watermark)) {
		vfree(c);
		return NULL;
	}
	return c;
}

void rp_cpu_free(struct rp_cpu *c)
{
	if (!c)
		return;
	rp_ring_free(&c->ring);
	vfree(c);
}

void rp_cpu_wake(struct rp_cpu *c, int whom)
{
	atomic_or(whom, &c->wake_whom);
	irq_work_queue(&c->wake);
}

struct snapshot {
	struct rp_cpu *c;
	struct rp_cpu_counts *counts;
};

/* Nested ticks are taken, and lost. */
static u64 add_nested(struct rp_cpu *c, struct rp_cpu_counts *counts)
{
	u64 nested = READ_ONCE(c->nested.count);

	counts->counters[RP_COUNTER_TAKEN] += nested;
	counts->counters[RP_COUNTER_NESTED] += nested;
	return nested;
}

/*
 * On the counts' own CPU with interrupts disabled, no tick is half way. The
 * loop is for ticks that come as NMI: each of them counts itself wholly before
 * we go on, so a copy during which `taken` did not move is consistent.
 */
static void snapshot_here(void *arg)
{
	struct snapshot *snap = arg;
	struct rp_cpu *c = snap->c;
	u64 taken, nested;

	do {
		taken = READ_ONCE(c->counts.counters[RP_COUNTER_TAKEN]);
		barrier();
		*snap->counts = c->counts;
		nested = add_nested(c, snap->counts);
		if (c->ticking)
			snap->counts->run_ns += rp_elapsed(rp_clock(), c->started);
		barrier();
	} while (taken != READ_ONCE(c->counts.counters[RP_COUNTER_TAKEN]) ||
		 nested != READ_ONCE(c->nested.count));
}

void rp_cpu_snapshot(struct rp_cpu *c, struct rp_cpu_counts *ret)
{
	struct snapshot snap = { .c = c, .counts = ret };

	might_sleep();
	/*
	 * An offline CPU has no ticks: its counts can be read from anywhere, as long
	 * as it does not come online meanwhile.
	 */
	cpus_read_lock();
	if (smp_call_function_single(c->cpu, snapshot_here, &snap, 1))
		snapshot_here(&snap);
	cpus_read_unlock();
}

static void close_here(void *arg)
{
	struct rp_cpu *c = arg;

	/* A reader that was to be woken up is here already. */
	rp_ring_close(&c->ring);
}

void rp_cpu_flush(struct rp_cpu *c)
{
	might_sleep();
	/* Seen from elsewhere this may be old: then it was not open when we were called. */
	if (READ_ONCE(c->ring.published) == READ_ONCE(c->ring.reserved))
		return;
	/* An offline CPU has none: what it wrote last is no sample. */
	cpus_read_lock();
	smp_call_function_single(c->cpu, close_here, c, 1);
	cpus_read_unlock();
}

void rp_counts_add(struct rp_cpu_counts *to, const struct rp_cpu_counts *from)
{
	int i;

	for (i = 0; i < RP_COUNTER_NR; i++)
		to->counters[i] += from->counters[i];
	for (i = 0; i < RP_STOP_NR; i++) {
		to->kernel_stops[i] += from->kernel_stops[i];
		to->user_stops[i] += from->user_stops[i];
	}
	to->run_ns += from->run_ns;
	to->self_ns += from->self_ns;
}
