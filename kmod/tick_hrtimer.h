/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tick_hrtimer.h - a pinned timer on each CPU. Contexts: with each function.
 */
#ifndef RP_KMOD_TICK_HRTIMER_H
#define RP_KMOD_TICK_HRTIMER_H

struct rp_cpu;

void rp_hrtimer_init(struct rp_cpu *c);
/* On c's CPU, preemption disabled. Also moves a timer that is armed. */
void rp_hrtimer_start(struct rp_cpu *c);
/* Task context: when it returns no tick runs. */
void rp_hrtimer_stop(struct rp_cpu *c);

#endif
