// SPDX-License-Identifier: GPL-2.0
/* A refused dump can carry a sentence, from 4.20 on. */
#include <linux/netlink.h>

struct netlink_ext_ack *probe(struct netlink_callback *cb);
struct netlink_ext_ack *probe(struct netlink_callback *cb)
{
	return cb->extack;
}
