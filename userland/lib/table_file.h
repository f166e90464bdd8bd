/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A file of which the module is to have the unwind table, and the set of all such.
 * The loader's own (table_loader.c), under its lock.
 */
#ifndef RP_TABLE_FILE_H
#define RP_TABLE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "build_id.h"
#include "spaces.h"
#include "table_cache.h"

#define RP_TABLE_FILES_MAX 16384	/* known at a time */

enum rp_table_state {
	RP_TABLE_WAITING,	/* for the thread */
	RP_TABLE_BUSY,		/* in its hands, without the lock */
	RP_TABLE_LOADED,
	RP_TABLE_UNSURE,	/* was; since then the module has dropped some table */
	RP_TABLE_REFUSED,	/* there was no room */
	RP_TABLE_MISSING,	/* not to be had from where it was looked for */
	RP_TABLE_NONE,		/* the file has none, whoever maps it */
};

struct rp_table_file {
	struct rp_table_file *next;	/* of the same hash */
	struct rp_file_id id;
	enum rp_table_state state;
	bool loaded_before;		/* the module may have it still: it is asked first */
	uint64_t samples;		/* since it waits */
	uint64_t noted;			/* when it was mapped last, in notes */
	/* Where it is: what was mapped, by which process. */
	int fd;				/* -1: to be opened */
	uint32_t tgid;
	uint64_t start, end;
	char *path;
};

struct rp_table_files {
	struct rp_table_file *buckets[4096];
	uint64_t seed;
	size_t nr, nr_waiting, nr_open;
	uint64_t notes;
	const char *proc;
};

void rp_table_files_init(struct rp_table_files *set, const char *proc);
void rp_table_files_free(struct rp_table_files *set);

/* How a mapped file is called in the ABI; false: it has no table (anonymous memory). */
bool rp_table_file_id(const struct rp_mapped_file *file, struct rp_file_id *ret);

struct rp_table_file *rp_table_files_find(struct rp_table_files *set,
					  const struct rp_file_id *id);
/*
 * A new one, WAITING. When there are too many, one that does not wait and was mapped
 * longest ago is forgotten. NULL without memory, or if all of them wait.
 */
struct rp_table_file *rp_table_files_add(struct rp_table_files *set,
					 const struct rp_file_id *id,
					 const struct rp_mapped *m, uint32_t tgid);
/* Where to look, anew. False without memory: then it is as before. */
bool rp_table_file_place(struct rp_table_file *file, const struct rp_mapped *m,
			 uint32_t tgid);
/* Opens it at that place, if it is to be had there only as long as its process lives. */
void rp_table_file_open(struct rp_table_files *set, struct rp_table_file *file,
			const struct rp_mapped *m);
void rp_table_file_close(struct rp_table_files *set, struct rp_table_file *file);
void rp_table_file_state(struct rp_table_files *set, struct rp_table_file *file,
			 enum rp_table_state state);
/* That with most samples of those that wait; of equal ones, the one mapped last. */
struct rp_table_file *rp_table_files_next(struct rp_table_files *set);

struct rp_jail;

struct rp_table_maker {
	struct rp_table_cache *cache;	/* NULL: none */
	struct rp_jail *jail;		/* where files are parsed; NULL: in this process */
	const char *proc;
};

/*
 * Its table, from the cache or compiled, which then comes into the cache; the caller frees
 * it. Without the loader's lock. 0; -ENODATA: the file has none; otherwise -errno: it could
 * not be had. A sentence in why.
 */
int rp_table_file_make(const struct rp_table_file *file, const struct rp_table_maker *how,
		       void **ret, size_t *ret_size, bool *ret_compiled, char *why,
		       size_t why_size);

#endif
