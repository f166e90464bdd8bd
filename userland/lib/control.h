/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Control: the module's generic netlink family, asked and answered in C structs.
 *
 * Session 0 in set, start, stop and stats means the only one there is.
 *
 * Errors  -errno; rp_control_error() then has the sentence, the kernel's own message
 *         (extended ack) where it gave one. -ENODEV: the module is not loaded.
 *         -EPERM: changing anything takes CAP_SYS_ADMIN. -EINVAL, -ERANGE, -ENOENT,
 *         -EBUSY, -ESRCH: the kernel's answer to what was asked. -ETIMEDOUT.
 * Threads One at a time.
 */
#ifndef RP_CONTROL_H
#define RP_CONTROL_H

#include <stddef.h>

#include "attrs.h"

struct rp_control;

/* Here the sentence goes to why (of why_size bytes). */
int rp_control_open(struct rp_control **ret, char *why, size_t why_size);
void rp_control_close(struct rp_control *c);	/* NULL is fine */

/* The sentence of the last call that failed; holds until the next call. */
const char *rp_control_error(const struct rp_control *c);

int rp_control_info(struct rp_control *c, struct rp_attrs *ret);

/*
 * Called for each message; nonzero ends it, and is what the caller gets. It must
 * not make another call on the same rp_control.
 */
typedef int (*rp_control_each)(void *arg, const struct rp_attrs *a);

/* Each session; last the totals of the ended ones, with session 0. */
int rp_control_sessions(struct rp_control *c, rp_control_each each, void *arg);
/* Each CPU of a session, in the order of their numbers. */
int rp_control_stats(struct rp_control *c, uint32_t session, rp_control_each each,
		     void *arg);

/* change->has names what is to change, RP_A_SESSION which session. */
int rp_control_set(struct rp_control *c, const struct rp_attrs *change);
int rp_control_start(struct rp_control *c, uint32_t session);
int rp_control_stop(struct rp_control *c, uint32_t session);

/* ---- events ------------------------------------------------------------- */

struct rp_events;

int rp_events_open(struct rp_events **ret, char *why, size_t why_size);
void rp_events_close(struct rp_events *e);
int rp_events_fd(const struct rp_events *e);	/* for poll: POLLIN */

/*
 * Hands out the events that are there, without waiting. 0, each's nonzero result, or
 * -errno: -ENOBUFS when the kernel dropped events because nobody read them in time.
 */
int rp_events_read(struct rp_events *e, rp_control_each each, void *arg);

#endif
