/* SPDX-License-Identifier: GPL-2.0 */
/*
 * event.h - changes of state, to the multicast group. Task context; a message that
 * nobody listens to costs nothing, one that finds no memory is not sent.
 */
#ifndef RP_KMOD_EVENT_H
#define RP_KMOD_EVENT_H

#include "../proto/ringprof.h"

struct rp_session;

void rp_event(struct rp_session *session, enum rp_event event);
void rp_event_cpu(struct rp_session *session, enum rp_event event, unsigned int cpu);

#endif
