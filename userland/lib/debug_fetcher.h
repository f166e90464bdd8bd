/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Debug fetcher: gets debug files (debuginfod.h) in a thread of its own, so that who reads
 * rings and closes windows never waits for a network.
 *
 * Bounds  RP_DEBUG_FETCHER_QUEUE of them wait, and as many have arrived and not been taken
 *         note of; what is wanted beyond that is forgotten, and may be wanted again.
 * Again   What was found or is nowhere is not asked for again within
 *         RP_DEBUG_FETCHER_AGAIN_NS, as far as it is remembered (the last thousand or so).
 * Down    What a server that is down may have waits until it answers; others go on.
 * Budget  Each is ahead of need to the process's own (own_budget.h), which it waits for.
 * Idle    The thread sleeps without waking up while nothing is wanted.
 * Threads Any number may call want(), arrived() and stats().
 */
#ifndef RP_DEBUG_FETCHER_H
#define RP_DEBUG_FETCHER_H

#include "debuginfod.h"

#define RP_DEBUG_FETCHER_QUEUE		256
#define RP_DEBUG_FETCHER_AGAIN_NS	(3600 * 1000000000ull)

struct rp_debug_fetcher;

struct rp_debug_fetcher_stats {
	struct rp_debuginfod_stats debuginfod;
	uint64_t nowhere;	/* of no server */
	uint64_t forgotten;	/* the queue was full */
	uint64_t waiting;
};

/*
 * o->once has no meaning here. Signals that are blocked now are blocked in the thread. 0, or
 * -errno and a sentence in why.
 */
int rp_debug_fetcher_start(struct rp_debug_fetcher **ret, const struct rp_debuginfod_options *o,
			   char *why, size_t why_size);
/* Gives up what is being fetched. NULL is fine. */
void rp_debug_fetcher_stop(struct rp_debug_fetcher *f);

/* Its budget may have room again (RP_OWN_BUDGET_WAIT). */
void rp_debug_fetcher_wake(struct rp_debug_fetcher *f);

/* The folder that they come into: one of debug_file.h. */
const char *rp_debug_fetcher_folder(const struct rp_debug_fetcher *f);

/* This one's symbols are not here. Returns at once, however often it is called. */
void rp_debug_fetcher_want(struct rp_debug_fetcher *f, const struct rp_build_id *id);

/* One that has arrived since; each once. False: no more. */
bool rp_debug_fetcher_arrived(struct rp_debug_fetcher *f, struct rp_build_id *ret);

/*
 * Waits until nothing is wanted any more that a server can be asked for now, or for
 * timeout_ns. True: nothing is.
 */
bool rp_debug_fetcher_wait(struct rp_debug_fetcher *f, uint64_t timeout_ns);

void rp_debug_fetcher_stats(struct rp_debug_fetcher *f, struct rp_debug_fetcher_stats *ret);

#endif
