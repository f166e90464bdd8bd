// SPDX-License-Identifier: GPL-2.0
/*
 * filter.c - Contexts: matching in hard interrupt or NMI under rcu_read_lock:
 * real_parent, group_leader and struct pid are all freed by RCU, so an ancestor
 * that is exiting, or was interrupted in the middle of it, can still be looked at; what
 * it points to is whole before and after each store. Changing in task context, under
 * rp_sessions_lock.
 *
 * A process is held by its struct pid, never by its number: when it has died, a
 * new process with its number is another one.
 *
 * Descent is by real_parent. A process whose parent died belongs to its new
 * parent: whoever wants to keep such descendants makes itself their subreaper
 * (PR_SET_CHILD_SUBREAPER), as `ringprofctl record -- COMMAND` does.
 */
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "filter.h"
#include "session.h"

/* More generations than this are not followed: a bound on the time it takes. */
#define ANCESTORS_MAX 128

bool rp_filter_active(struct rp_session *session)
{
	return rcu_dereference(session->filter);
}

bool rp_filter_match(struct rp_session *session, struct task_struct *task)
{
	struct rp_filter_rule *rule = rcu_dereference(session->filter);
	int generation;

	if (!rule)
		return true;
	for (generation = 0; generation < ANCESTORS_MAX; generation++) {
		if (task_tgid(task) == rule->pid)
			return generation > 0 || rule->mode == RP_FILTER_TREE;
		if (task->pid <= 1)
			return false;
		/* The parent of a process is its leader's, whoever forked it. */
		task = rcu_dereference(task->group_leader->real_parent);
	}
	return false;
}

int rp_filter_prepare(enum rp_filter mode, u32 pid, struct rp_filter_rule **ret)
{
	struct rp_filter_rule *rule;
	struct task_struct *task;

	*ret = NULL;
	if (mode == RP_FILTER_NONE)
		return 0;
	rule = kzalloc(sizeof(*rule), GFP_KERNEL);
	if (!rule)
		return -ENOMEM;
	rule->mode = mode;
	rcu_read_lock();
	task = pid_task(find_vpid(pid), PIDTYPE_PID);
	if (task)
		rule->pid = get_pid(task_tgid(task));
	rcu_read_unlock();
	if (!rule->pid) {
		kfree(rule);
		return -ESRCH;
	}
	*ret = rule;
	return 0;
}

void rp_filter_free(struct rp_filter_rule *rule)
{
	if (rule)
		put_pid(rule->pid);
	kfree(rule);
}

void rp_filter_publish(struct rp_session *session, struct rp_filter_rule *rule)
{
	struct rp_filter_rule *old;

	lockdep_assert_held(&rp_sessions_lock);
	old = rcu_dereference_protected(session->filter,
					lockdep_is_held(&rp_sessions_lock));
	rcu_assign_pointer(session->filter, rule);
	/* After the pointer: answers cached for the old rule lose their validity. */
	smp_wmb();
	WRITE_ONCE(session->filter_generation, session->filter_generation + 1);
	synchronize_rcu();
	rp_filter_free(old);
}
