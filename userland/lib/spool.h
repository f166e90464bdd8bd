/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The spool: parcels that wait to be sent, oldest first, in a bounded space.
 *
 * In memory, or, given a folder, as a file each, which survive a restart. A file is
 * written when the parcel comes; if that fails (the disk is full) the parcel stays
 * in memory, within the same bound.
 *
 * Bound   Of the bytes of all parcels, the one that was taken included. A new one
 *         that does not fit drives out the oldest; `dropped` counts them.
 * Threads One at a time (the exporter has the lock).
 */
#ifndef RP_SPOOL_H
#define RP_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "parcel.h"

struct rp_spool;

struct rp_spool_stats {
	uint64_t waiting, bytes;	/* now, the taken one included */
	uint64_t dropped;		/* driven out, or too large by themselves */
	uint64_t damaged;		/* files that were no parcels any more */
	int write_error;		/* -errno of the last file, 0: it was written */
};

/*
 * directory NULL: in memory. Parcels found in it are taken over, and those over the
 * bound dropped. 0, or -errno and a sentence in why.
 */
int rp_spool_open(struct rp_spool **ret, const char *directory, uint64_t max_bytes,
		  char *why, size_t why_size);
/* What is in memory is lost; files stay. NULL is fine. */
void rp_spool_close(struct rp_spool *s);

/* Takes over what p holds, in any case. 0, -ENOSPC (larger than the bound), -ENOMEM. */
int rp_spool_add(struct rp_spool *s, struct rp_parcel *p);

/*
 * The oldest: it stays the spool's until rp_spool_done() (it was sent, or nobody
 * wants it) or rp_spool_putback() (it is the oldest again). False: nothing waits.
 * One at a time.
 */
bool rp_spool_take(struct rp_spool *s, const struct rp_parcel **ret);
void rp_spool_done(struct rp_spool *s);
void rp_spool_putback(struct rp_spool *s);

void rp_spool_stats(const struct rp_spool *s, struct rp_spool_stats *ret);
/* Parcels that rp_spool_close() would lose. */
uint64_t rp_spool_in_memory(const struct rp_spool *s);

#endif
