/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tick.h - the clock that asks for samples: a pinned hrtimer on each CPU. Contexts:
 * with each function.
 */
#ifndef RP_KMOD_TICK_H
#define RP_KMOD_TICK_H

struct rp_cpu;

void rp_tick_init(struct rp_cpu *c);

/*
 * On c's CPU, preemption disabled. Starting writes the state record; the first
 * tick comes at a random phase of the period.
 */
void rp_tick_start(struct rp_cpu *c);

/*
 * On c's CPU, task context. When it returns, no tick of c runs or will run.
 */
void rp_tick_stop(struct rp_cpu *c);

/* On c's CPU, interrupts disabled: takes up the session's new frequency now. */
void rp_tick_retune(struct rp_cpu *c);

#endif
