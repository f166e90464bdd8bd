/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The store behind spaces: files and lists of mappings, each once, with references.
 * Private to spaces.c.
 */
#ifndef RP_SPACES_MAPS_H
#define RP_SPACES_MAPS_H

#include "spaces.h"

struct rp_maps_store;

struct rp_maps_store *rp_maps_store_new(size_t bytes_max);
void rp_maps_store_free(struct rp_maps_store *store);
size_t rp_maps_store_bytes(const struct rp_maps_store *store);
void rp_maps_store_count(const struct rp_maps_store *store, uint64_t *ret_maps,
			 uint64_t *ret_files);

/*
 * The mappings of one SPACE record, appended to *list (nr of room entries; grown with
 * realloc; each holds a reference to its file). -EBADMSG: malformed, *list is as it
 * was; -ENOSPC, -ENOMEM.
 */
struct rp_maps_list {
	struct rp_mapped *map;
	uint32_t nr, room;
};
int rp_maps_list_add(struct rp_maps_store *store, struct rp_maps_list *list,
		     const struct rp_space *rec);
void rp_maps_list_clear(struct rp_maps_store *store, struct rp_maps_list *list);

/*
 * Makes the list a stored one and empties it. Returned with a reference; NULL: no
 * memory (and the list is emptied all the same).
 */
const struct rp_maps *rp_maps_store_take(struct rp_maps_store *store,
					 struct rp_maps_list *list);
void rp_maps_get(const struct rp_maps *maps);
void rp_maps_put(struct rp_maps_store *store, const struct rp_maps *maps);

#endif
