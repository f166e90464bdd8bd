/* SPDX-License-Identifier: GPL-2.0 */
/*
 * cpu.h - what a session has on one CPU: tick, ring, counters.
 *
 * Who writes: the tick, and the functions that start and stop it, on this CPU and not
 * beside one another (tick.c). Each counter is written in one context only (noted
 * below), or by a tick that nothing but a nested one interrupts, which writes `nested`
 * and nothing else. Readers elsewhere take a snapshot
 * (rp_cpu_snapshot), which runs on this CPU too, so that it never sees a tick
 * half counted.
 *
 * Contexts: with each function.
 * Lifetime: allocated when the CPU is first seen by the session, published in
 * session->cpus with release semantics, freed with the session.
 */
#ifndef RP_KMOD_CPU_H
#define RP_KMOD_CPU_H

#include <linux/hrtimer.h>
#include <linux/irq_work.h>

#include "budget.h"
#include "compat/compat.h"
#include "ring.h"
#include "rule_cache.h"
#include "tick_pause.h"
#include "tick_perf.h"

struct rp_session;
struct rp_space_slot;

/* Address spaces that wait for the worker, on one CPU. */
#define RP_SPACE_REQUESTS 16

struct rp_space_request {
	u32 state;			/* see space.c */
	u32 map_gen;
	struct rp_space_id id;
	struct mm_struct *mm;		/* holds a reference (mm_users) */
	u64 since;			/* when it was asked for */
	u64 not_before;			/* when it may be served */
	char comm[16];
};

struct rp_cpu_counts {
	u64 counters[RP_COUNTER_NR];	/* tick, but for those of SPACE (the worker)
					 * and EXIT_DROPPED (the exit probe)
					 */
	u64 kernel_stops[RP_STOP_NR];	/* tick */
	u64 user_stops[RP_STOP_NR];	/* tick */
	u64 run_ns;			/* tick on, without the current stretch */
	u64 self_ns;			/* spent in ticks and probes; tick */
};

/*
 * Ticks that interrupted a sample being taken. Nothing interrupts such a tick, and it
 * writes only here, so that no count is lost that is half way in what it interrupted.
 */
struct rp_cpu_nested {
	u64 count, weight;
	u64 told_count, told_weight;	/* by LOST records; not by nested ticks */
};

struct rp_cpu {
	struct rp_session *session;
	unsigned int cpu;
	bool ticking;
	bool sampling;			/* a sample is being taken */
	u32 source, why;		/* what ticks (proto/tick.h); hotplug lock */
	struct hrtimer timer;
	struct rp_pause pause;		/* of the timer; interrupts disabled */
	struct rp_perf_tick perf;
	struct irq_work wake;
	atomic_t wake_whom;		/* RP_WAKE_* */
	struct rp_ring ring;
	u64 random;			/* state of the jitter's generator, never 0 */
	u64 started;			/* when this stretch of ticking began */
	u64 last_tick;
	u64 lost_count, lost_weight;	/* not yet told by a LOST record */
	struct rp_budget budget;	/* tick */
	u32 limited_told;		/* by limit.c's work */
	u32 probe_ns;			/* spent in the exit probe, by that; it may wrap */
	u32 probe_charged;		/* of them; tick */
	struct rp_cpu_nested nested;
	struct rp_cpu_counts counts;
	struct rp_space_request requests[RP_SPACE_REQUESTS];
	struct rp_space_slot *last_space;	/* of the last sample; the tick's */
	u64 addr[2 * RP_DEPTH_MAX];	/* the stacks of the sample being taken */
	struct rp_rule_cache rules;	/* of the tick */
};

/* NULL without memory. Task context. */
struct rp_cpu *rp_cpu_alloc(struct rp_session *session, unsigned int cpu);
/* Nobody may use it any more: see session.c. */
void rp_cpu_free(struct rp_cpu *c);

/*
 * Wakes the session's reader or worker, or that within a second, from any context: an
 * irq_work does it, for neither wait queues nor workqueues may be touched from NMI, nor
 * under a run queue's lock.
 */
#define RP_WAKE_READER 1
#define RP_WAKE_WORKER 2
#define RP_WAKE_WORKER_LATER 4
#define RP_WAKE_LIMITS 8
#define RP_WAKE_TIMER 16		/* the tick's timer: it is to be started */
void rp_cpu_wake(struct rp_cpu *c, int whom);

/* Publishes the record that is open in its ring. Task context, may wait for an IPI. */
void rp_cpu_flush(struct rp_cpu *c);

/* A consistent copy of the counts. Task context, may wait for an IPI. */
void rp_cpu_snapshot(struct rp_cpu *c, struct rp_cpu_counts *ret);
void rp_counts_add(struct rp_cpu_counts *to, const struct rp_cpu_counts *from);

#endif
