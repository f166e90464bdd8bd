/* SPDX-License-Identifier: GPL-2.0 */
/*
 * message.h - putting things into netlink messages: 0 or -EMSGSIZE. Task context; what
 * tells of a session, under rp_sessions_lock.
 */
#ifndef RP_KMOD_MESSAGE_H
#define RP_KMOD_MESSAGE_H

#include "cpu.h"

struct rp_config;
struct rp_session;
struct sk_buff;
struct rp_tick_state;

int rp_message_put_info(struct sk_buff *skb);
int rp_message_put_config(struct sk_buff *skb, struct rp_session *session);
int rp_message_put_session(struct sk_buff *skb, struct rp_session *session);
int rp_message_put_tick(struct sk_buff *skb, struct rp_tick_state state);
int rp_message_put_counts(struct sk_buff *skb, const struct rp_cpu_counts *counts);

#endif
