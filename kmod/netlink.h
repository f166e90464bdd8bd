/* SPDX-License-Identifier: GPL-2.0 */
/*
 * netlink.h - the generic netlink family; its manual is proto/ringprof.h. Task context.
 */
#ifndef RP_KMOD_NETLINK_H
#define RP_KMOD_NETLINK_H

struct genl_family;
struct genl_info;

extern struct genl_family rp_family;

/* 0, or -EINVAL: the request has what its command does not take. */
int rp_netlink_check(struct genl_info *info);

int rp_netlink_init(void);
/* Waits until no operation is inside. */
void rp_netlink_exit(void);

#endif
