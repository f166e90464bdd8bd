// SPDX-License-Identifier: GPL-2.0
/*
 * tick_hrtimer.c - Contexts: the tick itself is an hrtimer callback in hard interrupt
 * context on its own CPU (HRTIMER_MODE_*_HARD keeps it there on PREEMPT_RT). It takes no
 * lock. Everything else that touches c->pause runs on that CPU with interrupts disabled,
 * so that nothing here runs beside anything else; but for rp_hrtimer_start, which comes
 * before there is a tick, and rp_hrtimer_stop, after which nothing is touched.
 *
 * Each sample weighs the time since the previous tick in which the CPU was not idle, so a
 * late or coalesced tick stays true. Where the kernel tells when CPUs idle (tick_idle.h),
 * the timer pauses meanwhile. Where it does not, it ticks on idle CPUs, too, so that what
 * an idle CPU did last does not stand for the idle time.
 */
#include <linux/percpu.h>
#include <asm/irq_regs.h>

#include "clock.h"
#include "cpu.h"
#include "limit.h"
#include "session.h"
#include "tick.h"
#include "tick_hrtimer.h"
#include "tick_math.h"

/* In how many nanoseconds the next tick is to come, at the end of this one. */
static u64 next_interval(struct rp_cpu *c, u64 now)
{
	u64 period = READ_ONCE(c->session->config.period_ns);

	return rp_random_interval(&c->random, rp_limit_period(c, now, period));
}

/* It was left armed. What has passed of the time that is not idle is the next tick's. */
static noinline enum hrtimer_restart tick_idle(struct rp_cpu *c, u64 now)
{
	now = rp_tick_now(c, get_irq_regs(), now, 0);
	rp_pause_fired(&c->pause, next_interval(c, now));
	return HRTIMER_NORESTART;
}

/* Its name is what /proc/timer_list shows, on old kernels without the module's. */
static enum hrtimer_restart ringprof_tick(struct hrtimer *timer)
{
	u64 now = rp_clock();
	struct rp_cpu *c = container_of(timer, struct rp_cpu, timer);
	u64 weight = rp_elapsed(now, c->last_tick);

	if (unlikely(c->pause.idle))
		return tick_idle(c, now);
	c->last_tick = now;
	/*
	 * The timer's clock, too, and read already. Should it have stepped back to before the
	 * expiry, the timer fires once more at once: a tick more, of no weight.
	 */
	now = rp_tick_now(c, get_irq_regs(), now, weight);
	hrtimer_forward(timer, ns_to_ktime(now), ns_to_ktime(next_interval(c, now)));
	return HRTIMER_RESTART;
}

void rp_hrtimer_init(struct rp_cpu *c)
{
	hrtimer_setup(&c->timer, ringprof_tick, CLOCK_MONOTONIC, RP_HRTIMER_MODE);
}

/* When the first tick comes: at a random phase of the period. */
static u64 first_interval(struct rp_cpu *c)
{
	return 1 + rp_random_part(&c->random, READ_ONCE(c->session->config.period_ns));
}

void rp_hrtimer_start(struct rp_cpu *c)
{
	hrtimer_start(&c->timer, ns_to_ktime(first_interval(c)), RP_HRTIMER_MODE);
}

void rp_hrtimer_retune(struct rp_cpu *c)
{
	/*
	 * The callback runs on this CPU with interrupts disabled, so it is not
	 * running now; hrtimer_start moves the timer wherever it was.
	 */
	if (c->pause.paused)
		c->pause.rest = first_interval(c);
	else
		rp_hrtimer_start(c);
}

void rp_hrtimer_stop(struct rp_cpu *c)
{
	hrtimer_cancel(&c->timer);
}

/* ---- idle CPUs ------------------------------------------------------------------------ */

static bool has_timer(const struct rp_cpu *c)
{
	return READ_ONCE(c->ticking) && c->source == RP_TICK_SOURCE_HRTIMER;
}

/* Overdrawn, it stays armed: one tick costs less than to start it again after each idling. */
static bool is_left(const struct rp_cpu *c)
{
	return c->budget.left >= 0;
}

void rp_hrtimer_pause(struct rp_cpu *c, u64 now)
{
	u64 period = READ_ONCE(c->session->config.period_ns);

	lockdep_assert_irqs_disabled();
	if (!has_timer(c) || !rp_pause_begin(&c->pause, now, period) || !is_left(c))
		return;
	/* Its callback runs nowhere: it would on this CPU. */
	if (!WARN_ON_ONCE(hrtimer_try_to_cancel(&c->timer) < 0))
		rp_pause_stopped(&c->pause, now, ktime_to_ns(hrtimer_get_expires(&c->timer)));
	rp_tick_charge(c, rp_elapsed(rp_clock(), now));
}

static void start_rest(struct rp_cpu *c, u64 now)
{
	u64 rest = rp_pause_rest(&c->pause);

	if (rest)
		hrtimer_start(&c->timer, ns_to_ktime(now + rest), RP_HRTIMER_MODE_ABS);
}

void rp_hrtimer_resume(struct rp_cpu *c, u64 now)
{
	lockdep_assert_irqs_disabled();
	if (!has_timer(c) || !rp_pause_end(&c->pause, now, &c->last_tick))
		return;
	if (RP_HRTIMER_STARTS_ANYWHERE)
		start_rest(c, now);
	else
		rp_cpu_wake(c, RP_WAKE_TIMER);
	rp_tick_charge(c, rp_elapsed(rp_clock(), now));
}

void rp_hrtimer_start_later(struct rp_cpu *c)
{
	unsigned long flags;

	local_irq_save(flags);	/* it is a thread's on PREEMPT_RT */
	if (has_timer(c))
		start_rest(c, rp_clock());
	local_irq_restore(flags);
}
