/* SPDX-License-Identifier: GPL-2.0 */
/*
 * filter.h - which processes a session wants: all, or one and its descendants.
 *
 * A filter is immutable once it is published; readers are under rcu_read_lock, in any
 * context. Changing it: task context, under rp_sessions_lock.
 */
#ifndef RP_KMOD_FILTER_H
#define RP_KMOD_FILTER_H

#include <linux/types.h>
#include "../proto/ringprof.h"

struct pid;
struct rp_session;
struct task_struct;

struct rp_filter_rule {
	enum rp_filter mode;
	struct pid *pid;	/* a reference; NULL with RP_FILTER_NONE */
};

/* Any context, under rcu_read_lock. */
bool rp_filter_active(struct rp_session *session);
bool rp_filter_match(struct rp_session *session, struct task_struct *task);

/*
 * Task context, under rp_sessions_lock. pid is a number in the caller's PID
 * namespace. 0, -ENOMEM, or -ESRCH: no such process. The old rule stays on error.
 */
int rp_filter_prepare(enum rp_filter mode, u32 pid, struct rp_filter_rule **ret);
void rp_filter_publish(struct rp_session *session, struct rp_filter_rule *rule);
void rp_filter_free(struct rp_filter_rule *rule);

#endif
