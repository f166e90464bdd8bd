// SPDX-License-Identifier: GPL-2.0
/*
 * Hundreds of processes map the same few hundred files, forked workers even at the
 * same addresses, and a process that maps one more library sends all its mappings
 * again. So files are one object each, lists refer to them, and equal lists are one.
 */
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
	struct rp_mapped_note note;
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

bool rp_maps_store_charge(struct rp_maps_store *store, size_t bytes)
{
	if (bytes > store->bytes_max || store->bytes > store->bytes_max - bytes)
		return false;
	store->bytes += bytes;
	return true;
}

void rp_maps_store_uncharge(struct rp_maps_store *store, size_t bytes)
{
	store->bytes -= bytes;
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

void rp_mapped_file_put(struct rp_maps_store *store, const struct rp_mapped_file *file)
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
	       !memcmp(&a->stat, &b->stat, sizeof(a->stat)) &&
	       !strcmp(a->path, b->path);
}

const struct rp_mapped_file *rp_mapped_file_get(struct rp_maps_store *store,
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
	if (!rp_maps_store_charge(store, sizeof(*f) + len))
		return NULL;
	f = calloc(1, sizeof(*f) + len);
	if (!f) {
		rp_maps_store_uncharge(store, sizeof(*f) + len);
		return NULL;
	}
	f->node.hash = hash;
	f->node.refs = 1;
	f->file = *want;
	f->file.path = f->path;
	f->file.note = &f->note;
	memcpy(f->path, want->path, len);
	table_add(&store->files, &f->node);
	return &f->file;
}

/* ---- lists --------------------------------------------------------------------- */

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

	rp_maps_list_sort(store, list);
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

void rp_maps_put(struct rp_maps_store *store, const struct rp_maps *maps)
{
	struct stored_maps *m = OF_MAPS(maps);
	uint32_t i;

	if (--m->node.refs)
		return;
	for (i = 0; i < m->maps.nr; i++)
		rp_mapped_file_put(store, m->maps.map[i].file);
	table_remove(&store->maps, &m->node);
	store->bytes -= maps_bytes(m->maps.nr);
	free(m);
}
