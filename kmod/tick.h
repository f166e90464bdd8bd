/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tick.h - what asks for samples on each CPU: a timer, or a perf event (proto/tick.h).
 *
 * tick.c chooses, starts and stops; tick_hrtimer.c and tick_perf.c are the sources.
 * Contexts: with each function.
 */
#ifndef RP_KMOD_TICK_H
#define RP_KMOD_TICK_H

#include <linux/types.h>

#include "../proto/ringprof.h"

struct pt_regs;
struct rp_cpu;
struct rp_session;

/* What a session's CPUs are to try, and why. */
struct rp_tick_plan {
	u32 source;		/* enum rp_tick_source */
	u32 why;		/* enum rp_tick_why */
	u32 fallback;		/* where that does not work */
	bool idle_clock;	/* idle.h's is kept for it */
	bool pauses;		/* timers pause on idle CPUs (tick_idle.h) */
};

struct rp_tick_state {
	u32 source, why;
};

/* At load, task context: what there is. */
void rp_tick_find(void);
bool rp_tick_perf_available(void);

/* What auto came to when it was last tried, at load or since. Any context. */
struct rp_tick_state rp_tick_auto(void);

/*
 * Before the first CPU of a session starts, when those that are online have, and after the
 * last one has stopped. Task context, under rp_sessions_lock.
 */
void rp_tick_prepare(struct rp_session *session);
void rp_tick_started(struct rp_session *session);
void rp_tick_finish(struct rp_session *session);

void rp_tick_init(struct rp_cpu *c);

/*
 * On c's CPU, task context. Starting finds out what works, and writes the state record;
 * the first tick comes at a random phase of the period.
 */
void rp_tick_start(struct rp_cpu *c);

/*
 * On c's CPU, task context. When it returns, no tick of c runs or will run.
 */
void rp_tick_stop(struct rp_cpu *c);

/*
 * On c's CPU, interrupts disabled: takes up the session's new frequency now, if it is a
 * timer that ticks.
 */
void rp_tick_retune(struct rp_cpu *c);
/* Some CPU's is none, so the ticks have to be started anew. Under rp_sessions_lock. */
bool rp_tick_must_restart(struct rp_session *session);

/* What ticks on that CPU, and in the whole session. Task context, under rp_sessions_lock. */
struct rp_tick_state rp_tick_of_cpu(struct rp_cpu *c);
struct rp_tick_state rp_tick_of_session(struct rp_session *session);

/*
 * For the sources, on c's CPU in hard interrupt context or NMI: takes the sample, and the
 * time that it takes. Returns what time it is then.
 */
u64 rp_tick_now(struct rp_cpu *c, struct pt_regs *regs, u64 now, u64 weight);

/* What the session took of c's CPU besides ticks: from there, but where a tick may be under way. */
void rp_tick_charge(struct rp_cpu *c, u64 ns);

/* Tells it in the ring of c's CPU, from there: any context. */
void rp_tick_put_state(struct rp_cpu *c, u64 now, enum rp_state state, u64 value);

#endif
