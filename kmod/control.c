// SPDX-License-Identifier: GPL-2.0
/*
 * control.c - Contexts: task context, under genl_mutex; rp_sessions_lock is taken
 * here. Everything is checked before anything is changed, so that a request is
 * carried out wholly or not at all.
 *
 * CAP_SYS_ADMIN is asked of whoever opened the socket and of whoever sends now.
 */
#include <linux/capability.h>

#include "compat/compat.h"
#include "compat/genl.h"
#include "control.h"
#include "filter.h"
#include "netlink.h"
#include "session.h"

void rp_explain_no_session(struct netlink_ext_ack *extack, int err)
{
	if (err == -ENOENT)
		NL_SET_ERR_MSG(extack, "no such session");
	else
		NL_SET_ERR_MSG(extack, "several sessions are open: say which");
}

/*
 * The session that an admin's request means, with rp_sessions_lock held on
 * success.
 */
static struct rp_session *admin_begin(struct sk_buff *skb, struct genl_info *info,
				      int *ret_error)
{
	struct nlattr *attr = info->attrs[RP_A_SESSION];
	struct rp_session *session;

	*ret_error = rp_netlink_check(info);
	if (*ret_error)
		return NULL;
	if (!netlink_capable(skb, CAP_SYS_ADMIN)) {
		GENL_SET_ERR_MSG(info, "changing anything needs CAP_SYS_ADMIN");
		*ret_error = -EPERM;
		return NULL;
	}
	mutex_lock(&rp_sessions_lock);
	session = rp_session_find(attr ? nla_get_u32(attr) : 0, ret_error);
	if (!session) {
		mutex_unlock(&rp_sessions_lock);
		rp_explain_no_session(rp_genl_extack(info), *ret_error);
	}
	return session;
}

/*
 * Takes the attribute if it is there and in [low, high]; refuses it with the
 * sentence, a string literal, if it is not.
 */
#define TAKE(info, attr, get, low, high, to, sentence) ({ \
	struct nlattr *taken = (info)->attrs[attr]; \
	int refused = 0; \
\
	if (taken && (get(taken) < (low) || get(taken) > (high))) { \
		NL_SET_ERR_MSG_ATTR((info)->extack, taken, sentence); \
		refused = -EINVAL; \
	} else if (taken) { \
		*(to) = get(taken); \
	} \
	refused; })
#define TAKE_U32(info, attr, low, high, to, sentence) \
	TAKE(info, attr, nla_get_u32, low, high, to, sentence)
#define TAKE_U64(info, attr, low, high, to, sentence) \
	TAKE(info, attr, nla_get_u64, low, high, to, sentence)

/* Cycles where there are none have a fallback; perf events where there are none do not. */
static int check_tick(struct genl_info *info, u32 tick)
{
	if (!info->attrs[RP_A_TICK] || tick != RP_TICK_PERF || rp_tick_perf_available())
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[RP_A_TICK],
			    "this kernel has no perf events (CONFIG_PERF_EVENTS)");
	return -EOPNOTSUPP;
}

static int take_config(struct genl_info *info, struct rp_config *config)
{
	return TAKE_U32(info, RP_A_FREQ, RP_FREQ_MIN, RP_FREQ_MAX, &config->freq,
			"the frequency must be 1 to 10000 Hz") ?:
	       TAKE_U32(info, RP_A_KERNEL_DEPTH, 0, RP_DEPTH_MAX,
			&config->kernel_depth,
			"the depth of kernel stacks must be 0 to 127 frames") ?:
	       TAKE_U32(info, RP_A_USER_DEPTH, 0, RP_DEPTH_MAX, &config->user_depth,
			"the depth of user stacks must be 0 to 127 frames") ?:
	       TAKE_U32(info, RP_A_MODES, 1, RP_MODE_ALL, &config->modes,
			"modes must be at least one of kernel, user, kthread") ?:
	       TAKE_U32(info, RP_A_TICK, RP_TICK_HRTIMER, RP_TICK_PERF, &config->tick,
			"the tick must be auto, hrtimer or perf") ?:
	       TAKE_U64(info, RP_A_TABLE_LIMIT, 0, RP_TABLE_LIMIT_MAX, &config->table_limit,
			"unwind tables can have 0 to 4 GiB") ?:
	       TAKE_U32(info, RP_A_BUDGET, RP_BUDGET_MIN, RP_BUDGET_ALL, &config->budget_ppm,
			"the budget must be 1 to 1000000 parts per million") ?:
	       TAKE_U32(info, RP_A_COALESCE, 0, RP_COALESCE_MAX, &config->coalesce_ms,
			"a sample may stand for 0 to 60000 milliseconds") ?:
	       check_tick(info, config->tick);
}

/* The rule asked for, or an error with its message. *ret_change: one was asked for. */
static int take_filter(struct genl_info *info, struct rp_filter_rule **ret,
		       bool *ret_change)
{
	struct nlattr *pid = info->attrs[RP_A_FILTER_PID];
	u32 mode = RP_FILTER_NONE, number = 0;
	int err;

	*ret = NULL;
	*ret_change = info->attrs[RP_A_FILTER] || pid;
	err = TAKE_U32(info, RP_A_FILTER, RP_FILTER_NONE, RP_FILTER_CHILDREN, &mode,
		       "no such kind of filter") ?:
	      TAKE_U32(info, RP_A_FILTER_PID, 1, INT_MAX, &number,
		       "that cannot be a process's number");
	if (err)
		return err;
	if (!pid != (mode == RP_FILTER_NONE)) {
		GENL_SET_ERR_MSG(info, "a filter is a kind and a process, or none");
		return -EINVAL;
	}
	err = rp_filter_prepare(mode, number, ret);
	if (err == -ESRCH)
		NL_SET_ERR_MSG_ATTR(info->extack, pid, "no such process");
	return err;
}

int rp_control_set(struct sk_buff *skb, struct genl_info *info)
{
	struct rp_filter_rule *rule;
	struct rp_session *session;
	struct rp_config config;
	bool change_filter;
	int err;

	session = admin_begin(skb, info, &err);
	if (!session)
		return err;
	config = session->config;
	err = take_config(info, &config);
	if (!err)
		err = take_filter(info, &rule, &change_filter);
	if (!err) {
		if (change_filter)
			rp_filter_publish(session, rule);
		rp_session_configure(session, &config);
	}
	mutex_unlock(&rp_sessions_lock);
	return err;
}

int rp_control_start(struct sk_buff *skb, struct genl_info *info)
{
	struct rp_session *session;
	int err;

	session = admin_begin(skb, info, &err);
	if (!session)
		return err;
	if (session->set_up) {
		err = rp_session_start(session);
	} else {
		GENL_SET_ERR_MSG(info, "the session has no rings yet (RP_IOC_SETUP)");
		err = -EBUSY;
	}
	mutex_unlock(&rp_sessions_lock);
	return err;
}

int rp_control_stop(struct sk_buff *skb, struct genl_info *info)
{
	struct rp_session *session;
	int err;

	session = admin_begin(skb, info, &err);
	if (!session)
		return err;
	rp_session_stop(session);
	mutex_unlock(&rp_sessions_lock);
	return 0;
}
