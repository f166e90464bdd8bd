/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tick_math.h - the arithmetic of ticks: intervals, the rate of a counter, and the clock
 * of the time in which a CPU is not idle. It is tested in user space.
 *
 * Contexts: any; who calls sees to it that one CPU's state is written by that CPU alone.
 */
#ifndef RP_KMOD_TICK_MATH_H
#define RP_KMOD_TICK_MATH_H

#include <linux/types.h>

#ifdef __KERNEL__
#include <linux/math64.h>
#include "compat/atomic.h"
#else
#define div64_u64(a, b) ((a) / (b))
#define READ_ONCE(x) (x)
#define barrier() do { } while (0)
#endif

/* ---- intervals ----------------------------------------------------------------- */

/* Marsaglia's xorshift64: a period of 2^64 - 1 in a handful of instructions. */
static inline __u32 rp_next_random(__u64 *state)
{
	__u64 x = *state;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	*state = x;
	return x >> 32;
}

/* period * [0, 1) */
static inline __u64 rp_random_part(__u64 *state, __u64 period)
{
	__u64 random = rp_next_random(state);

	return (((period & 0xffffffffu) * random) >> 32) + (period >> 32) * random;
}

/*
 * From [1/2, 3/2) of the period, independently and uniformly. Jitter around a fixed grid
 * would keep its phase; a random walk of the phase forgets it within a few ticks, so no
 * periodic workload can stay in lockstep. The mean is the period.
 */
static inline __u64 rp_random_interval(__u64 *state, __u64 period)
{
	return period / 2 + rp_random_part(state, period);
}

/* What is counted in `to` ns, if `counted` is in `from`; both are below 2^32. */
static inline __u64 rp_scaled(__u64 counted, __u64 to, __u64 from)
{
	while (counted >> 32) {
		counted >>= 1;
		from >>= 1;
	}
	return from ? div64_u64(counted * to, from) : counted;
}

/* Clocks that an NMI can read may step back by a little: never less than nothing. */
static inline __u64 rp_elapsed(__u64 now, __u64 since)
{
	return (__s64)(now - since) > 0 ? now - since : 0;
}

/* ---- the rate of a counter ------------------------------------------------------- */

/* What no machine is outside of: a cycle of 64 ns, and 16 cycles in 1 ns. */
#define RP_RATE_SHIFT_MAX 6
#define RP_RATE_SHIFT_MIN 4

/* How much is counted in `period` ns, if `counted` is in `ns`. 0: it cannot be told. */
static inline __u64 rp_counted_in(__u64 counted, __u64 ns, __u32 period)
{
	__u64 result;

	while (counted >> 32 || ns >> 32) {
		counted >>= 1;
		ns >>= 1;
	}
	if (!counted || !ns)
		return 0;
	result = div64_u64(counted * period, ns);
	if (result < period >> RP_RATE_SHIFT_MAX || result < 16 ||
	    result >> RP_RATE_SHIFT_MIN > period)
		return 0;
	return result;
}

/*
 * The rate as it is now: half of what it was and half of what was measured, so that a
 * changed frequency is followed within a few ticks, and one odd interval moves it by half.
 * An interval that was idle for more than an eighth says nothing: some counters go on when
 * the CPU is idle, others stop, and most of them are not exact about when.
 */
static inline __u64 rp_follow_rate(__u64 rate, __u64 counted, __u64 ns, __u64 busy_ns,
				   __u32 period)
{
	__u64 measured;

	if (busy_ns < ns - ns / 8)
		return rate;
	measured = rp_counted_in(counted, ns, period);
	return measured ? (rate + measured) / 2 : rate;
}

/* ---- limits that the kernel sets ---------------------------------------------------- */

/*
 * The kernel stops an event that overflows more often in one tick of its own than it
 * allows, until the next one: all samples would then come right behind its ticks, and in
 * step with whatever else does. So the period is doubled until that does not happen, and
 * now and then it is found out whether more is allowed again.
 */
struct rp_limited {
	__u32 shift;		/* the period is 2^shift of what it should be */
	__u32 calm;		/* overflows since one was too many */
};

#define RP_LIMITED_SHIFT_MAX 10
#define RP_LIMITED_CALM 2048

static inline void rp_follow_limit(struct rp_limited *l, int too_many)
{
	if (too_many) {
		l->calm = 0;
		if (l->shift < RP_LIMITED_SHIFT_MAX)
			l->shift++;
	} else if (l->shift && ++l->calm == RP_LIMITED_CALM) {
		l->calm = 0;
		l->shift--;
	}
}

/* ---- time that is not idle -------------------------------------------------------- */

/*
 * A clock that stands still while the CPU is idle. An NMI may come between any two of
 * these stores and reads a clock that is right: on the way into idleness `stood_at` is
 * there before `idle` is, on the way out `behind` is, and either gives the same time.
 */
struct rp_busy_clock {
	__u32 idle;
	__u64 stood_at;		/* what it shows while idle */
	__u64 behind;		/* by how much it is behind the time otherwise */
};

static inline __u64 rp_busy_read(const struct rp_busy_clock *b, __u64 now)
{
	return READ_ONCE(b->idle) ? b->stood_at : now - b->behind;
}

static inline void rp_busy_idle(struct rp_busy_clock *b, __u64 now)
{
	if (b->idle)
		return;
	b->stood_at = now - b->behind;
	barrier();
	b->idle = 1;
	barrier();
}

static inline void rp_busy_resume(struct rp_busy_clock *b, __u64 now)
{
	if (!b->idle)
		return;
	b->behind = now - b->stood_at;
	barrier();
	b->idle = 0;
	barrier();
}

#endif
