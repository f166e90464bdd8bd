/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which profiles of an archive's folder have to go, without reading the folder for each new
 * one: a scan removes what is over the limits and remembers how much is left, and the oldest
 * files by name, which go next.
 *
 * Truth   The folder. It is read again when it was changed by somebody else (its ctime is not
 *         the one after our last change), when a file is not the one that is remembered, and
 *         when the remembered ones are used up; so at most once in a call. Not noticed until
 *         then: a file in the middle that changed its size or mtime, and a change by somebody
 *         else in the same moment as one of ours.
 * Order   By name. Over the limits are: more files than limits->files; more bytes than
 *         limits->bytes, but for the newest file; a file that was modified over limits->age_ns
 *         ago, and what is older than it by name.
 * Refused A file that cannot be removed is counted no longer, so that others go in its place.
 *         So many as RP_ARCHIVE_REFUSED are tried again with each call, others with each scan.
 * Memory  Bounded, but for the names while a scan lasts.
 * Threads One at a time.
 */
#ifndef RP_ARCHIVE_OLDEST_H
#define RP_ARCHIVE_OLDEST_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "archive.h"

#define RP_ARCHIVE_OLDEST	1024
#define RP_ARCHIVE_REFUSED	64

struct rp_archive_file {
	char *name;
	uint64_t bytes;
	time_t modified;
	time_t earliest;	/* that this one or one with a later name was modified */
};

struct rp_archive_oldest {	/* all zero: nothing is known */
	bool known;		/* the rest is true of the folder as of its ctime */
	struct timespec ctime;
	uint64_t files, bytes;	/* of all that count */
	size_t nr, nr_refused;
	struct rp_archive_file oldest[RP_ARCHIVE_OLDEST];	/* by name, the oldest first */
	struct rp_archive_file refused[RP_ARCHIVE_REFUSED];
	char last[NAME_MAX + 1];	/* written; "": none that is there */
	uint64_t scans, removed;
};

/*
 * Around each change that the caller makes: a file of that name is written. folder: a
 * descriptor of it. written: false if that failed.
 */
void rp_archive_oldest_before(struct rp_archive_oldest *o, int folder, const char *name);
void rp_archive_oldest_after(struct rp_archive_oldest *o, int folder, const char *name,
			     bool written);

/* Removes what is over the limits. What fails is tried again with the next call. */
void rp_archive_oldest_trim(struct rp_archive_oldest *o, int folder,
			    const struct rp_archive_limits *limits);

/* Frees the names; the next call reads the folder. */
void rp_archive_oldest_forget(struct rp_archive_oldest *o);

#endif
