/* SPDX-License-Identifier: GPL-2.0 */
/*
 * budget.h - the arithmetic of a session's share of a CPU's time: what has been given out and
 * what was spent, and how seldom it has to tick to keep to that. It is tested in user space.
 *
 * The share is given out as time goes by, and kept for RP_BUDGET_HORIZON_NS at most: whatever
 * comes, in no second is more spent than the share of 1.1 seconds and what the last sample
 * took. Where that is not even RP_BUDGET_SAMPLES of them, it is kept for longer, up to a
 * second. A sample may overdraw it; then there are none until that is made up for. So that this
 * stays rare, ticks come as seldom as their average cost asks for.
 *
 * A tick that is refused still stands for its time, which the next samples carry: not the next
 * one alone, since after a tick that took long (a virtual CPU stood still in it, perhaps) that
 * may be seconds, and shares would be what one sample happened to hit.
 *
 * Contexts: any; who calls sees to it that one CPU's budget is written by that CPU alone.
 */
#ifndef RP_KMOD_BUDGET_H
#define RP_KMOD_BUDGET_H

#include "../proto/ringprof.h"
#include "tick_math.h"

#ifndef __KERNEL__
#define min(a, b) ((a) < (b) ? (a) : (b))
#endif

#define RP_BUDGET_HORIZON_NS	100000000ull
#define RP_BUDGET_HORIZON_MAX_NS 1000000000ull
#define RP_BUDGET_SAMPLES	8
#define RP_BUDGET_CARRIES	4u		/* times its own weight, each sample at most */
#define RP_BUDGET_PERIOD_MAX	4000000000ull	/* ns: one sample in 4 seconds */
#define RP_BUDGET_CALM_NS	1000000000ull	/* until pressure is over */
/* What is kept for differences from the average: a sixteenth. */
#define RP_BUDGET_ASKED		(RP_BUDGET_ALL + RP_BUDGET_ALL / 16)
#define RP_BUDGET_AVERAGE_SHIFT	6		/* of the last 64 ticks, about */
#define RP_BUDGET_ODD		8		/* times the average */
#define RP_BUDGET_TICK_NS	1000000ull
#define RP_BUDGET_UNIT_SHIFT	8		/* the average's fraction: 1/256 ns */
#define RP_BUDGET_GAP_NS	8000000000000ull /* longer ones give no more, nor overflow */

struct rp_budget {
	__u64 since;		/* given out up to this moment */
	__s64 left;		/* ns times a million; below 0: overdrawn */
	__s64 average;		/* what a tick takes: ns << RP_BUDGET_UNIT_SHIFT */
	__u32 shift, seen;	/* what the next one counts for, 1/2^shift; and how many did */
	__u64 carried;		/* weight of refused ticks */
	__u64 pressed_at;	/* when the last tick was refused or put off */
	__u32 refused;		/* boolean: this tick */
	__u32 pressed;		/* boolean: since this was looked at */
	__u32 limited;		/* boolean */
};

/* Ticks begin, for the first time or again: for the time in between nothing is given out. */
static inline void rp_budget_begin(struct rp_budget *b, __u64 now)
{
	b->since = now;
}

static inline __s64 rp_budget_most(const struct rp_budget *b, __u32 ppm)
{
	__u64 wanted = ((__u64)b->average >> RP_BUDGET_UNIT_SHIFT) * RP_BUDGET_SAMPLES *
		       RP_BUDGET_ALL;

	if (wanted < RP_BUDGET_HORIZON_NS * ppm)
		return RP_BUDGET_HORIZON_NS * ppm;
	return min(wanted, RP_BUDGET_HORIZON_MAX_NS * ppm);
}

/* Gives out what has become due. False: there is nothing left, the tick is to be refused. */
static inline bool rp_budget_left(struct rp_budget *b, __u64 now, __u32 ppm)
{
	__u64 gap = rp_elapsed(now, b->since);
	__s64 most = rp_budget_most(b, ppm);

	if (gap > RP_BUDGET_GAP_NS)
		gap = RP_BUDGET_GAP_NS;
	b->left += (__s64)(gap * ppm);
	if (b->left > most)
		b->left = most;
	b->since = now;
	return b->left >= 0;
}

/* The weight of a tick that is refused; and of a sample, with its part of those before it. */
static inline void rp_budget_refuse(struct rp_budget *b, __u64 weight)
{
	b->carried += weight;
	b->refused = b->pressed = 1;
}

static inline __u64 rp_budget_weight(struct rp_budget *b, __u64 weight)
{
	__u64 part = weight * RP_BUDGET_CARRIES;

	if (!b->carried)
		return weight;
	if (part > b->carried)
		part = b->carried;
	b->carried -= part;
	return weight + part;
}

/*
 * The first ticks count for more: all caches are cold then, and if the average were slow to
 * forget that, few would come for long. One that takes many times what others do is made up
 * for by what is left, and not once more by the average.
 */
static inline void rp_budget_average(struct rp_budget *b, __u64 ns)
{
	/* A microsecond more: where a clock is coarse, most ticks seem to take no time. */
	__s64 most = RP_BUDGET_ODD * b->average + (1000 << RP_BUDGET_UNIT_SHIFT);
	__s64 took = ns << RP_BUDGET_UNIT_SHIFT;

	if (b->shift && took > most)
		took = most;
	b->average += (took - b->average) >> b->shift;
	if (b->shift == RP_BUDGET_AVERAGE_SHIFT || ++b->seen < 1u << b->shift)
		return;
	b->seen = 0;
	b->shift++;
}

/*
 * What a tick is charged of what it took. Where it took over a millisecond, and many times the
 * average, the CPU was somebody else's meanwhile: no stack takes that long to be walked.
 */
static inline __u64 rp_budget_charge(const struct rp_budget *b, __u64 ns)
{
	__u64 most = RP_BUDGET_ODD * ((__u64)b->average >> RP_BUDGET_UNIT_SHIFT);

	if (ns <= RP_BUDGET_TICK_NS || ns <= most)
		return ns;
	return most < RP_BUDGET_TICK_NS ? RP_BUDGET_TICK_NS : most;
}

/* What it costs besides ticks. */
static inline void rp_budget_spend_besides(struct rp_budget *b, __u64 ns)
{
	b->left -= (__s64)(ns * RP_BUDGET_ALL);
}

/*
 * What a tick is charged. One that was refused says nothing of what ticks take, except if it
 * is more than had been thought.
 */
static inline void rp_budget_spend(struct rp_budget *b, __u64 ns)
{
	rp_budget_spend_besides(b, ns);
	if (!b->refused || (__s64)(ns << RP_BUDGET_UNIT_SHIFT) > b->average)
		rp_budget_average(b, ns);
	b->refused = 0;
}

/* What the average asks for: ns of a period, times parts per million. */
static inline __u64 rp_budget_asked(const struct rp_budget *b)
{
	return ((__u64)b->average >> RP_BUDGET_UNIT_SHIFT) * RP_BUDGET_ASKED;
}

/* As seldom as ticks may come; the period (ns) if that is seldom enough. */
static inline __u64 rp_budget_period(const struct rp_budget *b, __u64 period, __u32 ppm)
{
	__u64 asked = rp_budget_asked(b);

	if (asked <= period * ppm)
		return period;
	asked = div64_u64(asked, ppm);
	return min(asked, RP_BUDGET_PERIOD_MAX);
}

/* Nothing holds ticks back, nor did of late: there is nothing to follow. */
static inline bool rp_budget_is_calm(const struct rp_budget *b, __u64 period, __u32 ppm)
{
	return !(b->limited | b->pressed) && rp_budget_asked(b) <= period * ppm;
}

/* True: it has just begun to hold ticks back (limited), or has ended. */
static inline bool rp_budget_follow(struct rp_budget *b, __u64 now, bool put_off)
{
	__u32 was = b->limited;

	if (put_off || b->pressed) {
		b->pressed = 0;
		b->pressed_at = now;
		b->limited = 1;
	} else if (rp_elapsed(now, b->pressed_at) > RP_BUDGET_CALM_NS) {
		b->limited = 0;
	}
	return b->limited != was;
}

#endif
