/* SPDX-License-Identifier: GPL-2.0 */
/*
 * control.h - the netlink commands that change something. CAP_SYS_ADMIN. Task context,
 * under genl_mutex.
 */
#ifndef RP_KMOD_CONTROL_H
#define RP_KMOD_CONTROL_H

struct genl_info;
struct netlink_ext_ack;
struct sk_buff;

int rp_control_set(struct sk_buff *skb, struct genl_info *info);
int rp_control_start(struct sk_buff *skb, struct genl_info *info);
int rp_control_stop(struct sk_buff *skb, struct genl_info *info);

/* Why rp_session_find found none. */
void rp_explain_no_session(struct netlink_ext_ack *extack, int err);

#endif
