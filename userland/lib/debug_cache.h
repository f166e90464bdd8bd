/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Debug cache: debug files that came from elsewhere, in a folder, by build id. It is such a
 * folder as debug_file.h and debug_index.h look in, so what lies in it is found, and has to
 * prove itself, as any other debug file does.
 *
 * Names   FOLDER/.build-id/xx/yyyy.debug; and yyyy.absent, which says that there is none:
 *         its text is who was asked, its time of change when. That holds for
 *         RP_DEBUG_CACHE_ABSENT_S and for them alone.
 * Bound   Bytes of debug files; those that were not used for longest go first. When one was
 *         used, the file system knows (or when it came, where that keeps no such times).
 *         What is being written comes on top of it.
 * Sharing Several processes may use one folder: files appear whole or not at all.
 * Threads One at a time.
 */
#ifndef RP_DEBUG_CACHE_H
#define RP_DEBUG_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "build_id.h"
#include "newfile.h"

#define RP_DEBUG_CACHE_FOLDER	"/var/cache/ringprof/debuginfod"
#define RP_DEBUG_CACHE_BYTES	(2ull << 30)
#define RP_DEBUG_CACHE_ABSENT_S	3600

struct rp_debug_cache;

/*
 * max_bytes 0: no limit. What is over it, and what a crash has left, is removed. 0, or
 * -errno with a sentence in why: the folder cannot be made or written to.
 */
int rp_debug_cache_open(struct rp_debug_cache **ret, const char *folder, uint64_t max_bytes,
			char *why, size_t why_size);
void rp_debug_cache_close(struct rp_debug_cache *c);	/* NULL is fine */

/* Its path from the root on, without links and "..". */
const char *rp_debug_cache_folder(const struct rp_debug_cache *c);

/* Opens what lies there, whatever it is, for reading; -ENOENT: nothing. Close it. */
int rp_debug_cache_get(struct rp_debug_cache *c, const struct rp_build_id *id);
/* It is not what it should be. */
void rp_debug_cache_remove(struct rp_debug_cache *c, const struct rp_build_id *id);

/* A file to be written (newfile.h): then commit, or rp_newfile_abort(). 0 or -errno. */
int rp_debug_cache_create(struct rp_debug_cache *c, const struct rp_build_id *id,
			  struct rp_newfile *ret);
/* Makes room, and puts it there. 0 or -errno; then nothing is left. */
int rp_debug_cache_commit(struct rp_debug_cache *c, struct rp_newfile *f);

/* Whether these have said lately that they have none; and that they have. */
bool rp_debug_cache_is_absent(struct rp_debug_cache *c, const struct rp_build_id *id,
			      const char *who);
void rp_debug_cache_absent(struct rp_debug_cache *c, const struct rp_build_id *id,
			   const char *who);

#endif
