/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Debug index: which files below some folders have the build ids that somebody looks for,
 * whatever they are called there: executables, libraries and separate debug files.
 *
 * Order   DIR/.build-id/xx/yyyy.debug and DIR/.build-id/xx/yyyy first, whose links are
 *         followed as if DIR were the root; then, if anything is still missing, all files
 *         of the tree, in which no link is followed and no other file system entered.
 * Proof   Only the build id counts, as it stands in the file. Whoever reads a file later
 *         has to look at it again: it may have been replaced.
 * Bounds  RP_DEBUG_INDEX_FILES_MAX files are looked at and RP_DEBUG_INDEX_DEPTH_MAX
 *         folders deep; of each file no more than its headers and notes.
 * Threads One at a time.
 */
#ifndef RP_DEBUG_INDEX_H
#define RP_DEBUG_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "build_id.h"

#define RP_DEBUG_INDEX_FILES_MAX	(1u << 20)
#define RP_DEBUG_INDEX_DEPTH_MAX	64u

/* Paths that the index owns; NULL: there is none. Both may be the same file. */
struct rp_debug_found {
	const char *code;	/* one with the code, stripped or not */
	const char *symbols;	/* one with .symtab, with the code or without */
};

struct rp_debug_index_stats {
	uint64_t files;		/* looked at */
	bool cut_off;		/* over a limit: not all was looked at */
};

struct rp_debug_index;

/* For these ids, which are copied and may repeat. NULL without memory. */
struct rp_debug_index *rp_debug_index_new(const struct rp_build_id *ids, size_t nr);
void rp_debug_index_free(struct rp_debug_index *ix);

/*
 * Looks in a folder for what is still missing. 0, or -errno and a sentence in why: the
 * folder cannot be opened, or there is no memory. What cannot be opened below it is
 * passed over.
 */
int rp_debug_index_add(struct rp_debug_index *ix, const char *dir, char *why, size_t why_size);

/* Empty for an id that was not asked for. Holds until the next add. */
struct rp_debug_found rp_debug_index_get(const struct rp_debug_index *ix,
					 const struct rp_build_id *id);

void rp_debug_index_stats(const struct rp_debug_index *ix, struct rp_debug_index_stats *ret);

#endif
