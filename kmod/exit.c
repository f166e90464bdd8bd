// SPDX-License-Identifier: GPL-2.0
/*
 * exit.c - a probe on sched_process_exit. The tracepoint is not exported by symbol
 * on any kernel; it is found by its name.
 *
 * Contexts: the probe runs in the exiting task's context, with preemption disabled
 * by the tracepoint on most kernels and not on the newest, so it disables it
 * itself. It may be interrupted by a tick; the ring is made for that. Finding is
 * done at load, getting and putting under rp_sessions_lock.
 */
#include <linux/rculist.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "clock.h"
#include "compat/compat.h"
#include "compat/tracepoint.h"
#include "exit.h"
#include "session.h"
#include "tick_math.h"

static struct tracepoint *tracepoint;
static unsigned int users;	/* under rp_sessions_lock */

static void put_exit(struct rp_cpu *c, const struct rp_space_id *id, u64 now)
{
	struct rp_exit rec = {
		.rec = { .size = sizeof(rec), .type = RP_REC_EXIT },
		.time = now,
		.space = *id,
	};
	int whom = RP_WAKE_WORKER_LATER;	/* to free its list of mappings */
	bool wake;

	if (!rp_ring_put(&c->ring, &rec, sizeof(rec), &wake))
		c->counts.counters[RP_COUNTER_EXIT_DROPPED]++;
	if (wake)
		whom |= RP_WAKE_READER;
	rp_cpu_wake(c, whom);
}

/* On the CPU that the process exits on, preemption disabled. */
static void tell(struct rp_session *session, const struct rp_space_id *id)
{
	struct rp_cpu *c = rp_session_cpu(session, smp_processor_id());
	u64 now = rp_clock();

	lockdep_assert_preemption_disabled();
	if (!rp_space_forget(session, id) || !c)
		return;
	put_exit(c, id, now);
	WRITE_ONCE(c->probe_ns, c->probe_ns + (u32)rp_elapsed(rp_clock(), now));
}

static RP_PROBE_SCHED_PROCESS_EXIT(exiting)
{
	struct rp_session *session;
	struct rp_space_id id;

	/* Only the last thread's exit is the process's. */
	if (task->flags & PF_KTHREAD || atomic_read(&task->signal->live))
		return;
	preempt_disable();
	rcu_read_lock();
	rp_space_id_of(task, &id);
	list_for_each_entry_rcu(session, &rp_sessions, list)
		if (READ_ONCE(session->running))
			tell(session, &id);
	rcu_read_unlock();
	preempt_enable();
}

bool rp_exit_find(void)
{
	tracepoint = rp_tracepoint_find("sched_process_exit");
	return tracepoint;
}

bool rp_exit_available(void)
{
	return tracepoint;
}

int rp_exit_get(void)
{
	int err;

	lockdep_assert_held(&rp_sessions_lock);
	if (!tracepoint)
		return 0;
	if (!users) {
		err = rp_tracepoint_probe(tracepoint, exiting);
		if (err)
			return err;
	}
	users++;
	return 0;
}

void rp_exit_put(void)
{
	lockdep_assert_held(&rp_sessions_lock);
	if (!tracepoint || --users)
		return;
	rp_tracepoint_unprobe(tracepoint, exiting);
}
