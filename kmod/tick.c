// SPDX-License-Identifier: GPL-2.0
/*
 * tick.c - Contexts: the tick itself is an hrtimer callback in hard interrupt
 * context on its own CPU (HRTIMER_MODE_*_HARD keeps it there on PREEMPT_RT).
 * It takes no lock. Start, stop and retune exclude it by running on its CPU:
 * start before the timer is armed, retune with interrupts disabled, stop through
 * hrtimer_cancel, which waits for a running callback. Retune may interrupt the
 * other two.
 *
 * Intervals are drawn independently and uniformly from [1/2, 3/2) of the period.
 * Jitter around a fixed grid would keep its phase; a random walk of the phase
 * forgets it within a few ticks, so no periodic workload can stay in lockstep.
 * The mean is the period, and each sample weighs the time since the previous
 * tick, so a late or coalesced tick stays true.
 */
#include <linux/math64.h>
#include <linux/percpu.h>
#include <asm/irq_regs.h>

#include "clock.h"
#include "cpu.h"
#include "sample.h"
#include "session.h"
#include "tick.h"

/* Marsaglia's xorshift64: a period of 2^64 - 1 in a handful of instructions. */
static u32 next_random(struct rp_cpu *c)
{
	u64 x = c->random;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	c->random = x;
	return x >> 32;
}

/* period * [0, 1) */
static u64 random_part(struct rp_cpu *c, u64 period)
{
	return mul_u64_u32_shr(period, next_random(c), 32);
}

/* Its name is what /proc/timer_list shows, on old kernels without the module's. */
static enum hrtimer_restart ringprof_tick(struct hrtimer *timer)
{
	u64 now = rp_clock();
	struct rp_cpu *c = container_of(timer, struct rp_cpu, timer);
	u64 period = READ_ONCE(c->session->config.period_ns);
	u64 weight = now - c->last_tick;

	c->last_tick = now;
	rp_sample_take(c, get_irq_regs(), now, weight);
	hrtimer_forward_now(timer, ns_to_ktime(period / 2 + random_part(c, period)));
	c->counts.self_ns += rp_clock() - now;
	return HRTIMER_RESTART;
}

void rp_tick_init(struct rp_cpu *c)
{
	hrtimer_setup(&c->timer, ringprof_tick, CLOCK_MONOTONIC, RP_HRTIMER_MODE);
}

static void put_state(struct rp_cpu *c, u64 now, enum rp_state state)
{
	struct rp_state_rec rec = {
		.rec = { .size = sizeof(rec), .type = RP_REC_STATE },
		.time = now,
		.state = state,
		.cpu = c->cpu,
		.value = READ_ONCE(c->session->config.freq),
	};
	bool wake;

	/* Without room it is not told: STATE only explains the samples around it. */
	rp_ring_put(&c->ring, &rec, sizeof(rec), &wake);
	if (wake)
		rp_cpu_wake(c, RP_WAKE_READER);
}

static void arm(struct rp_cpu *c)
{
	u64 period = READ_ONCE(c->session->config.period_ns);

	hrtimer_start(&c->timer, ns_to_ktime(1 + random_part(c, period)),
		      RP_HRTIMER_MODE);
}

void rp_tick_start(struct rp_cpu *c)
{
	u64 now = rp_clock();

	lockdep_assert_preemption_disabled();
	put_state(c, now, RP_STATE_CPU_STARTED);
	c->started = c->last_tick = now;
	c->ticking = true;
	arm(c);
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
	c->ticking = false;
	c->counts.run_ns += rp_clock() - c->started;
	local_irq_enable();
	hrtimer_cancel(&c->timer);
	preempt_disable();
	now = rp_clock();
	rp_sample_tell_lost(c, now);
	put_state(c, now, RP_STATE_CPU_STOPPED);
	preempt_enable();
}

void rp_tick_retune(struct rp_cpu *c)
{
	lockdep_assert_irqs_disabled();
	if (!c->ticking)
		return;
	/*
	 * The callback runs on this CPU with interrupts disabled, so it is not
	 * running now; hrtimer_start moves the timer wherever it was.
	 */
	arm(c);
	put_state(c, rp_clock(), RP_STATE_FREQUENCY);
}
