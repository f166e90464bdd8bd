/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The exporter: sends parcels to the configured URL, from a thread of its own, so
 * that the network never keeps anybody from reading a ring.
 *
 * Order   Oldest first; a parcel that has to wait makes those behind it wait.
 * Again   At least once: when an answer is lost, the parcel is sent again, with the
 *         same name and times, by which a receiver can know it.
 * Down    When the server cannot be reached or asks for patience, that is said once;
 *         what comes is spooled (spool.h), and tried again after a while
 *         (backoff.h, or what Retry-After says). When it answers again, that is said
 *         once, with what was delivered late and what was dropped meanwhile.
 * Refused A parcel that the server will never take (400 and the like) is dropped
 *         with a message; the ones behind it go on.
 * Idle    The thread sleeps without waking up while there is nothing to send.
 */
#ifndef RP_EXPORTER_H
#define RP_EXPORTER_H

#include <stddef.h>
#include <stdint.h>

#include "config.h"
#include "parcel.h"

struct rp_exporter;

struct rp_exporter_stats {
	uint64_t delivered;	/* all, the late ones included */
	uint64_t late;		/* of them, those that an outage made wait */
	uint64_t refused;	/* by the server */
	uint64_t dropped;	/* by the spool's bound, or damaged there */
	uint64_t waiting;
};

/*
 * config is kept by reference; config->export.url must be set. Signals that are
 * blocked now are blocked in the thread. 0, or -errno and a sentence in why.
 */
int rp_exporter_start(struct rp_exporter **ret, const struct rp_config *config,
		      char *why, size_t why_size);

/* Takes over what p holds, in any case, and returns at once. */
void rp_exporter_add(struct rp_exporter *e, struct rp_parcel *p);

/*
 * Sends what waits, for at most timeout_ns and until the first failure, then ends
 * the thread and frees everything. What is left stays in the spool directory, if
 * there is one; else it is lost, and that is said. ret may be NULL.
 */
void rp_exporter_stop(struct rp_exporter *e, uint64_t timeout_ns,
		      struct rp_exporter_stats *ret);

void rp_exporter_stats(struct rp_exporter *e, struct rp_exporter_stats *ret);

#endif
