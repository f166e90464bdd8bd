/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The folder of finished profiles: one file a window, old ones removed.
 *
 * Names   cpu-YYYYMMDDTHHMMSSZ-NNNNNN.pb.gz: the window's start (UTC) and number,
 *         so that their order is the alphabet's. Only files that are named so are
 *         ever removed.
 * Limits  They hold after each window, with what others put there or took away. What
 *         goes first is the oldest by name; archive_oldest.h has the rules.
 * Whole   A file appears under its name when it is complete.
 * Trouble When a file cannot be written (the disk is full), that is said once, the
 *         profile is kept in memory (at most RP_ARCHIVE_PENDING_BYTES, then the
 *         oldest is dropped and counted) and written when there is room again, which
 *         is said too.
 * Threads One at a time.
 */
#ifndef RP_ARCHIVE_H
#define RP_ARCHIVE_H

#include <stddef.h>
#include <stdint.h>

#define RP_ARCHIVE_PENDING_BYTES	(32u << 20)

struct rp_archive;

struct rp_archive_limits {		/* 0: no limit */
	uint64_t files, bytes, age_ns;
};

struct rp_archive_stats {
	uint64_t written, removed, dropped;
	uint64_t pending;
	uint64_t scans;			/* how often the folder was read */
};

/*
 * Makes the folder (mode 0750) if need be, and removes what an interrupted write
 * left there. 0, or -errno and a sentence in why.
 */
int rp_archive_open(struct rp_archive **ret, const char *directory,
		    const struct rp_archive_limits *limits, char *why, size_t why_size);
void rp_archive_close(struct rp_archive *a);	/* NULL is fine */

/*
 * Adds a window's profile (a copy is made only if it has to wait), then removes what
 * is over the limits. start_ns: since 1970. 0, or -errno if it has to wait or was
 * dropped.
 */
int rp_archive_add(struct rp_archive *a, uint64_t start_ns, uint64_t number,
		   const void *data, size_t len);

void rp_archive_stats(const struct rp_archive *a, struct rp_archive_stats *ret);

#endif
