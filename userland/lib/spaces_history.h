/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The history of one space's mappings: versions by map_gen, and those whose parts are
 * still coming. Private to spaces.c, which owns the store.
 */
#ifndef RP_SPACES_HISTORY_H
#define RP_SPACES_HISTORY_H

#include "spaces_maps.h"

#define RP_UNFINISHED_MAX 4	/* map_gens of one space that wait for their parts */

struct rp_version {
	uint32_t map_gen;
	bool old;			/* replaced since before the last trim */
	const struct rp_maps *maps;	/* NULL: those of the version before */
};

struct rp_unfinished {
	uint32_t map_gen;
	uint32_t next_part;
	struct rp_maps_list list;
};

struct rp_aspace_history {
	struct rp_version *versions;	/* by map_gen */
	uint32_t nr, room;
	struct rp_unfinished unfinished[RP_UNFINISHED_MAX];
	uint32_t nr_unfinished;
	bool old;			/* exited since before the last trim */
};

/*
 * A record that says "the same", or a part of one that tells mappings. *ret_maps is
 * set when that completed a version with mappings of its own. -EBADMSG: malformed, or
 * a part without those before it; -EEXIST: this map_gen was told already; -ENOSPC,
 * -ENOMEM.
 */
int rp_history_add_same(struct rp_maps_store *store, struct rp_aspace_history *h,
			uint32_t map_gen);
int rp_history_add_part(struct rp_maps_store *store, struct rp_aspace_history *h,
			const struct rp_space *rec, const struct rp_maps **ret_maps);

/* See rp_spaces_maps(); *ret_exact: it is that map_gen's. */
const struct rp_maps *rp_history_maps(const struct rp_aspace_history *h, uint32_t map_gen,
				      bool *ret_exact);

/* Forgets what had been replaced at the call before. */
void rp_history_trim(struct rp_maps_store *store, struct rp_aspace_history *h);
void rp_history_free(struct rp_maps_store *store, struct rp_aspace_history *h);

#endif
