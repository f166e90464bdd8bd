/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The files of a cache on the disk that is bounded in bytes, listed in order to choose which
 * ones go: those that were not used for longest.
 *
 * Memory  A file for which there is none counts, and others go instead of it.
 * Threads One at a time.
 */
#ifndef RP_KEPT_FILES_H
#define RP_KEPT_FILES_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "build_id.h"

#define RP_KEPT_FILES_NAME (RP_BUILD_ID_HEX + 16)	/* bytes of a name with its NUL */

struct rp_kept_files {		/* all zero: none */
	struct rp_kept_file *files;
	size_t nr, room;
	uint64_t bytes;			/* of all */
};

/* name: below the folder; one that is longer is somebody else's. used: seconds since 1970. */
void rp_kept_files_add(struct rp_kept_files *k, const char *name, uint64_t bytes, time_t used);

/*
 * Removes files until there is room for so many bytes more below max_bytes (0: no limit), or
 * none is left. folder: a descriptor. How many; then the list is empty.
 */
uint64_t rp_kept_files_trim(struct rp_kept_files *k, int folder, uint64_t more,
			    uint64_t max_bytes);

#endif
