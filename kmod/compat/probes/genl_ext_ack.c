// SPDX-License-Identifier: GPL-2.0
/* Refusals of netlink requests can carry a sentence (extended acks), from 4.12 on. */
#include <net/genetlink.h>

void probe(struct genl_info *info);
void probe(struct genl_info *info)
{
	GENL_SET_ERR_MSG(info, "sentence");
}
