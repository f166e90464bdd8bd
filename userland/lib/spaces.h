/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Address spaces: what was executable where, in every process that was sampled.
 *
 * An address space is a process between two execs (struct rp_space_id). Its
 * executable mappings change; each state has a number (map_gen) and comes in a SPACE
 * record, perhaps in parts, perhaps later than the samples that need it, perhaps
 * never: then the next higher number stands for it (see proto/ringprof.h); if there
 * is none either, the highest lower one does, and `inexact` counts it.
 *
 * Memory  Files (path, identity) and whole lists of mappings are stored once,
 *         however many processes and numbers have them. Pointers to spaces, maps and
 *         files hold until rp_spaces_trim() drops them.
 * Bounds  The number of spaces and the bytes of all mappings are limited; what is
 *         over that is not taken, and counted. Records are checked byte by byte:
 *         a malformed one returns -EBADMSG, is counted, and changes nothing.
 * Threads One at a time.
 */
#ifndef RP_SPACES_H
#define RP_SPACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/ringprof.h"

#define RP_SPACES_MAPS_MAX (1u << 17)	/* mappings of one space; the rest is cut */

struct rp_spaces;

/* The namer's, of a mapped file: */
struct rp_mapped_note {
	bool seen;		/* its mapping was looked at, rp_namer_note() */
	bool read;		/* its symbols were, or it was found out why there are none */
	bool asks;		/* those of a window's addresses are read when it is closed */
};

/* A mapped file, or a kind of memory without one. Equal in every field: one object. */
struct rp_mapped_file {
	const char *path;	/* may be "" for RP_MAP_ANON */
	uint32_t flags;		/* RP_MAP_ANON, RP_MAP_DELETED */
	uint32_t dev_major, dev_minor;
	uint64_t inode;
	uint8_t build_id_len;	/* 0: not known to the kernel */
	uint8_t build_id[20];
	struct rp_map_stat stat;	/* without a build id; 0: not known */
	struct rp_mapped_note *note;
};

struct rp_mapped {
	uint64_t start, end;	/* addresses: [start, end) */
	uint64_t offset;	/* of start, in the file; bytes */
	const struct rp_mapped_file *file;
	bool exe;		/* the program itself */
};

/* Sorted by address, without overlaps. Equal lists are one object. */
struct rp_maps {
	uint32_t nr;
	struct rp_mapped map[];
};

/* One address space. Read only for others, but for `data`. */
struct rp_aspace {
	struct rp_space_id id;
	char comm[16];		/* "" until a record said it */
	bool exited;		/* the process has ended, or it made another exec */
	bool early;		/* the collector's: samples came before their mappings */
	uint32_t lists;		/* of mappings that came so far */
	uint32_t list_gen;	/* map_gen of the last one of them */
	void *data;		/* the owner's of the callbacks */
	struct rp_aspace_history *history;	/* private */
};

struct rp_spaces_options {
	uint32_t spaces_max;	/* 0: 65536 */
	size_t bytes_max;	/* of mappings and files; 0: 256 MiB */
	/*
	 * While trimming, look for processes that are gone though no EXIT came (it
	 * was lost with a full ring). Only where our PIDs are those of the records:
	 * in the initial PID namespace.
	 */
	bool sweep;
	/* A space is seen for the first time, by a sample or by its SPACE record. */
	void (*appeared)(void *arg, struct rp_aspace *as);
	/* Its mappings came: the process is likely to be alive still. */
	void (*mapped)(void *arg, struct rp_aspace *as, const struct rp_maps *maps);
	/* It has ended (as->exited). Samples of it may still come. */
	void (*exited)(void *arg, struct rp_aspace *as);
	/* It is about to be forgotten. */
	void (*dropped)(void *arg, struct rp_aspace *as);
	void *arg;
};

struct rp_spaces_stats {
	uint32_t spaces;
	size_t bytes;		/* of mappings, files and spaces */
	uint64_t maps, files;	/* objects */
	uint64_t records;	/* SPACE records taken */
	uint64_t bad;		/* malformed, or a part without those before it */
	uint64_t refused;	/* over a limit */
	uint64_t inexact;	/* look-ups answered by another map_gen's mappings */
};

struct rp_spaces *rp_spaces_new(const struct rp_spaces_options *o);
void rp_spaces_free(struct rp_spaces *s);	/* calls dropped() for each */

/* The space with this id, made if need be. NULL: over the limit, or no memory. */
struct rp_aspace *rp_spaces_get(struct rp_spaces *s, const struct rp_space_id *id);
struct rp_aspace *rp_spaces_find(struct rp_spaces *s, const struct rp_space_id *id);

/* Records. rec->size has been checked against the ring, nothing else. */
int rp_spaces_add(struct rp_spaces *s, const struct rp_space *rec);
int rp_spaces_exit(struct rp_spaces *s, const struct rp_exit *rec);

/*
 * The mappings for a sample's map_gen; NULL: none have come. For map_gen 0, which a
 * process has until the module could ask for its mappings, it is the newest ones.
 */
const struct rp_maps *rp_spaces_maps(struct rp_spaces *s, const struct rp_aspace *as,
				     uint32_t map_gen);
/* The latest mappings that came, or NULL. */
const struct rp_maps *rp_aspace_newest(const struct rp_aspace *as);
/* The mapping that holds the address, or NULL. maps may be NULL. */
const struct rp_mapped *rp_maps_find(const struct rp_maps *maps, uint64_t address);
/* The program itself, or NULL. */
const struct rp_mapped *rp_maps_exe(const struct rp_maps *maps);

/*
 * To be called when a window was closed and before the next one gets a sample.
 * Forgets the spaces that had ended, and the mappings that had been replaced, at the
 * time of the call before: a ring may still have held samples of theirs since.
 */
void rp_spaces_trim(struct rp_spaces *s);

void rp_spaces_stats(const struct rp_spaces *s, struct rp_spaces_stats *ret);

#endif
