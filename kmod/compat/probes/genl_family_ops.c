// SPDX-License-Identifier: GPL-2.0
/*
 * A generic netlink family has its operations and groups as tables, and groups are
 * told by their index in there, from 3.13 on.
 */
#include <net/genetlink.h>

static const struct genl_ops ops[1];
static const struct genl_multicast_group groups[1];

int probe(struct genl_family *family, struct sk_buff *skb);
int probe(struct genl_family *family, struct sk_buff *skb)
{
	family->ops = ops;
	family->mcgrps = groups;
	return genlmsg_multicast(family, skb, 0, 0, GFP_KERNEL);
}
