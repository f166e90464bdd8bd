// SPDX-License-Identifier: GPL-2.0
/*
 * event.c - Contexts: task context, with or without rp_sessions_lock; the CPU events
 * come from hotplug callbacks, which must not take it. What such a message tells of
 * the configuration is under the lock, so they tell none.
 */

#include "compat/compat.h"
#include "compat/genl.h"
#include "event.h"
#include "message.h"
#include "netlink.h"
#include "session.h"

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
	header = genlmsg_put(skb, 0, 0, &rp_family, 0, RP_CMD_EVENT);
	if (!header || put_event(skb, session, event, cpu)) {
		nlmsg_free(skb);
		return;
	}
	genlmsg_end(skb, header);
	genlmsg_multicast(&rp_family, skb, 0, 0, GFP_KERNEL);
}

void rp_event(struct rp_session *session, enum rp_event event)
{
	send(session, event, NULL);
}

void rp_event_cpu(struct rp_session *session, enum rp_event event, unsigned int cpu)
{
	send(session, event, &cpu);
}
