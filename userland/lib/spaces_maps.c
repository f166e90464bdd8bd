// SPDX-License-Identifier: GPL-2.0
/*
 * Hundreds of processes map the same few hundred files, forked workers even at the
 * same addresses, and a process that maps one more library sends all its mappings
 * again. So files are one object each, lists refer to them, and equal lists are one.
 *
 * What a record says is checked here, once; everything behind this trusts it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "spaces_maps.h"

struct node {
	struct node *next;
	uint64_t hash;
	uint32_t refs;
};

struct stored_file {
	struct node node;	/* first: a node is cast to what it begins */
	struct rp_mapped_file file;
	char path[];
};

struct stored_maps {
	struct node node;
	struct rp_maps maps;	/* ends with the array */
};

#define BUCKETS_FIRST 256u

struct table {
	struct node **buckets;
	uint64_t size, used;
};

struct rp_maps_store {
	uint64_t seed;
	size_t bytes, bytes_max;
	struct table files, maps;
};

#define OF_FILE(f) \
	((struct stored_file *)((char *)(uintptr_t)(f) - offsetof(struct stored_file, file)))
#define OF_MAPS(m) \
	((struct stored_maps *)((char *)(uintptr_t)(m) - offsetof(struct stored_maps, maps)))

/* ---- tables -------------------------------------------------------------------- */

static struct node **bucket(const struct table *t, uint64_t hash)
{
	return &t->buckets[hash & (t->size - 1)];
}

static void table_grow(struct table *t)
{
	struct table larger = { .size = t->size * 2, .used = t->used };
	struct node *node, *next, **to;
	uint64_t i;

	larger.buckets = calloc(larger.size, sizeof(struct node *));
	if (!larger.buckets)
		return;		/* longer chains will do */
	for (i = 0; i < t->size; i++) {
		for (node = t->buckets[i]; node; node = next) {
			next = node->next;
			to = bucket(&larger, node->hash);
			node->next = *to;
			*to = node;
		}
	}
	free(t->buckets);
	*t = larger;
}

static void table_add(struct table *t, struct node *node)
{
	struct node **to;

	if (t->used >= t->size)
		table_grow(t);
	to = bucket(t, node->hash);
	node->next = *to;
	*to = node;
	t->used++;
}

static void table_remove(struct table *t, struct node *node)
{
	struct node **at = bucket(t, node->hash);

	while (*at != node)
		at = &(*at)->next;
	*at = node->next;
	t->used--;
}

struct rp_maps_store *rp_maps_store_new(size_t bytes_max)
{
	struct rp_maps_store *store = calloc(1, sizeof(*store));

	if (!store)
		return NULL;
	store->seed = rp_hash_seed();
	store->bytes_max = bytes_max;
	store->files.size = store->maps.size = BUCKETS_FIRST;
	store->files.buckets = calloc(BUCKETS_FIRST, sizeof(struct node *));
	store->maps.buckets = calloc(BUCKETS_FIRST, sizeof(struct node *));
	if (store->files.buckets && store->maps.buckets)
		return store;
	rp_maps_store_free(store);
	return NULL;
}

/* Everything in it was put before. */
void rp_maps_store_free(struct rp_maps_store *store)
{
	if (!store)
		return;
	free(store->files.buckets);
	free(store->maps.buckets);
	free(store);
}

size_t rp_maps_store_bytes(const struct rp_maps_store *store)
{
	return store->bytes;
}

void rp_maps_store_count(const struct rp_maps_store *store, uint64_t *ret_maps,
			 uint64_t *ret_files)
{
	*ret_maps = store->maps.used;
	*ret_files = store->files.used;
}

/* ---- files --------------------------------------------------------------------- */

static void file_put(struct rp_maps_store *store, const struct rp_mapped_file *file)
{
	struct stored_file *f = OF_FILE(file);

	if (--f->node.refs)
		return;
	table_remove(&store->files, &f->node);
	store->bytes -= sizeof(*f) + strlen(f->path) + 1;
	free(f);
}

static bool file_equal(const struct rp_mapped_file *a, const struct rp_mapped_file *b)
{
	return a->inode == b->inode && a->dev_major == b->dev_major &&
	       a->dev_minor == b->dev_minor && a->flags == b->flags &&
	       a->build_id_len == b->build_id_len &&
	       !memcmp(a->build_id, b->build_id, sizeof(a->build_id)) &&
	       !strcmp(a->path, b->path);
}

/* The stored file equal to want, with a reference more. NULL: no room, no memory. */
static const struct rp_mapped_file *file_get(struct rp_maps_store *store,
					     const struct rp_mapped_file *want)
{
	size_t len = strlen(want->path) + 1;
	uint64_t hash = rp_hash_bytes(store->seed, want->path, len);
	struct stored_file *f;
	struct node *node;

	hash = rp_hash_mix(hash, want->inode);
	hash = rp_hash_bytes(hash, want->build_id, sizeof(want->build_id));
	for (node = *bucket(&store->files, hash); node; node = node->next) {
		f = (struct stored_file *)node;
		if (node->hash == hash && file_equal(&f->file, want)) {
			node->refs++;
			return &f->file;
		}
	}
	if (store->bytes + sizeof(*f) + len > store->bytes_max)
		return NULL;
	f = calloc(1, sizeof(*f) + len);
	if (!f)
		return NULL;
	f->node.hash = hash;
	f->node.refs = 1;
	f->file = *want;
	f->file.path = f->path;
	memcpy(f->path, want->path, len);
	store->bytes += sizeof(*f) + len;
	table_add(&store->files, &f->node);
	return &f->file;
}

/* ---- records ------------------------------------------------------------------- */

/* Is there a whole mapping at m, of whose record `left` bytes remain? */
static bool map_ok(const struct rp_map *m, size_t left)
{
	if (left < sizeof(*m) || m->size < sizeof(*m) || m->size > left || m->size % 8)
		return false;
	if (m->path_len >= m->size - sizeof(*m) || m->build_id_len > sizeof(m->build_id))
		return false;
	if (strnlen(m->path, m->path_len + 1u) != m->path_len)
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
	if (store->bytes + bytes > store->bytes_max)
		return -ENOSPC;
	map = realloc(list->map, room * sizeof(*map));
	if (!map)
		return -ENOMEM;
	store->bytes += bytes;
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
	stored = file_get(store, &file);
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
		file_put(store, list->map[--list->nr].file);
	return err;
}

void rp_maps_list_clear(struct rp_maps_store *store, struct rp_maps_list *list)
{
	while (list->nr)
		file_put(store, list->map[--list->nr].file);
	store->bytes -= list->room * sizeof(*list->map);
	free(list->map);
	*list = (struct rp_maps_list){ 0 };
}

/* ---- lists --------------------------------------------------------------------- */

static int by_start(const void *a, const void *b)
{
	const struct rp_mapped *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

/* Parts are written one after the other: a mapping may have moved in between. */
static void list_sort(struct rp_maps_store *store, struct rp_maps_list *list)
{
	uint32_t i, kept = 0;

	if (list->nr)
		qsort(list->map, list->nr, sizeof(*list->map), by_start);
	for (i = 0; i < list->nr; i++) {
		if (kept && list->map[i].start < list->map[kept - 1].end)
			file_put(store, list->map[i].file);
		else
			list->map[kept++] = list->map[i];
	}
	list->nr = kept;
}

static uint64_t list_hash(const struct rp_maps_store *store, const struct rp_maps_list *list)
{
	uint64_t hash = store->seed;
	const struct rp_mapped *m;

	for (m = list->map; m < list->map + list->nr; m++) {
		hash = rp_hash_mix(hash, m->start);
		hash = rp_hash_mix(hash, m->end);
		hash = rp_hash_mix(hash, m->offset);
		hash = rp_hash_mix(hash, (uint64_t)(uintptr_t)m->file);
	}
	return hash;
}

static bool list_equal(const struct rp_maps *maps, const struct rp_maps_list *list)
{
	const struct rp_mapped *a, *b;
	uint32_t i;

	if (maps->nr != list->nr)
		return false;
	for (i = 0; i < list->nr; i++) {
		a = &maps->map[i];
		b = &list->map[i];
		if (a->start != b->start || a->end != b->end || a->offset != b->offset ||
		    a->file != b->file || a->exe != b->exe)
			return false;
	}
	return true;
}

static size_t maps_bytes(uint32_t nr)
{
	return sizeof(struct stored_maps) + nr * sizeof(struct rp_mapped);
}

const struct rp_maps *rp_maps_store_take(struct rp_maps_store *store,
					 struct rp_maps_list *list)
{
	const struct rp_maps *ret = NULL;
	struct stored_maps *m;
	struct node *node;
	uint64_t hash;

	list_sort(store, list);
	hash = list_hash(store, list);
	for (node = *bucket(&store->maps, hash); node; node = node->next) {
		m = (struct stored_maps *)node;
		if (node->hash == hash && list_equal(&m->maps, list)) {
			node->refs++;
			ret = &m->maps;
			goto clear;
		}
	}
	m = malloc(maps_bytes(list->nr));
	if (!m)
		goto clear;
	m->node.hash = hash;
	m->node.refs = 1;
	m->maps.nr = list->nr;
	if (list->nr)
		memcpy(m->maps.map, list->map, list->nr * sizeof(*list->map));
	store->bytes += maps_bytes(list->nr);
	table_add(&store->maps, &m->node);
	list->nr = 0;		/* the references are the stored list's now */
	ret = &m->maps;
clear:
	rp_maps_list_clear(store, list);
	return ret;
}

void rp_maps_get(const struct rp_maps *maps)
{
	OF_MAPS(maps)->node.refs++;
}

void rp_maps_put(struct rp_maps_store *store, const struct rp_maps *maps)
{
	struct stored_maps *m = OF_MAPS(maps);
	uint32_t i;

	if (--m->node.refs)
		return;
	for (i = 0; i < m->maps.nr; i++)
		file_put(store, m->maps.map[i].file);
	table_remove(&store->maps, &m->node);
	store->bytes -= maps_bytes(m->maps.nr);
	free(m);
}
