// SPDX-License-Identifier: GPL-2.0
/* A netlink attribute of 64 bits can be aligned, from 4.7 on. */
#include <net/netlink.h>

int probe(struct sk_buff *skb);
int probe(struct sk_buff *skb)
{
	return nla_put_u64_64bit(skb, 1, 0, 2);
}
