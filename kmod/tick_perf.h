/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tick_perf.h - a perf event on each CPU: hardware cycles, or perf's CPU clock.
 *
 * An event is opened and stopped on its CPU, and released later: releasing may need
 * locks that a CPU hotplug callback must not wait for. Contexts: with each function.
 */
#ifndef RP_KMOD_TICK_PERF_H
#define RP_KMOD_TICK_PERF_H

#include <linux/types.h>

#include "../proto/tick.h"
#include "tick_math.h"

struct perf_event;
struct rp_cpu;

struct rp_perf_tick {
	struct perf_event *event;
	u64 rate;		/* cycles in a period; 0: still to be found out */
	u64 last_count;		/* at the last tick, or overflow while trying: cycles */
	u64 last_time;		/* while trying */
	u64 last_busy;		/* idle.h's clock at the last tick */
	bool idle_stopped;	/* by the kernel, at the last tick, on an idle CPU */
	struct rp_limited limited;
};

bool rp_perf_available(void);

/* Is there a counter of cycles on any CPU? RP_TICK_WHY_WORKS, or why not. Task context. */
enum rp_tick_why rp_perf_try(void);

/*
 * On c's CPU, task context: makes the event that is to tick, and waits until it does.
 * RP_TICK_WHY_WORKS, or why there is none.
 */
enum rp_tick_why rp_perf_open(struct rp_cpu *c, enum rp_tick_source source);
/* On c's CPU, preemption disabled, before c->ticking is set: from now on it counts. */
void rp_perf_begin(struct rp_cpu *c, u64 now);
/* On c's CPU, task context: when it returns no tick runs. */
void rp_perf_stop(struct rp_cpu *c);
/* Task context; stopped, or never begun. */
void rp_perf_release(struct rp_cpu *c);

/*
 * RP_TICK_WHY_LOST, LIMITED: what the kernel has done to the event since. NONE: nothing.
 * Whoever calls keeps c's CPU from coming and going.
 */
enum rp_tick_why rp_perf_trouble(const struct rp_cpu *c);

#endif
