/* SPDX-License-Identifier: GPL-2.0 */
/*
 * session.h - a session: what one open file of /dev/ringprof owns.
 *
 * Contexts: task context, but for what says otherwise.
 * Locks: rp_sessions_lock (a mutex) guards the list, every session's life and
 * configuration. Order: mmap_lock and genl_mutex before it, the CPU hotplug lock and
 * tables.lock after it. Ticks and the exit probe never take any: they read the fields
 * marked "tick" with READ_ONCE, and the list under rcu_read_lock.
 */
#ifndef RP_KMOD_SESSION_H
#define RP_KMOD_SESSION_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "cpu.h"
#include "space.h"
#include "table.h"
#include "tick.h"

struct rp_config {
	u32 freq;		/* Hz; RP_FREQ_MIN .. RP_FREQ_MAX */
	u64 period_ns;		/* tick: 1e9 / freq; below 2^32, so never read torn */
	u32 kernel_depth;	/* tick */
	u32 user_depth;		/* tick */
	u32 modes;		/* tick: RP_MODE_* */
	u32 tick;		/* enum rp_tick */
	u64 table_limit;	/* bytes; tables.limit is what holds */
	u32 budget_ppm;		/* tick: RP_BUDGET_MIN .. RP_BUDGET_ALL */
	u32 coalesce_ms;	/* tick: 0 .. RP_COALESCE_MAX */
};

struct rp_session {
	struct list_head list;		/* rp_sessions; RCU */
	struct hlist_node hotplug;	/* while running */
	u32 id;
	pid_t owner_pid;
	char owner_comm[TASK_COMM_LEN];
	bool set_up;			/* rings are there */
	bool running;			/* written under the lock, exit probe reads */
	bool changing;			/* start or stop is under way: no CPU events */
	u32 setup_flags;
	u32 ring_bytes, watermark;
	struct rp_config config;
	struct rp_tick_plan plan;	/* while running */
	struct rp_filter_rule __rcu *filter;
	u32 filter_generation;		/* counts the rules */
	struct rp_cpu **cpus;		/* nr_cpu_ids; NULL: never online */
	atomic_t ring_generation;
	u32 limit_generation;		/* counts changes of config.table_limit */
	wait_queue_head_t wait;
	atomic_t readable;		/* the reader is to be woken up */
	struct rp_spaces spaces;
	struct rp_tables tables;
	struct work_struct limits;	/* limit.c */
};

/*
 * What the session has on that CPU; NULL: it was never online. Any context, as long
 * as the session lives.
 */
static inline struct rp_cpu *rp_session_cpu(struct rp_session *session,
					    unsigned int cpu)
{
	/* Pairs with the release that publishes it (session.c). */
	return smp_load_acquire(&session->cpus[cpu]);
}

extern struct mutex rp_sessions_lock;
extern struct list_head rp_sessions;
/* Counts of the sessions that have ended; under rp_sessions_lock. */
extern struct rp_cpu_counts rp_ended_counts;

int rp_sessions_init(void);
void rp_sessions_exit(void);

/* NULL without memory. */
struct rp_session *rp_session_open(void);
/*
 * Ends it: when this returns nothing of it is left. No mapping of its rings and
 * no call with its file may be under way (the file is being released).
 */
void rp_session_close(struct rp_session *session);

/* 0, -EINVAL, -EBUSY (done already), -ENOMEM. Fills the out fields. */
int rp_session_setup(struct rp_session *session, struct rp_setup *setup);

/* Under rp_sessions_lock. Starting twice or stopping twice is fine (0). */
int rp_session_start(struct rp_session *session);
void rp_session_stop(struct rp_session *session);
/* Takes over a checked configuration, ticks included. Under rp_sessions_lock. */
void rp_session_configure(struct rp_session *session, const struct rp_config *config);
/* Shows the reader what is open in the rings (RP_IOC_FLUSH). Task context, no lock. */
void rp_session_flush(struct rp_session *session);

/*
 * Under rp_sessions_lock. id 0: the only one. NULL and *ret_error: -ENOENT (none),
 * -EINVAL (which of several?).
 */
struct rp_session *rp_session_find(u32 id, int *ret_error);

/* Counts one, on this CPU. For counters that only task context counts. Task context. */
void rp_session_count(struct rp_session *session, enum rp_counter counter);

/* All CPUs added up. Under rp_sessions_lock. */
void rp_session_counts(struct rp_session *session, struct rp_cpu_counts *ret);

/* Hard interrupt context (an irq_work), or task context. */
void rp_session_wake_reader(struct rp_session *session);
void rp_session_wake_worker(struct rp_session *session);

#endif
