// SPDX-License-Identifier: GPL-2.0
/*
 * tick_hrtimer.c - Contexts: the tick itself is an hrtimer callback in hard interrupt
 * context on its own CPU (HRTIMER_MODE_*_HARD keeps it there on PREEMPT_RT). It takes no
 * lock.
 *
 * Each sample weighs the time since the previous tick, so a late or coalesced tick stays
 * true. It ticks on idle CPUs, too, so that what an idle CPU did last does not stand for
 * the idle time.
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

/* Its name is what /proc/timer_list shows, on old kernels without the module's. */
static enum hrtimer_restart ringprof_tick(struct hrtimer *timer)
{
	u64 now = rp_clock();
	struct rp_cpu *c = container_of(timer, struct rp_cpu, timer);
	u64 period = READ_ONCE(c->session->config.period_ns);
	u64 weight = rp_elapsed(now, c->last_tick);

	c->last_tick = now;
	/*
	 * The timer's clock, too, and read already. Should it have stepped back to before the
	 * expiry, the timer fires once more at once: a tick more, of no weight.
	 */
	now = rp_tick_now(c, get_irq_regs(), now, weight);
	period = rp_limit_period(c, now, period);
	hrtimer_forward(timer, ns_to_ktime(now),
			ns_to_ktime(rp_random_interval(&c->random, period)));
	return HRTIMER_RESTART;
}

void rp_hrtimer_init(struct rp_cpu *c)
{
	hrtimer_setup(&c->timer, ringprof_tick, CLOCK_MONOTONIC, RP_HRTIMER_MODE);
}

void rp_hrtimer_start(struct rp_cpu *c)
{
	u64 period = READ_ONCE(c->session->config.period_ns);

	hrtimer_start(&c->timer, ns_to_ktime(1 + rp_random_part(&c->random, period)),
		      RP_HRTIMER_MODE);
}

void rp_hrtimer_stop(struct rp_cpu *c)
{
	hrtimer_cancel(&c->timer);
}
