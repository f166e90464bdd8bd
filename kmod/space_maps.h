/* SPDX-License-Identifier: GPL-2.0 */
/*
 * space_maps.h - per address space, its executable mappings with their files, for the
 * sample path to find a program counter's table by.
 *
 * Made by the worker from what it has just described (space_walk.c), published in the
 * space's slot, immutable from then on. The slot may be taken over by another space at
 * any time, so a list carries whose it is, and whoever finds it compares.
 *
 * Contexts: the worker, task context; the sample path, any context, under rcu_read_lock,
 * where it says so.
 */
#ifndef RP_KMOD_SPACE_MAPS_H
#define RP_KMOD_SPACE_MAPS_H

#include <linux/compiler.h>
#include <linux/list.h>
#include <linux/types.h>
#include "../proto/ringprof.h"

struct rp_file;
struct rp_session;
struct rp_spaces;

struct rp_space_map {
	unsigned long start, size;
	u64 offset;		/* of start, in the file */
	struct rp_file *file;	/* NULL: code without one */
};

struct rp_space_maps {
	struct rp_space_id id;
	struct list_head retired;
	u32 nr;
	bool whole;		/* there are no others */
	struct rp_space_map map[];	/* ascending */
};

void rp_space_maps_init(struct rp_spaces *spaces);

/*
 * NULL: without memory, or there is enough of them, or the session takes no tables: the
 * space's user stacks are walked by frame pointers. nr may be 0.
 */
struct rp_space_maps *rp_space_maps_new(struct rp_session *session,
					const struct rp_space_id *id, u32 nr);
/* One more of those nr, in ascending order. */
void rp_space_maps_add(struct rp_session *session, struct rp_space_maps *maps,
		       const struct rp_map *map);
/* Has the space a list? */
bool rp_space_maps_there(struct rp_session *session, const struct rp_space_id *id);
/* In place of the one that the space has. NULL: of none. */
void rp_space_maps_publish(struct rp_session *session, const struct rp_space_id *id,
			   struct rp_space_maps *maps);
/*
 * Takes away the lists of spaces that are not known any more, and has all that have been
 * taken away freed a grace period later. False: not all of them, others are waiting for
 * theirs; to be called again.
 */
bool rp_space_maps_prune(struct rp_session *session);
/* All of them, when no sample is taken any more and the worker has been cancelled. */
void rp_space_maps_destroy(struct rp_session *session);

/* The sample path's: the mapping of that address, or NULL. */
static inline const struct rp_space_map *
rp_space_maps_find(const struct rp_space_maps *maps, unsigned long address)
{
	u32 low = 0, high = maps->nr;

	while (low < high) {
		u32 middle = low + (high - low) / 2;

		if (address < maps->map[middle].start)
			high = middle;
		else if (address - maps->map[middle].start >= maps->map[middle].size)
			low = middle + 1;
		else
			return &maps->map[middle];
	}
	return NULL;
}

#endif
