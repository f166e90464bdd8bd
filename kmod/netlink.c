// SPDX-License-Identifier: GPL-2.0
/*
 * netlink.c - the family, and what it answers to anyone.
 *
 * Contexts: task context; operations run under genl_mutex and take
 * rp_sessions_lock inside.
 *
 * The policies name what each command takes; anything else is refused, with a message,
 * by the core before it comes here, or by compat/genl.h where the core does not.
 */
#include <linux/cpumask.h>
#include <linux/module.h>

#include "compat/compat.h"
#include "compat/genl.h"
#include "control.h"
#include "limit.h"
#include "message.h"
#include "netlink.h"
#include "session.h"

/* ---- requests ------------------------------------------------------------ */

/*
 * What each command takes. Values are checked in control.c, which can say what
 * would be right; the core's own range checks cannot.
 */
static const struct nla_policy policy[RP_A_NR] = {
	[RP_A_SESSION] = { .type = NLA_U32 },
	[RP_A_FREQ] = { .type = NLA_U32 },
	[RP_A_KERNEL_DEPTH] = { .type = NLA_U32 },
	[RP_A_BUDGET] = { .type = NLA_U32 },
	[RP_A_COALESCE] = { .type = NLA_U32 },
	[RP_A_USER_DEPTH] = { .type = NLA_U32 },
	[RP_A_MODES] = { .type = NLA_U32 },
	[RP_A_TICK] = { .type = NLA_U32 },
	[RP_A_FILTER] = { .type = NLA_U32 },
	[RP_A_FILTER_PID] = { .type = NLA_U32 },
	[RP_A_TABLE_LIMIT] = { .type = NLA_U64 },
};

static const struct nla_policy session_policy[RP_A_SESSION + 1] = {
	[RP_A_SESSION] = { .type = NLA_U32 },
};

static int check_dump(struct netlink_callback *cb)
{
	return rp_genl_check(cb->nlh, session_policy, RP_A_SESSION, rp_dump_extack(cb));
}

int rp_netlink_check(struct genl_info *info)
{
	bool set = info->genlhdr->cmd == RP_CMD_SET;

	return rp_genl_check(info->nlhdr, set ? policy : session_policy,
			     set ? RP_A_NR - 1 : RP_A_SESSION, rp_genl_extack(info));
}

/* ---- answers ------------------------------------------------------------ */

static int answer_info(struct sk_buff *skb, struct genl_info *info)
{
	int err = rp_netlink_check(info);
	struct sk_buff *reply;
	void *header;

	if (err)
		return err;
	reply = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (!reply)
		return -ENOMEM;
	header = genlmsg_put_reply(reply, info, &rp_family, 0, RP_CMD_INFO);
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
			   &rp_family, NLM_F_MULTI, cmd);
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
	int err = check_dump(cb);

	if (err)
		return err;
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
	    nla_put_u32(skb, RP_A_LIMITED, rp_limit_holds(c)) ||
	    rp_message_put_tick(skb, rp_tick_of_cpu(c)) ||
	    rp_message_put_counts(skb, &counts)) {
		genlmsg_cancel(skb, header);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, header);
	return 0;
}

/* cb->args[0]: the next CPU; args[1]: the session's id, once it is known. */
static int dump_stats(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct nlattr *attr = nlmsg_find_attr(cb->nlh, GENL_HDRLEN, RP_A_SESSION);
	struct rp_session *session;
	unsigned int cpu;
	int err = check_dump(cb);
	u32 id;

	if (err)
		return err;
	id = cb->args[1] ? cb->args[1] : attr ? nla_get_u32(attr) : 0;
	mutex_lock(&rp_sessions_lock);
	session = rp_session_find(id, &err);
	if (!session) {
		/* It may have ended in the middle of the dump. */
		if (cb->args[1])
			err = 0;
		else
			rp_explain_no_session(rp_dump_extack(cb), err);
		goto out;
	}
	cb->args[1] = session->id;
	err = 0;
	for (cpu = cb->args[0]; cpu < nr_cpu_ids; cpu++) {
		struct rp_cpu *c = rp_session_cpu(session, cpu);

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

/* ---- the family --------------------------------------------------------- */

#define SESSION_ONLY RP_GENL_TAKES(session_policy, RP_A_SESSION)

static RP_GENL_TABLE struct genl_ops ops[] = {
	{ .cmd = RP_CMD_INFO, .doit = answer_info, SESSION_ONLY },
	{ .cmd = RP_CMD_SESSIONS, .dumpit = dump_sessions, SESSION_ONLY },
	{ .cmd = RP_CMD_STATS, .dumpit = dump_stats, SESSION_ONLY },
	{ .cmd = RP_CMD_SET, .doit = rp_control_set, RP_GENL_TAKES(policy, RP_A_NR - 1) },
	{ .cmd = RP_CMD_START, .doit = rp_control_start, SESSION_ONLY },
	{ .cmd = RP_CMD_STOP, .doit = rp_control_stop, SESSION_ONLY },
};

static RP_GENL_TABLE struct genl_multicast_group groups[] = {
	{ .name = RP_GENL_GROUP },
};

struct genl_family rp_family = {
	.name = RP_GENL_NAME,
	.version = RP_GENL_VERSION,
	.module = THIS_MODULE,
	RP_GENL_FAMILY_MAXATTR(RP_A_NR - 1)
	RP_GENL_FAMILY_OPS(ops, groups)
};

int rp_netlink_init(void)
{
	return rp_genl_register(&rp_family, ops, groups);
}

void rp_netlink_exit(void)
{
	genl_unregister_family(&rp_family);
}
