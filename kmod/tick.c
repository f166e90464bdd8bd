// SPDX-License-Identifier: GPL-2.0
/*
 * tick.c - Contexts: ticks run in hard interrupt context or NMI on their own CPU
 * (tick_hrtimer.c, tick_perf.c). Start, stop and retune exclude them by running on their
 * CPU: start before there is one, retune with interrupts disabled, for timers only, stop
 * by waiting for one that runs. Retune may interrupt the other two.
 *
 * A CPU on which what was planned does not work, because somebody else holds its counters
 * for example, gets the fallback and tells why; weights are true nanoseconds with either,
 * so that a session may well tick in two ways. It is decided again whenever the CPU starts.
 *
 * The plan is made under rp_sessions_lock before any CPU starts. After that it is changed
 * only where a CPU starts, and the CPU hotplug lock lets only one do so at a time.
 */
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/smp.h>

#include "clock.h"
#include "compat/hotplug.h"
#include "cpu.h"
#include "idle.h"
#include "sample.h"
#include "session.h"
#include "tick.h"
#include "tick_hrtimer.h"
#include "tick_idle.h"
#include "tick_math.h"
#include "tick_perf.h"

/* Whether cycles work (RP_TICK_WHY_WORKS) or why not, as it was found last. */
static u32 cycles_why;

/* ---- the choice --------------------------------------------------------------------- */

void rp_tick_find(void)
{
	rp_idle_find();
	rp_tick_idle_find();
	WRITE_ONCE(cycles_why, rp_perf_try());
}

bool rp_tick_perf_available(void)
{
	return rp_perf_available();
}

struct rp_tick_state rp_tick_auto(void)
{
	struct rp_tick_state state = { .why = READ_ONCE(cycles_why) };

	state.source = state.why == RP_TICK_WHY_WORKS ? RP_TICK_SOURCE_CYCLES :
							RP_TICK_SOURCE_HRTIMER;
	return state;
}

void rp_tick_prepare(struct rp_session *session)
{
	struct rp_tick_plan *plan = &session->plan;
	u32 tick = session->config.tick;
	enum rp_tick_why why;

	lockdep_assert_held(&rp_sessions_lock);
	*plan = (struct rp_tick_plan){
		.source = RP_TICK_SOURCE_HRTIMER,
		.why = RP_TICK_WHY_ASKED,
		.fallback = tick == RP_TICK_PERF ? RP_TICK_SOURCE_CPU_CLOCK :
						   RP_TICK_SOURCE_HRTIMER,
	};
	if (tick == RP_TICK_HRTIMER)
		return;
	why = rp_perf_try();
	if (why == RP_TICK_WHY_WORKS) {
		plan->idle_clock = rp_idle_get();
		if (!plan->idle_clock)
			why = RP_TICK_WHY_NO_IDLE;
	}
	WRITE_ONCE(cycles_why, why);
	plan->why = why;
	plan->source = why == RP_TICK_WHY_WORKS ? RP_TICK_SOURCE_CYCLES : plan->fallback;
}

/* On a CPU that may have become idle before it was asked to tell. */
static void pause_if_idle(void *arg)
{
	struct rp_cpu *c = rp_session_cpu(arg, smp_processor_id());

	if (c && is_idle_task(current))
		rp_hrtimer_pause(c, rp_clock());
}

/*
 * Only where there are timers: every switch of tasks costs a little by this. A CPU that gets
 * one later, since its counter is gone, has one that does not pause.
 */
void rp_tick_started(struct rp_session *session)
{
	u32 source = rp_tick_of_session(session).source;

	lockdep_assert_held(&rp_sessions_lock);
	if (source != RP_TICK_SOURCE_HRTIMER && source != RP_TICK_SOURCE_MIXED)
		return;
	session->plan.pauses = rp_tick_idle_get();
	if (session->plan.pauses)
		on_each_cpu(pause_if_idle, session, 1);
}

void rp_tick_finish(struct rp_session *session)
{
	unsigned int cpu;

	lockdep_assert_held(&rp_sessions_lock);
	for (cpu = 0; cpu < nr_cpu_ids; cpu++)
		if (session->cpus[cpu])
			rp_perf_release(session->cpus[cpu]);
	if (session->plan.idle_clock)
		rp_idle_put();
	if (session->plan.pauses)
		rp_tick_idle_put();
	session->plan.idle_clock = session->plan.pauses = false;
}

/* A counter that stands still here does so on the other CPUs: they need not wait for it. */
static void cycles_are_silent(struct rp_tick_plan *plan)
{
	WRITE_ONCE(cycles_why, RP_TICK_WHY_SILENT);
	plan->source = plan->fallback;
	plan->why = RP_TICK_WHY_SILENT;
}

static void choose(struct rp_cpu *c)
{
	struct rp_tick_plan *plan = &c->session->plan;
	u32 source = plan->source, reason = plan->why;
	enum rp_tick_why why;

	while (source != RP_TICK_SOURCE_HRTIMER) {
		WRITE_ONCE(c->source, source);
		why = rp_perf_open(c, source);
		if (why == RP_TICK_WHY_WORKS)
			break;
		reason = why;
		if (why == RP_TICK_WHY_SILENT)
			cycles_are_silent(plan);
		source = source == RP_TICK_SOURCE_CYCLES ? plan->fallback :
							   RP_TICK_SOURCE_HRTIMER;
	}
	WRITE_ONCE(c->source, source);
	WRITE_ONCE(c->why, reason);
}

/* ---- what came of it ------------------------------------------------------------------ */

struct rp_tick_state rp_tick_of_cpu(struct rp_cpu *c)
{
	struct rp_tick_state state = { 0 };

	/* So that it neither starts nor releases its event meanwhile. */
	cpus_read_lock();
	if (c->ticking) {
		state.source = c->source;
		state.why = rp_perf_trouble(c) ?: c->why;
	}
	cpus_read_unlock();
	return state;
}

struct rp_tick_state rp_tick_of_session(struct rp_session *session)
{
	struct rp_tick_state all = { 0 }, one;
	unsigned int cpu;

	for (cpu = 0; cpu < nr_cpu_ids; cpu++) {
		struct rp_cpu *c = rp_session_cpu(session, cpu);

		if (!c)
			continue;
		one = rp_tick_of_cpu(c);
		if (!one.source)
			continue;
		if (all.source && one.source != all.source)
			all.source = RP_TICK_SOURCE_MIXED;
		if (all.why && one.why != all.why)
			all.why = RP_TICK_WHY_DIFFERS;
		if (!all.source)
			all = one;
	}
	return all;
}

bool rp_tick_must_restart(struct rp_session *session)
{
	u32 source = rp_tick_of_session(session).source;

	return source != RP_TICK_SOURCE_HRTIMER && source != RP_TICK_SOURCE_NONE;
}

/* ---- start, stop ------------------------------------------------------------------------ */

void rp_tick_charge(struct rp_cpu *c, u64 ns)
{
	c->counts.self_ns += ns;
	rp_budget_spend_besides(&c->budget, ns);
}

/* What the probes have taken since the last tick, which they do not count themselves. */
static void charge_probes(struct rp_cpu *c)
{
	u32 took = READ_ONCE(c->probe_ns) - c->probe_charged;

	if (likely(!took))
		return;
	c->probe_charged += took;
	rp_tick_charge(c, took);
}

u64 rp_tick_now(struct rp_cpu *c, struct pt_regs *regs, u64 now, u64 weight)
{
	u64 end, took, charged;

	rp_sample_take(c, regs, now, weight);
	end = rp_clock();
	took = rp_elapsed(end, now);
	charged = rp_budget_charge(&c->budget, took);
	if (unlikely(charged < took))
		c->counts.counters[RP_COUNTER_STOOD_STILL]++;
	c->counts.self_ns += charged;
	rp_budget_spend(&c->budget, charged);
	charge_probes(c);
	return end;
}

void rp_tick_init(struct rp_cpu *c)
{
	rp_hrtimer_init(c);
}

void rp_tick_put_state(struct rp_cpu *c, u64 now, enum rp_state state, u64 value)
{
	struct rp_state_rec rec = {
		.rec = { .size = sizeof(rec), .type = RP_REC_STATE },
		.time = now,
		.state = state,
		.cpu = c->cpu,
		.value = value,
	};
	bool wake;

	/* Without room it is not told: STATE only explains the samples around it. */
	rp_ring_put(&c->ring, &rec, sizeof(rec), &wake);
	if (wake)
		rp_cpu_wake(c, RP_WAKE_READER);
}

static void put_state(struct rp_cpu *c, u64 now, enum rp_state state)
{
	rp_tick_put_state(c, now, state, READ_ONCE(c->session->config.freq));
}

void rp_tick_start(struct rp_cpu *c)
{
	u64 now;

	choose(c);
	preempt_disable();
	now = rp_clock();
	put_state(c, now, RP_STATE_CPU_STARTED);
	c->started = c->last_tick = now;
	rp_budget_begin(&c->budget, now);
	c->pause = (struct rp_pause){ 0 };
	if (c->source != RP_TICK_SOURCE_HRTIMER)
		rp_perf_begin(c, now);
	/* An event ticks from here on: it overflows already. */
	barrier();
	WRITE_ONCE(c->ticking, true);
	if (c->source == RP_TICK_SOURCE_HRTIMER)
		rp_hrtimer_start(c);
	preempt_enable();
}

void rp_tick_stop(struct rp_cpu *c)
{
	u64 now;

	if (!c->ticking)
		return;
	/*
	 * Before the cancel: when a CPU goes offline, a change of the frequency may
	 * interrupt us anywhere, and must not arm the timer that was cancelled. One
	 * more tick may come in between.
	 */
	local_irq_disable();
	WRITE_ONCE(c->ticking, false);
	c->counts.run_ns += rp_elapsed(rp_clock(), c->started);
	local_irq_enable();
	if (c->source == RP_TICK_SOURCE_HRTIMER)
		rp_hrtimer_stop(c);
	else
		rp_perf_stop(c);
	preempt_disable();
	now = rp_clock();
	rp_sample_tell_lost(c, now);
	put_state(c, now, RP_STATE_CPU_STOPPED);
	preempt_enable();
}

void rp_tick_retune(struct rp_cpu *c)
{
	lockdep_assert_irqs_disabled();
	if (!c->ticking || c->source != RP_TICK_SOURCE_HRTIMER)
		return;
	rp_hrtimer_retune(c);
	put_state(c, rp_clock(), RP_STATE_FREQUENCY);
}
