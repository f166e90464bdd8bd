// SPDX-License-Identifier: GPL-2.0
/*
 * netlink.c - Contexts: task context; operations run under genl_mutex and take
 * rp_sessions_lock inside. Events are sent in task context with or without it.
 *
 * The policies name what each command takes; the core refuses anything else, with
 * a message, before it comes here. Reading is free for all; the rest checks
 * CAP_SYS_ADMIN of whoever opened the socket and sends now.
 */
#include <linux/capability.h>
#include <linux/cpumask.h>
#include <linux/module.h>
#include <linux/smp.h>
#include <net/genetlink.h>

#include "compat/compat.h"
#include "event.h"
#include "filter.h"
#include "message.h"
#include "netlink.h"
#include "session.h"

static struct genl_family family;

/* ---- answers ------------------------------------------------------------ */

static int answer_info(struct sk_buff *skb, struct genl_info *info)
{
	struct sk_buff *reply = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	void *header;

	if (!reply)
		return -ENOMEM;
	header = genlmsg_put_reply(reply, info, &family, 0, RP_CMD_INFO);
	if (!header || rp_message_put_info(reply)) {
		nlmsg_free(reply);
		return -EMSGSIZE;
	}
	genlmsg_end(reply, header);
	return genlmsg_reply(reply, info);
}

static void *put_header(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd)
{
	return genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			   &family, NLM_F_MULTI, cmd);
}

/* A session with its totals; NULL: the totals of those that have ended. */
static int put_session(struct sk_buff *skb, struct netlink_callback *cb,
		       struct rp_session *session)
{
	struct rp_cpu_counts counts;
	void *header = put_header(skb, cb, RP_CMD_SESSIONS);

	if (!header)
		return -EMSGSIZE;
	if (session)
		rp_session_counts(session, &counts);
	else
		counts = rp_ended_counts;
	if ((session ? rp_message_put_session(skb, session) :
		       nla_put_u32(skb, RP_A_SESSION, 0)) ||
	    rp_message_put_counts(skb, &counts)) {
		genlmsg_cancel(skb, header);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, header);
	return 0;
}

/*
 * cb->args[0] is 1 + the id of the last session told, args[1] says that the totals
 * were told: sessions may come and go between two parts of a dump, ids only grow.
 */
static int dump_sessions(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct rp_session *session;
	int err = 0;

	mutex_lock(&rp_sessions_lock);
	list_for_each_entry(session, &rp_sessions, list) {
		if (session->id < cb->args[0])
			continue;
		err = put_session(skb, cb, session);
		if (err)
			goto out;
		cb->args[0] = 1 + (long)session->id;
	}
	if (!cb->args[1]) {
		err = put_session(skb, cb, NULL);
		if (!err)
			cb->args[1] = 1;
	}
out:
	mutex_unlock(&rp_sessions_lock);
	return skb->len ? skb->len : err;
}

static int put_stats(struct sk_buff *skb, struct netlink_callback *cb,
		     struct rp_session *session, struct rp_cpu *c)
{
	struct rp_cpu_counts counts;
	void *header = put_header(skb, cb, RP_CMD_STATS);

	if (!header)
		return -EMSGSIZE;
	rp_cpu_snapshot(c, &counts);
	if (nla_put_u32(skb, RP_A_SESSION, session->id) ||
	    nla_put_u32(skb, RP_A_CPU, c->cpu) ||
	    nla_put_u32(skb, RP_A_ONLINE, READ_ONCE(c->ticking)) ||
	    rp_message_put_counts(skb, &counts)) {
		genlmsg_cancel(skb, header);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, header);
	return 0;
}

/* Why rp_session_find found none. */
static void explain(struct netlink_ext_ack *extack, int err)
{
	if (err == -ENOENT)
		NL_SET_ERR_MSG(extack, "no such session");
	else
		NL_SET_ERR_MSG(extack, "several sessions are open: say which");
}

/* cb->args[0]: the next CPU; args[1]: the session's id, once it is known. */
static int dump_stats(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct nlattr *attr = nlmsg_find_attr(cb->nlh, GENL_HDRLEN, RP_A_SESSION);
	u32 id = cb->args[1] ? cb->args[1] : attr ? nla_get_u32(attr) : 0;
	struct rp_session *session;
	unsigned int cpu;
	int err;

	mutex_lock(&rp_sessions_lock);
	session = rp_session_find(id, &err);
	if (!session) {
		/* It may have ended in the middle of the dump. */
		if (cb->args[1])
			err = 0;
		else
			explain(cb->extack, err);
		goto out;
	}
	cb->args[1] = session->id;
	err = 0;
	for (cpu = cb->args[0]; cpu < nr_cpu_ids; cpu++) {
		struct rp_cpu *c = smp_load_acquire(&session->cpus[cpu]);

		if (c)
			err = put_stats(skb, cb, session, c);
		if (err)
			break;
	}
	cb->args[0] = cpu;
out:
	mutex_unlock(&rp_sessions_lock);
	return skb->len ? skb->len : err;
}

/* ---- control ------------------------------------------------------------ */

/*
 * The session that an admin's request means, with rp_sessions_lock held on
 * success.
 */
static struct rp_session *admin_begin(struct sk_buff *skb, struct genl_info *info,
				      int *ret_error)
{
	struct nlattr *attr = info->attrs[RP_A_SESSION];
	struct rp_session *session;

	if (!netlink_capable(skb, CAP_SYS_ADMIN)) {
		GENL_SET_ERR_MSG(info, "changing anything needs CAP_SYS_ADMIN");
		*ret_error = -EPERM;
		return NULL;
	}
	mutex_lock(&rp_sessions_lock);
	session = rp_session_find(attr ? nla_get_u32(attr) : 0, ret_error);
	if (!session) {
		mutex_unlock(&rp_sessions_lock);
		explain(info->extack, *ret_error);
	}
	return session;
}

static void take_u32(struct genl_info *info, int attr, u32 *to)
{
	if (info->attrs[attr])
		*to = nla_get_u32(info->attrs[attr]);
}

/* The rule asked for, or an error with its message. *ret_change: one was asked for. */
static int take_filter(struct genl_info *info, struct rp_filter_rule **ret,
		       bool *ret_change)
{
	struct nlattr *mode = info->attrs[RP_A_FILTER];
	struct nlattr *pid = info->attrs[RP_A_FILTER_PID];
	int err;

	*ret = NULL;
	*ret_change = mode || pid;
	if (!*ret_change)
		return 0;
	if (!mode || (nla_get_u32(mode) != RP_FILTER_NONE && !pid)) {
		GENL_SET_ERR_MSG(info, "a filter needs a mode and, unless none, a pid");
		return -EINVAL;
	}
	err = rp_filter_prepare(nla_get_u32(mode), pid ? nla_get_u32(pid) : 0, ret);
	if (err == -ESRCH)
		NL_SET_ERR_MSG_ATTR(info->extack, pid, "no such process");
	return err;
}

static int do_set(struct sk_buff *skb, struct genl_info *info)
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
	take_u32(info, RP_A_FREQ, &config.freq);
	take_u32(info, RP_A_KERNEL_DEPTH, &config.kernel_depth);
	take_u32(info, RP_A_USER_DEPTH, &config.user_depth);
	take_u32(info, RP_A_MODES, &config.modes);
	err = take_filter(info, &rule, &change_filter);
	if (!err) {
		if (change_filter)
			rp_filter_publish(session, rule);
		rp_session_configure(session, &config);
	}
	mutex_unlock(&rp_sessions_lock);
	return err;
}

static int do_start(struct sk_buff *skb, struct genl_info *info)
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

static int do_stop(struct sk_buff *skb, struct genl_info *info)
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

/* ---- the family --------------------------------------------------------- */

/* Every command's; an attribute that is not here is refused. */
static const struct nla_policy policy[RP_A_NR] = {
	[RP_A_SESSION] = { .type = NLA_U32 },
	[RP_A_FREQ] = NLA_POLICY_RANGE(NLA_U32, RP_FREQ_MIN, RP_FREQ_MAX),
	[RP_A_KERNEL_DEPTH] = NLA_POLICY_MAX(NLA_U32, RP_DEPTH_MAX),
	[RP_A_USER_DEPTH] = NLA_POLICY_MAX(NLA_U32, RP_DEPTH_MAX),
	[RP_A_MODES] = NLA_POLICY_RANGE(NLA_U32, 1, RP_MODE_ALL),
	[RP_A_FILTER] = NLA_POLICY_MAX(NLA_U32, RP_FILTER_CHILDREN),
	[RP_A_FILTER_PID] = NLA_POLICY_MIN(NLA_U32, 1),
};

static const struct nla_policy session_policy[RP_A_SESSION + 1] = {
	[RP_A_SESSION] = { .type = NLA_U32 },
};

#define SESSION_ONLY .policy = session_policy, .maxattr = RP_A_SESSION

static const struct genl_ops ops[] = {
	{ .cmd = RP_CMD_INFO, .doit = answer_info, SESSION_ONLY },
	{ .cmd = RP_CMD_SESSIONS, .dumpit = dump_sessions, SESSION_ONLY },
	{ .cmd = RP_CMD_STATS, .dumpit = dump_stats, SESSION_ONLY },
	{ .cmd = RP_CMD_SET, .doit = do_set, .policy = policy, .maxattr = RP_A_NR - 1 },
	{ .cmd = RP_CMD_START, .doit = do_start, SESSION_ONLY },
	{ .cmd = RP_CMD_STOP, .doit = do_stop, SESSION_ONLY },
};

static const struct genl_multicast_group groups[] = {
	{ .name = RP_GENL_GROUP },
};

static struct genl_family family = {
	.name = RP_GENL_NAME,
	.version = RP_GENL_VERSION,
	.module = THIS_MODULE,
	.ops = ops,
	.n_ops = ARRAY_SIZE(ops),
	.resv_start_op = RP_CMD_NR,
	.mcgrps = groups,
	.n_mcgrps = ARRAY_SIZE(groups),
};

int rp_netlink_init(void)
{
	return genl_register_family(&family);
}

void rp_netlink_exit(void)
{
	genl_unregister_family(&family);
}

/* ---- events ------------------------------------------------------------- */

static int put_event(struct sk_buff *skb, struct rp_session *session,
		     enum rp_event event, const unsigned int *cpu)
{
	if (nla_put_u32(skb, RP_A_EVENT, event) ||
	    nla_put_u32(skb, RP_A_SESSION, session->id))
		return -EMSGSIZE;
	if (cpu)
		return nla_put_u32(skb, RP_A_CPU, *cpu);
	switch (event) {
	case RP_EVENT_OPENED:
		if (nla_put_u32(skb, RP_A_OWNER_PID, session->owner_pid))
			return -EMSGSIZE;
		return nla_put_string(skb, RP_A_OWNER_COMM, session->owner_comm);
	case RP_EVENT_STARTED:
	case RP_EVENT_CHANGED:
		return rp_message_put_config(skb, session);
	default:
		return 0;
	}
}

static void send(struct rp_session *session, enum rp_event event,
		 const unsigned int *cpu)
{
	struct sk_buff *skb = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	void *header;

	if (!skb)
		return;
	header = genlmsg_put(skb, 0, 0, &family, 0, RP_CMD_EVENT);
	if (!header || put_event(skb, session, event, cpu)) {
		nlmsg_free(skb);
		return;
	}
	genlmsg_end(skb, header);
	genlmsg_multicast(&family, skb, 0, 0, GFP_KERNEL);
}

void rp_event(struct rp_session *session, enum rp_event event)
{
	send(session, event, NULL);
}

void rp_event_cpu(struct rp_session *session, enum rp_event event, unsigned int cpu)
{
	send(session, event, &cpu);
}
