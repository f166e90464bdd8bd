// SPDX-License-Identifier: GPL-2.0
/*
 * Hot code is in many stacks: without this, each of its frames would be searched in
 * mappings, symbol cache and symbol table again for every stack.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "name_cache.h"

#define SLOTS_FIRST 256u	/* of a quiet window: each page more is to be had and cleared */
#define SLOTS_KEPT (1u << 16)

static uint64_t slot_of(const struct rp_name_cache *c, const struct rp_name_key *key)
{
	uint64_t hash = rp_hash_mix(c->seed, (uint64_t)(uintptr_t)key->profile);

	hash = rp_hash_mix(hash, (uint64_t)(uintptr_t)key->owner);
	hash = rp_hash_mix(hash, key->number);
	return rp_hash_mix(hash, key->kind) & (c->size - 1);
}

static bool same(const struct rp_name_key *a, const struct rp_name_key *b)
{
	return a->number == b->number && a->owner == b->owner && a->profile == b->profile &&
	       a->kind == b->kind;
}

/* The slot that has the key, or the free one where it belongs. */
static struct rp_name_slot *find(const struct rp_name_cache *c, const struct rp_name_key *key)
{
	uint64_t at;

	for (at = slot_of(c, key); c->slots[at].id; at = (at + 1) & (c->size - 1)) {
		if (same(&c->slots[at].key, key))
			break;
	}
	return &c->slots[at];
}

uint32_t rp_name_cache_get(const struct rp_name_cache *c, const struct rp_name_key *key)
{
	return c->size ? find(c, key)->id : 0;
}

static bool grow(struct rp_name_cache *c)
{
	struct rp_name_cache larger = {
		.size = c->size ? c->size * 2 : SLOTS_FIRST,
		.used = c->used,
		.seed = c->size ? c->seed : rp_hash_seed(),
	};
	uint64_t i;

	larger.slots = calloc(larger.size, sizeof(larger.slots[0]));
	if (!larger.slots)
		return false;
	for (i = 0; i < c->size; i++) {
		if (c->slots[i].id)
			*find(&larger, &c->slots[i].key) = c->slots[i];
	}
	free(c->slots);
	*c = larger;
	return true;
}

void rp_name_cache_put(struct rp_name_cache *c, const struct rp_name_key *key, uint32_t id)
{
	struct rp_name_slot *slot;

	if (!id || (c->used * 4 >= c->size * 3 && !grow(c)))
		return;
	slot = find(c, key);
	if (!slot->id)
		c->used++;
	*slot = (struct rp_name_slot){ .key = *key, .id = id };
}

void rp_name_cache_empty(struct rp_name_cache *c)
{
	if (c->size > SLOTS_KEPT)
		rp_name_cache_free(c);
	else if (c->size)
		memset(c->slots, 0, c->size * sizeof(c->slots[0]));
	c->used = 0;
}

void rp_name_cache_free(struct rp_name_cache *c)
{
	free(c->slots);
	*c = (struct rp_name_cache){ 0 };
}
