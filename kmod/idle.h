/* SPDX-License-Identifier: GPL-2.0 */
/*
 * idle.h - how long each CPU has not been idle, to the microsecond. Contexts: with
 * each function.
 */
#ifndef RP_KMOD_IDLE_H
#define RP_KMOD_IDLE_H

#include <linux/types.h>

/* At load: looks for the tracepoint. */
void rp_idle_find(void);

/*
 * It is kept while somebody needs it. Task context, under rp_sessions_lock, and not in a
 * CPU hotplug callback. False: this kernel does not tell when a CPU is idle.
 */
bool rp_idle_get(void);
void rp_idle_put(void);

/*
 * On this CPU, in task context with preemption disabled: what it does now is no idling.
 * For a clock that was kept before and may have been left standing.
 */
void rp_idle_resume(u64 now);

/* Nanoseconds for which this CPU was not idle; only differences mean something. Any context. */
u64 rp_idle_busy_clock(u64 now);
/* It says that the CPU is idle: in an interrupt, that it was so before. Any context. */
bool rp_idle_now(void);

#endif
