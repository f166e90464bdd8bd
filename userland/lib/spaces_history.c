// SPDX-License-Identifier: GPL-2.0
/*
 * The mappings of one address space over time. Nothing is resolved when a record
 * comes, since what it refers to may come later: versions are kept as they were said,
 * and "the same as before" becomes mappings only when somebody asks.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "spaces_history.h"

/* The index of the first version that is not below map_gen. */
static uint32_t version_at(const struct rp_aspace_history *h, uint32_t map_gen)
{
	uint32_t low = 0, high = h->nr, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (h->versions[middle].map_gen < map_gen)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Takes over the reference on maps (NULL: same as before). */
static int add_version(struct rp_maps_store *store, struct rp_aspace_history *h,
		       uint32_t map_gen, const struct rp_maps *maps)
{
	uint32_t at = version_at(h, map_gen), room;
	struct rp_version *versions;

	if (at < h->nr && h->versions[at].map_gen == map_gen) {
		if (maps)
			rp_maps_put(store, maps);
		return -EEXIST;
	}
	if (h->nr == h->room) {
		room = h->room ? h->room * 2 : 2;
		versions = realloc(h->versions, room * sizeof(*versions));
		if (!versions) {
			if (maps)
				rp_maps_put(store, maps);
			return -ENOMEM;
		}
		h->versions = versions;
		h->room = room;
	}
	memmove(&h->versions[at + 1], &h->versions[at], (h->nr - at) * sizeof(*versions));
	h->versions[at] = (struct rp_version){ .map_gen = map_gen, .maps = maps };
	h->nr++;
	return 0;
}

static void remove_unfinished(struct rp_maps_store *store, struct rp_aspace_history *h,
			      uint32_t at)
{
	rp_maps_list_clear(store, &h->unfinished[at].list);
	h->nr_unfinished--;
	memmove(&h->unfinished[at], &h->unfinished[at + 1],
		(h->nr_unfinished - at) * sizeof(h->unfinished[0]));
}

/* Where the parts of this map_gen are collected; NULL: this one does not continue it. */
static struct rp_unfinished *unfinished_for(struct rp_maps_store *store,
					    struct rp_aspace_history *h,
					    const struct rp_space *rec)
{
	struct rp_unfinished *u;
	uint32_t i;

	for (i = 0; i < h->nr_unfinished; i++) {
		u = &h->unfinished[i];
		if (u->map_gen != rec->map_gen)
			continue;
		if (rec->part == u->next_part)
			return u;
		remove_unfinished(store, h, i);	/* a part is missing: the rest is useless */
		break;
	}
	if (rec->part)
		return NULL;
	if (h->nr_unfinished == RP_UNFINISHED_MAX)
		remove_unfinished(store, h, 0);
	u = &h->unfinished[h->nr_unfinished++];
	*u = (struct rp_unfinished){ .map_gen = rec->map_gen };
	return u;
}

int rp_history_add_same(struct rp_maps_store *store, struct rp_aspace_history *h,
			uint32_t map_gen)
{
	return add_version(store, h, map_gen, NULL);
}

int rp_history_add_part(struct rp_maps_store *store, struct rp_aspace_history *h,
			const struct rp_space *rec, const struct rp_maps **ret_maps)
{
	struct rp_unfinished *u = unfinished_for(store, h, rec);
	const struct rp_maps *maps;
	int err;

	if (!u)
		return -EBADMSG;
	err = u->list.nr + rec->nr_maps > RP_SPACES_MAPS_MAX ? -ENOSPC :
	      rp_maps_list_add(store, &u->list, rec);
	if (err)
		goto remove;
	u->next_part++;
	if (rec->flags & RP_SPACE_MORE)
		return 0;
	maps = rp_maps_store_take(store, &u->list);
	err = maps ? add_version(store, h, rec->map_gen, maps) : -ENOMEM;
	if (!err)
		*ret_maps = maps;
remove:
	remove_unfinished(store, h, (uint32_t)(u - h->unfinished));
	return err;
}

/* The mappings of version at: its own, or those of the last one below that has some. */
static const struct rp_maps *maps_at(const struct rp_aspace_history *h, uint32_t at)
{
	for (;; at--) {
		if (h->versions[at].maps)
			return h->versions[at].maps;
		if (!at)
			return NULL;
	}
}

const struct rp_maps *rp_history_maps(const struct rp_aspace_history *h, uint32_t map_gen,
				      bool *ret_exact)
{
	uint32_t from = version_at(h, map_gen), at;
	const struct rp_maps *maps = NULL;

	for (at = from; at < h->nr && !maps; at++)
		maps = maps_at(h, at);
	*ret_exact = maps && at == from + 1 && h->versions[from].map_gen == map_gen;
	if (!maps && from)
		maps = maps_at(h, from - 1);
	return maps;
}

void rp_history_trim(struct rp_maps_store *store, struct rp_aspace_history *h)
{
	uint32_t i, kept = 0;

	for (i = 0; i < h->nr; i++) {
		struct rp_version *v = &h->versions[i];

		if (!v->old || i + 1 == h->nr) {
			v->old = i + 1 < h->nr;
			h->versions[kept++] = *v;
			continue;
		}
		if (!v->maps)
			continue;
		if (h->versions[i + 1].maps)
			rp_maps_put(store, v->maps);
		else	/* "the same as before" is this one */
			h->versions[i + 1].maps = v->maps;
	}
	h->nr = kept;
}

void rp_history_free(struct rp_maps_store *store, struct rp_aspace_history *h)
{
	uint32_t i;

	for (i = 0; i < h->nr; i++) {
		if (h->versions[i].maps)
			rp_maps_put(store, h->versions[i].maps);
	}
	for (i = 0; i < h->nr_unfinished; i++)
		rp_maps_list_clear(store, &h->unfinished[i].list);
	free(h->versions);
}
