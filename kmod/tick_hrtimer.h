/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tick_hrtimer.h - a pinned timer on each CPU. Contexts: with each function.
 */
#ifndef RP_KMOD_TICK_HRTIMER_H
#define RP_KMOD_TICK_HRTIMER_H

#include <linux/types.h>

struct rp_cpu;

void rp_hrtimer_init(struct rp_cpu *c);
/* On c's CPU, preemption disabled: for the first time, or again. */
void rp_hrtimer_start(struct rp_cpu *c);
/* On c's CPU, interrupts disabled: by the session's new period, if it ticks. */
void rp_hrtimer_retune(struct rp_cpu *c);
/* Task context: when it returns no tick runs. */
void rp_hrtimer_stop(struct rp_cpu *c);

/*
 * On c's CPU, interrupts disabled, also under a run queue's lock, at time now: it begins to
 * idle, it has something to do. Nothing is done where c has no timer.
 */
void rp_hrtimer_pause(struct rp_cpu *c, u64 now);
void rp_hrtimer_resume(struct rp_cpu *c, u64 now);
/* For c's irq_work, on c's CPU: what rp_hrtimer_resume could not do where it was. */
void rp_hrtimer_start_later(struct rp_cpu *c);

#endif
