/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Symbol cache: the symbol tables of many files, each read once, in bounded memory.
 *
 * Hundreds of processes map the same libraries from different paths (containers), so
 * a file is known by its identity and not by its path: the build id where there is one,
 * otherwise device, inode, size and times of change. The least recently used tables go
 * when the bytes exceed the limit; the one just asked for always stays.
 *
 * Failures are remembered with a reason, so that a bad file is not read for each
 * sample. Those of a file that is not ELF, is corrupt or too large stay; those that
 * another process's path or a later moment may mend (not found, no permission, not a
 * regular file, changed, input/output, memory) hold until rp_symbol_cache_retry(), or
 * until somebody asks with other places to look in.
 *
 * Memory  A table from rp_symbol_cache_get() belongs to the cache and holds until the
 *         next get or free: use it before asking for another.
 * Threads One at a time.
 */
#ifndef RP_SYMBOL_CACHE_H
#define RP_SYMBOL_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "build_id.h"
#include "debug_file.h"
#include "elf_symbols.h"
#include "symbol_debug.h"
#include "symbol_failure.h"

struct rp_file_identity {
	struct rp_build_id build_id;	/* size 0: unknown, the rest decides */
	uint64_t dev, ino;		/* ino 0: unknown */
	uint64_t size;			/* 0: unknown */
	int64_t mtime_ns;		/* 0: unknown */
	int64_t ctime_ns;		/* 0: unknown */
};

struct rp_jail;
struct rp_symbol_cache;

struct rp_symbol_cache_stats {
	size_t files;			/* entries, failures included */
	size_t bytes, max_bytes;	/* tables and the cache's own entries */
	uint64_t hits, reads, evictions;
	uint64_t failures[RP_SYMBOL_FAILURES_NR]; /* reads that failed, by reason */
};

/*
 * Opens candidate number n (0, 1, 2, ...) for the file and returns a descriptor, which
 * the cache closes, with its name in err (for messages); -ENODATA if there are no more
 * candidates; or -errno if this one cannot be had, with a sentence in err.
 */
typedef int (*rp_symbol_opener)(void *arg, unsigned int n, char *err, size_t err_size);

/* Where a file may be had. */
struct rp_symbol_source {
	rp_symbol_opener open;
	void *arg;
	/* Any number that tells these places from others: the process id, for example. */
	uint64_t place;
	/* The places of a stripped file's debug file; NULL: it is not looked for. */
	const struct rp_debug_search *debug;
	struct rp_jail *jail;		/* where it is parsed; NULL: in this process */
	struct rp_jail *lines_jail;	/* its debugging data; NULL: as the rest */
};

struct rp_symbol_cache *rp_symbol_cache_new(size_t max_bytes);
void rp_symbol_cache_free(struct rp_symbol_cache *cache);

/*
 * The table of the file, read if need be. A candidate whose build id (or else inode, size
 * and times) is known not to be the identity's is passed over. NULL: there is none; *ret_why
 * (may be NULL) gets the reason and *ret_text (may be NULL) a sentence, which holds as long
 * as a table would.
 */
const struct rp_elf_symbols *
rp_symbol_cache_get(struct rp_symbol_cache *cache, const struct rp_file_identity *id,
		    const struct rp_symbol_source *source,
		    enum rp_symbol_failure *ret_why, const char **ret_text);

/*
 * The same without reading anything: what is known of it. *ret_all: that is all that
 * rp_symbol_cache_get() with that source would give.
 */
const struct rp_elf_symbols *
rp_symbol_cache_known(struct rp_symbol_cache *cache, const struct rp_file_identity *id,
		      const struct rp_symbol_source *source, bool *ret_all);

/* From now on they may take so many bytes; what is over that goes at once. */
void rp_symbol_cache_limit(struct rp_symbol_cache *cache, size_t max_bytes);

/*
 * Files that are read from now on have their debugging data opened as well. what:
 * RP_DEBUG_LINES, RP_DEBUG_INLINES.
 */
void rp_symbol_cache_want(struct rp_symbol_cache *cache, unsigned int what);
/*
 * The lines and inlined functions of the file whose table rp_symbol_cache_get() returned
 * last; NULL: it has none.
 */
const struct rp_debug_places *rp_symbol_cache_places(const struct rp_symbol_cache *cache);
/*
 * Of a large file, functions are read when they are asked for, and lines of any file are: adds
 * to that table, and to its places, what belongs to addresses (ascending) and is not there
 * yet. 0 or -ENOMEM.
 */
int rp_symbol_cache_find(struct rp_symbol_cache *cache, const uint64_t *addresses, size_t nr);
/* Whether that may add anything. */
bool rp_symbol_cache_asks(const struct rp_symbol_cache *cache);
/* The first file of which something could not be read that was asked for, and why; "". */
const char *rp_symbol_cache_problem(const struct rp_symbol_cache *cache);

/*
 * What the table lacked may be there now: it is read again when it is next asked for. If it
 * cannot be, it stays as it is.
 */
void rp_symbol_cache_refresh(struct rp_symbol_cache *cache, const struct rp_build_id *id);

/* Forgets the failures that may have passed; once a window is right. */
void rp_symbol_cache_retry(struct rp_symbol_cache *cache);

void rp_symbol_cache_stats(const struct rp_symbol_cache *cache,
			   struct rp_symbol_cache_stats *ret);

#endif
