// SPDX-License-Identifier: GPL-2.0
/*
 * From the bytes of a SPACE record to a list of mappings. What a record says is
 * checked here, once; everything behind this trusts it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "spaces_maps.h"

/* Is there a whole mapping at m, of whose record `left` bytes remain? */
static bool map_ok(const struct rp_map *m, size_t left)
{
	if (left < sizeof(*m) || m->size < sizeof(*m) || m->size > left || m->size % 8)
		return false;
	if (m->path_len >= m->size - sizeof(*m) || m->build_id_len > sizeof(m->build_id))
		return false;
	if (strnlen(m->path, m->path_len + 1u) != m->path_len)
		return false;
	if (m->flags & RP_MAP_STAT &&
	    m->size - sizeof(*m) - (m->path_len + 1u) < sizeof(struct rp_map_stat))
		return false;
	return m->start < m->end && m->offset <= UINT64_MAX - (m->end - m->start);
}

static bool record_ok(const struct rp_space *rec)
{
	const char *at = (const char *)(rec + 1);
	size_t left = rec->rec.size - sizeof(*rec);
	const struct rp_map *m;
	unsigned int i;

	for (i = 0; i < rec->nr_maps; i++) {
		m = (const struct rp_map *)at;
		if (!map_ok(m, left))
			return false;
		at += m->size;
		left -= m->size;
	}
	return true;
}

static int list_room(struct rp_maps_store *store, struct rp_maps_list *list, uint32_t more)
{
	uint32_t room = list->room ? list->room : 16;
	struct rp_mapped *map;
	size_t bytes;

	while (room < list->nr + more)
		room *= 2;
	if (room == list->room)
		return 0;
	bytes = (room - list->room) * sizeof(*map);
	if (!rp_maps_store_charge(store, bytes))
		return -ENOSPC;
	map = realloc(list->map, room * sizeof(*map));
	if (!map) {
		rp_maps_store_uncharge(store, bytes);
		return -ENOMEM;
	}
	list->map = map;
	list->room = room;
	return 0;
}

static int list_append(struct rp_maps_store *store, struct rp_maps_list *list,
		       const struct rp_map *m)
{
	struct rp_mapped_file file = {
		.path = m->path,
		.flags = m->flags & (RP_MAP_ANON | RP_MAP_DELETED),
		.dev_major = m->dev_major,
		.dev_minor = m->dev_minor,
		.inode = m->inode,
		.build_id_len = m->build_id_len,
	};
	const struct rp_mapped_file *stored;

	memcpy(file.build_id, m->build_id, m->build_id_len);
	if (m->flags & RP_MAP_STAT && !m->build_id_len)
		memcpy(&file.stat, (const char *)m + m->size - sizeof(file.stat),
		       sizeof(file.stat));
	stored = rp_mapped_file_get(store, &file);
	if (!stored)
		return -ENOSPC;
	list->map[list->nr++] = (struct rp_mapped){
		.start = m->start,
		.end = m->end,
		.offset = m->offset,
		.file = stored,
		.exe = m->flags & RP_MAP_EXE,
	};
	return 0;
}

int rp_maps_list_add(struct rp_maps_store *store, struct rp_maps_list *list,
		     const struct rp_space *rec)
{
	const char *at = (const char *)(rec + 1);
	const struct rp_map *m;
	uint32_t before = list->nr;
	unsigned int i;
	int err;

	if (!record_ok(rec))
		return -EBADMSG;
	err = list_room(store, list, rec->nr_maps);
	for (i = 0; !err && i < rec->nr_maps; i++) {
		m = (const struct rp_map *)at;
		err = list_append(store, list, m);
		at += m->size;
	}
	while (err && list->nr > before)
		rp_mapped_file_put(store, list->map[--list->nr].file);
	return err;
}

void rp_maps_list_clear(struct rp_maps_store *store, struct rp_maps_list *list)
{
	while (list->nr)
		rp_mapped_file_put(store, list->map[--list->nr].file);
	rp_maps_store_uncharge(store, list->room * sizeof(*list->map));
	free(list->map);
	*list = (struct rp_maps_list){ 0 };
}

static int by_start(const void *a, const void *b)
{
	const struct rp_mapped *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

/* Parts are written one after the other: a mapping may have moved in between. */
void rp_maps_list_sort(struct rp_maps_store *store, struct rp_maps_list *list)
{
	uint32_t i, kept = 0;

	if (list->nr)
		qsort(list->map, list->nr, sizeof(*list->map), by_start);
	for (i = 0; i < list->nr; i++) {
		if (kept && list->map[i].start < list->map[kept - 1].end)
			rp_mapped_file_put(store, list->map[i].file);
		else
			list->map[kept++] = list->map[i];
	}
	list->nr = kept;
}
