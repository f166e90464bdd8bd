/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Table cache: compiled unwind tables (proto/unwind.h) in a folder, so that a file is
 * compiled once and not at every start. A table is known by its file's build id, which
 * says what is in the file; files without one are not kept.
 *
 * Names   BUILDID.table: a header with a checksum, and the table. What is damaged (cut
 *         off, flipped bits, of another version) is removed and counted, and the caller
 *         compiles it again.
 * Bound   Bytes; those that were not used for longest go first.
 * Sharing Several processes may use one folder: files appear whole or not at all.
 * Threads One at a time.
 */
#ifndef RP_TABLE_CACHE_H
#define RP_TABLE_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include "build_id.h"

#define RP_TABLE_CACHE_FOLDER	"/var/cache/ringprof/tables"
#define RP_TABLE_CACHE_BYTES	(256ull << 20)

struct rp_table_cache;

struct rp_table_cache_stats {
	uint64_t hits, misses;
	uint64_t damaged;	/* of the misses */
	uint64_t written, removed;
	uint64_t unwritten;	/* could not be: no room on the disk, no permission */
};

/*
 * max_bytes 0: no limit. 0, or -errno with a sentence in why: the folder can be neither
 * read nor made. One that can be read only is fine.
 */
int rp_table_cache_open(struct rp_table_cache **ret, const char *folder, uint64_t max_bytes,
			char *why, size_t why_size);
void rp_table_cache_close(struct rp_table_cache *c);	/* NULL is fine */

/* A table that has been checked; the caller frees it. Bytes. -ENOENT: not there. */
int rp_table_cache_get(struct rp_table_cache *c, const struct rp_build_id *id, void **ret,
		       size_t *ret_size);

/* Keeps a copy. A failure is counted, and the first one of a kind logged. */
void rp_table_cache_put(struct rp_table_cache *c, const struct rp_build_id *id,
			const void *table, size_t size);

void rp_table_cache_stats(const struct rp_table_cache *c, struct rp_table_cache_stats *ret);

#endif
