/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tick_idle.h - tells the timers (tick_hrtimer.h) when their CPU begins to idle and when it
 * has something to do. Contexts: with each function.
 */
#ifndef RP_KMOD_TICK_IDLE_H
#define RP_KMOD_TICK_IDLE_H

#include <linux/types.h>

/* At load, task context: looks for the tracepoints. */
void rp_tick_idle_find(void);
/* They can be told. Any context. */
bool rp_tick_idle_available(void);

/*
 * They are told while somebody needs it. Task context, under rp_sessions_lock, and not in a
 * CPU hotplug callback. False: this kernel does not tell, and timers tick on idle CPUs.
 */
bool rp_tick_idle_get(void);
void rp_tick_idle_put(void);

#endif
