/* SPDX-License-Identifier: GPL-2.0 */
/*
 * netlink.h - the generic netlink family; its manual is proto/ringprof.h.
 */
#ifndef RP_KMOD_NETLINK_H
#define RP_KMOD_NETLINK_H

struct genl_family;

extern struct genl_family rp_family;

int rp_netlink_init(void);
/* Waits until no operation is inside. */
void rp_netlink_exit(void);

#endif
