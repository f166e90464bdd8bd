// SPDX-License-Identifier: GPL-2.0
/*
 * tick_perf.c - a pinned perf event per CPU, whose overflow handler is the tick.
 *
 * Contexts: the handler of a hardware event runs in NMI on x86, and on arm64 where its
 * interrupt is a pseudo-NMI, else in hard interrupt context; that of the CPU clock in
 * hard interrupt context. It takes no lock. One event of a CPU never interrupts itself.
 * Opening, stopping and releasing in task context; the first two on the event's CPU, so
 * that an NMI is either before or after each of their steps, not beside it.
 *
 * The frequency is kept here, not by perf's own frequency mode: that one settles on a
 * fixed period, and a fixed period may run in step with what is profiled. A period that is
 * set in the handler is taken up when the counter is loaded next, one interrupt later.
 *
 * Weights are nanoseconds for which the CPU was not idle since the last tick. Neither of
 * the obvious measures is true: cycles differ in length, as the processor's frequency
 * does, and the time since the last tick holds the idle time in which nothing ticked,
 * where the counter stops in it, as most do. So the idle time is taken out (idle.c), and
 * it does not matter whether the counter stops.
 *
 * A softirq may run on an idle CPU before the tracepoint has told that it is woken up.
 * That tick stands for a period, or for what has passed since the last one if that is less.
 *
 * perf stops an event that overflows too often within one tick of the scheduler. An idle
 * CPU has no such ticks: however seldom its event overflows, in the end it was too often,
 * and it would stand still until the CPU is busy again. So these overflows are not counted
 * up (not_too_often).
 */
#include "compat/compat.h"
#include "cpu.h"
#include "tick_perf.h"

#ifdef RP_HAVE_PERF_EVENTS
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/perf_event.h>
#include <linux/sched.h>

#include "clock.h"
#include "idle.h"
#include "limit.h"
#include "session.h"
#include "tick.h"

/*
 * Until an event is known to work, it overflows after so many cycles: 30 microseconds to
 * half a millisecond. At least 20 milliseconds are waited for two of them; more, if this
 * CPU is a virtual one and stands still meanwhile.
 */
#define TRY_CYCLES 100000
#define TRY_LOOPS 2000
#define TRY_LOOP_US 10

/* ---- the tick ---------------------------------------------------------------------- */

/* On old kernels, local64_read takes no pointer to const. */
static u64 weigh_cycles(struct rp_cpu *c, struct perf_event *event, u64 now, u64 period)
{
	struct rp_perf_tick *p = &c->perf;
	u64 count = local64_read(&event->count);
	u64 busy_clock = rp_idle_busy_clock(now);
	u64 busy = rp_elapsed(busy_clock, p->last_busy);
	u64 all = rp_elapsed(now, c->last_tick);

	p->rate = rp_follow_rate(p->rate, count - p->last_count, all, busy, period);
	p->last_count = count;
	p->last_busy = busy_clock;
	return rp_idle_now() ? min(all, period) : busy;
}

/* What the kernel leaves in an event that it has just stopped for a while. */
#define STOPPED_FOR_A_WHILE (~0ull)

static bool is_stopped(const struct perf_event *event)
{
	return event->hw.interrupts == STOPPED_FOR_A_WHILE;
}

/*
 * In the handler. perf counts anew when it finds that the scheduler has ticked since the
 * last overflow; by this, it always finds so. It may have stopped the event all the same,
 * where a single overflow is too many. The number is perf's own, read and written by the
 * CPU that the event is on, at an overflow, before it calls the handler; nobody else does.
 */
static void not_too_often(struct perf_event *event)
{
	event->hw.interrupts_seq--;
}

/*
 * It ticks on idle CPUs, too. Where it was stopped on one, the time since then is mostly
 * idle time, and how much of it is not, nobody has seen.
 */
static u64 weigh_clock(struct rp_cpu *c, u64 now, u64 period)
{
	u64 all = rp_elapsed(now, c->last_tick);

	return c->perf.idle_stopped ? min(all, period) : all;
}

static void tick(struct rp_cpu *c, struct perf_event *event, struct pt_regs *regs)
{
	u64 now = rp_clock(), weight, wanted = READ_ONCE(c->session->config.period_ns);
	u64 period = wanted, allowed;
	bool idle = is_idle_task(current), stopped = is_stopped(event);

	if (c->source == RP_TICK_SOURCE_CYCLES) {
		weight = weigh_cycles(c, event, now, period);
		period = c->perf.rate;
	} else {
		weight = weigh_clock(c, now, period);
	}
	c->last_tick = now;
	rp_tick_now(c, regs, now, weight);
	allowed = rp_limit_period(c, now, wanted);
	if (allowed > wanted)
		period = rp_scaled(period, allowed, wanted);
	c->perf.idle_stopped = idle && stopped;
	if (idle)
		not_too_often(event);
	else
		rp_follow_limit(&c->perf.limited, stopped);
	period <<= READ_ONCE(c->perf.limited.shift);
	event->hw.sample_period = rp_random_interval(&c->random, period);
}

/* The rate is what was counted between two overflows. */
static void find_rate(struct rp_cpu *c, struct perf_event *event)
{
	u64 now = rp_clock(), count = local64_read(&event->count), rate;
	struct rp_perf_tick *p = &c->perf;

	if (p->last_time && !p->rate) {
		rate = rp_counted_in(count - p->last_count, rp_elapsed(now, p->last_time),
				     READ_ONCE(c->session->config.period_ns));
		WRITE_ONCE(p->rate, rate);
	}
	p->last_time = now;
	p->last_count = count;
}

static void overflow(struct perf_event *event, struct perf_sample_data *data,
		     struct pt_regs *regs)
{
	struct rp_cpu *c = event->overflow_handler_context;

	if (READ_ONCE(c->ticking))
		tick(c, event, regs);
	else
		find_rate(c, event);
}

/* ---- events -------------------------------------------------------------------------- */

static enum rp_tick_why why_of(long err)
{
	switch (-err) {
	case ENOENT:		/* no PMU */
	case EOPNOTSUPP:	/* one without interrupts */
	case ENODEV:
	case EINVAL:
		return RP_TICK_WHY_NO_COUNTER;
	case EBUSY:
		return RP_TICK_WHY_BUSY;
	default:
		return RP_TICK_WHY_REFUSED;
	}
}

static struct perf_event *create(unsigned int cpu, enum rp_tick_source source, u64 period,
				 perf_overflow_handler_t handler, void *context)
{
	bool cycles = source == RP_TICK_SOURCE_CYCLES;
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = cycles ? PERF_TYPE_HARDWARE : PERF_TYPE_SOFTWARE,
		.config = cycles ? PERF_COUNT_HW_CPU_CYCLES : PERF_COUNT_SW_CPU_CLOCK,
		.sample_period = period,
		.pinned = 1,	/* never taken turns with other events */
	};

	return perf_event_create_kernel_counter(&attr, cpu, NULL, handler, context);
}

/* A pinned event for which there is no counter left, which its creation does not tell. */
static bool is_in_error(const struct perf_event *event)
{
	return READ_ONCE(event->state) == PERF_EVENT_STATE_ERROR;
}

static void ignore(struct perf_event *event, struct perf_sample_data *data,
		   struct pt_regs *regs)
{
}

static enum rp_tick_why try_on(unsigned int cpu)
{
	struct perf_event *event = create(cpu, RP_TICK_SOURCE_CYCLES, NSEC_PER_SEC, ignore, NULL);
	enum rp_tick_why why;

	if (IS_ERR(event))
		return why_of(PTR_ERR(event));
	why = is_in_error(event) ? RP_TICK_WHY_BUSY : RP_TICK_WHY_WORKS;
	perf_event_release_kernel(event);
	return why;
}

bool rp_perf_available(void)
{
	return true;
}

/*
 * Not every CPU has to have what others have, and one may go offline meanwhile, which
 * looks as if it had none: so each is asked until one has it.
 */
enum rp_tick_why rp_perf_try(void)
{
	enum rp_tick_why why = RP_TICK_WHY_NO_COUNTER;
	unsigned int cpu;

	for_each_online_cpu(cpu) {
		why = try_on(cpu);
		if (why == RP_TICK_WHY_WORKS)
			break;
	}
	return why;
}

/* It counts from its creation on, and this CPU is not idle: two overflows are to come. */
static enum rp_tick_why wait_for_rate(struct rp_cpu *c)
{
	int i;

	for (i = 0; i < TRY_LOOPS; i++) {
		if (READ_ONCE(c->perf.rate))
			return RP_TICK_WHY_WORKS;
		if (is_in_error(c->perf.event))
			return RP_TICK_WHY_BUSY;
		udelay(TRY_LOOP_US);
		cond_resched();
	}
	return RP_TICK_WHY_SILENT;
}

enum rp_tick_why rp_perf_open(struct rp_cpu *c, enum rp_tick_source source)
{
	bool cycles = source == RP_TICK_SOURCE_CYCLES;
	u64 period = cycles ? TRY_CYCLES : READ_ONCE(c->session->config.period_ns);
	enum rp_tick_why why = RP_TICK_WHY_WORKS;
	struct perf_event *event;

	rp_perf_release(c);	/* of the last time that this CPU was online */
	memset(&c->perf, 0, sizeof(c->perf));
	event = create(c->cpu, source, period, overflow, c);
	if (IS_ERR(event))
		return why_of(PTR_ERR(event));
	c->perf.event = event;
	if (cycles)
		why = wait_for_rate(c);
	if (why != RP_TICK_WHY_WORKS)
		rp_perf_release(c);
	return why;
}

void rp_perf_begin(struct rp_cpu *c, u64 now)
{
	struct rp_perf_tick *p = &c->perf;
	u64 period = p->rate ?: READ_ONCE(c->session->config.period_ns);

	rp_idle_resume(now);
	p->last_busy = rp_idle_busy_clock(now);
	p->event->hw.sample_period = rp_random_interval(&c->random, period);
}

void rp_perf_stop(struct rp_cpu *c)
{
	perf_event_disable(c->perf.event);
}

void rp_perf_release(struct rp_cpu *c)
{
	if (c->perf.event)
		perf_event_release_kernel(c->perf.event);
	c->perf.event = NULL;
}

enum rp_tick_why rp_perf_trouble(const struct rp_cpu *c)
{
	if (!c->perf.event)
		return RP_TICK_WHY_NONE;
	if (is_in_error(c->perf.event))
		return RP_TICK_WHY_LOST;
	return READ_ONCE(c->perf.limited.shift) ? RP_TICK_WHY_LIMITED : RP_TICK_WHY_NONE;
}

#else

bool rp_perf_available(void)
{
	return false;
}

enum rp_tick_why rp_perf_try(void)
{
	return RP_TICK_WHY_NO_PERF;
}

enum rp_tick_why rp_perf_open(struct rp_cpu *c, enum rp_tick_source source)
{
	return RP_TICK_WHY_NO_PERF;
}

void rp_perf_begin(struct rp_cpu *c, u64 now) { }
void rp_perf_stop(struct rp_cpu *c) { }
void rp_perf_release(struct rp_cpu *c) { }

enum rp_tick_why rp_perf_trouble(const struct rp_cpu *c)
{
	return RP_TICK_WHY_NONE;
}
#endif
