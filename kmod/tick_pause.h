/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tick_pause.h - the arithmetic of a timer that pauses while its CPU idles. It is tested in
 * user space.
 *
 * It goes on where it was: what was left until the tick is left still when the CPU has
 * something to do again, and a tick stands for the time since the last one in which the CPU
 * was not idle. So ticks come as often in that time as they are to, and none in the other.
 *
 * To stop and to start it costs about a quarter of a tick. A CPU that idles thousands of
 * times a second would pay that for each: it is stopped RP_PAUSE_TURNS times a period at
 * most. After that it stays armed; should it fire while the CPU idles, that is the end of it
 * until the CPU has something to do, and the time that it had counted is the next tick's.
 *
 * Contexts: any; who calls sees to it that one CPU's state is written by that CPU alone, and
 * by one at a time.
 */
#ifndef RP_KMOD_TICK_PAUSE_H
#define RP_KMOD_TICK_PAUSE_H

#include "tick_math.h"

#define RP_PAUSE_TURNS 8

struct rp_pause {
	__u32 idle;		/* boolean: the CPU is */
	__u32 paused;		/* boolean: the timer is not armed, or not yet again */
	__u32 turns;		/* how often it was stopped since turns_from */
	__u64 turns_from;
	__u64 since;		/* when it became idle */
	__u64 rest;		/* ns from the end of the pause to the tick */
};

/* The CPU begins to idle. True: the timer is to be stopped. period: ns, between ticks. */
static inline bool rp_pause_begin(struct rp_pause *p, __u64 now, __u64 period)
{
	if (p->idle)
		return false;
	p->idle = 1;
	p->since = now;
	if (rp_elapsed(now, p->turns_from) >= period) {
		p->turns_from = now;
		p->turns = 0;
	}
	return !p->paused && p->turns < RP_PAUSE_TURNS;
}

/* It was stopped. expires: when it would have fired. */
static inline void rp_pause_stopped(struct rp_pause *p, __u64 now, __u64 expires)
{
	p->paused = 1;
	p->turns++;
	/* Overdue: the first thing that the CPU does. */
	p->rest = (__s64)(expires - now) > 0 ? expires - now : 1;
}

/* It fired while the CPU idles, and is not armed again. */
static inline void rp_pause_fired(struct rp_pause *p, __u64 interval)
{
	p->paused = 1;
	p->rest = interval;
}

/*
 * The CPU has something to do. last_tick moves by the time that it was idle. True: the
 * timer is to be started, which rp_pause_rest is then for.
 */
static inline bool rp_pause_end(struct rp_pause *p, __u64 now, __u64 *last_tick)
{
	if (!p->idle)
		return false;
	p->idle = 0;
	*last_tick += rp_elapsed(now, p->since);
	return p->paused;
}

/* For how many ns it is to be started. 0: it is not, any more. */
static inline __u64 rp_pause_rest(struct rp_pause *p)
{
	if (p->idle || !p->paused)
		return 0;
	p->paused = 0;
	return p->rest;
}

#endif
