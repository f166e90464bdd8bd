/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The store behind spaces: files and lists of mappings, each once, with references
 * (spaces_maps.c), and the lists that records are read into (spaces_list.c). Private
 * to spaces.c.
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

/* Takes bytes of what the store may hold, and gives them back. False: it is full. */
bool rp_maps_store_charge(struct rp_maps_store *store, size_t bytes);
void rp_maps_store_uncharge(struct rp_maps_store *store, size_t bytes);

/* The stored file equal to want, with a reference more. NULL: no room, no memory. */
const struct rp_mapped_file *rp_mapped_file_get(struct rp_maps_store *store,
						const struct rp_mapped_file *want);
void rp_mapped_file_put(struct rp_maps_store *store, const struct rp_mapped_file *file);

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
/* By address, and without those that overlap one before them. */
void rp_maps_list_sort(struct rp_maps_store *store, struct rp_maps_list *list);
void rp_maps_list_clear(struct rp_maps_store *store, struct rp_maps_list *list);

/*
 * Makes the list a stored one and empties it. Returned with a reference; NULL: no
 * memory (and the list is emptied all the same).
 */
const struct rp_maps *rp_maps_store_take(struct rp_maps_store *store,
					 struct rp_maps_list *list);
void rp_maps_put(struct rp_maps_store *store, const struct rp_maps *maps);

#endif
