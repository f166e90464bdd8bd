// SPDX-License-Identifier: GPL-2.0
/*
 * A window of a busy host has a million stacks, and most samples are of a stack
 * that is known already: so the common case is one hash and one comparison, and
 * memory is flat arrays that grow by half, without a malloc per entry.
 */
#include "profile_store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_CHUNK	(64 << 10)
#define IDS_MAX		(UINT32_MAX - 1)

struct rp_profile_arena {
	struct rp_profile_arena *next;
	size_t used, size;
	char text[];
};

static uint64_t rotl(uint64_t x, int n)
{
	return x << n | x >> (64 - n);
}

static void sip_round(uint64_t v[static 4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotl(v[1], 13) ^ v[0];
	v[3] = rotl(v[3], 16) ^ v[2];
	v[0] = rotl(v[0], 32);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = rotl(v[1], 17) ^ v[2];
	v[3] = rotl(v[3], 21) ^ v[0];
	v[2] = rotl(v[2], 32);
}

void rp_hash_start(struct rp_hash *h, const uint64_t seed[static 2])
{
	h->v[0] = seed[0] ^ 0x736f6d6570736575;
	h->v[1] = seed[1] ^ 0x646f72616e646f6d;
	h->v[2] = seed[0] ^ 0x6c7967656e657261;
	h->v[3] = seed[1] ^ 0x7465646279746573;
}

void rp_hash_word(struct rp_hash *h, uint64_t word)
{
	h->v[3] ^= word;
	sip_round(h->v);
	h->v[0] ^= word;
}

/* The length goes into the last word, so that "a" and "a\0" differ. */
void rp_hash_bytes(struct rp_hash *h, const void *data, size_t len)
{
	const char *bytes = data;
	uint64_t word;
	size_t left;

	for (left = len; left >= 8; left -= 8, bytes += 8) {
		memcpy(&word, bytes, 8);
		rp_hash_word(h, word);
	}
	word = 0;
	memcpy(&word, bytes, left);
	rp_hash_word(h, word ^ (uint64_t)len << 56);
}

uint32_t rp_hash_end(struct rp_hash *h)
{
	uint64_t x;
	int i;

	h->v[2] ^= 0xff;
	for (i = 0; i < 3; i++)
		sip_round(h->v);
	x = h->v[0] ^ h->v[1] ^ h->v[2] ^ h->v[3];
	return (uint32_t)(x ^ x >> 32);
}

/* A slot with id 0 is free: ids count from 1. */
uint32_t rp_index_find(const struct rp_profile *p, const struct rp_profile_index *ix,
		       uint32_t hash, rp_index_equal *equal, const void *key)
{
	uint64_t i;

	if (!ix->size)
		return 0;
	for (i = hash & (ix->size - 1); ix->slots[i].id; i = (i + 1) & (ix->size - 1)) {
		if (ix->slots[i].hash == hash && equal(p, ix->slots[i].id, key))
			return ix->slots[i].id;
	}
	return 0;
}

static void place(struct rp_profile_slot *slots, uint64_t size, struct rp_profile_slot s)
{
	uint64_t i = s.hash & (size - 1);

	while (slots[i].id)
		i = (i + 1) & (size - 1);
	slots[i] = s;
}

int rp_index_reserve(struct rp_profile_index *ix)
{
	struct rp_profile_slot *slots;
	uint64_t size, i;

	if ((ix->used + 1) * 3 <= ix->size * 2)
		return 0;
	size = ix->size ? ix->size * 2 : 64;
	if (size > SIZE_MAX / sizeof(*slots))
		return -ENOMEM;
	slots = calloc(size, sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	for (i = 0; i < ix->size; i++) {
		if (ix->slots[i].id)
			place(slots, size, ix->slots[i]);
	}
	free(ix->slots);
	ix->slots = slots;
	ix->size = size;
	return 0;
}

void rp_index_insert(struct rp_profile_index *ix, uint32_t hash, uint32_t id)
{
	place(ix->slots, ix->size, (struct rp_profile_slot){ hash, id });
	ix->used++;
}

int rp_store_grow(struct rp_profile *p, void *array, uint64_t *room, uint64_t need,
		  size_t size)
{
	uint64_t more = *room + *room / 2;
	void *old, *new;

	if (need <= *room)
		return 0;
	if (more < need)
		more = need < 32 ? 32 : need;
	/* array is the address of a pointer of some type: copied, not cast. */
	memcpy(&old, array, sizeof(old));
	new = more > SIZE_MAX / size ? NULL : realloc(old, more * size);
	if (!new) {
		p->error = -ENOMEM;
		return -ENOMEM;
	}
	memcpy(array, &new, sizeof(new));
	*room = more;
	return 0;
}

int rp_store_grow_table(struct rp_profile *p, void *array, uint64_t *room, uint64_t nr,
			size_t size, struct rp_profile_index *ix)
{
	if (nr >= IDS_MAX) {
		p->error = -ENOSPC;
		return -ENOSPC;
	}
	/* Entries 0 .. nr are there, so one more makes nr + 2. */
	if (rp_store_grow(p, array, room, nr + 2, size) < 0)
		return -ENOMEM;
	if (rp_index_reserve(ix) < 0) {
		p->error = -ENOMEM;
		return -ENOMEM;
	}
	return 0;
}

const char *rp_arena_copy(struct rp_profile *p, const char *s, size_t len)
{
	struct rp_profile_arena *a = p->arena;
	size_t size;
	char *text;

	if (!a || a->size - a->used <= len) {
		size = len < ARENA_CHUNK / 4 ? ARENA_CHUNK : len + 1;
		a = len > SIZE_MAX / 2 ? NULL : malloc(sizeof(*a) + size);
		if (!a) {
			p->error = -ENOMEM;
			return NULL;
		}
		a->used = 0;
		a->size = size;
		/* A chunk for one big string goes behind the one being filled. */
		if (size != ARENA_CHUNK && p->arena) {
			a->next = p->arena->next;
			p->arena->next = a;
		} else {
			a->next = p->arena;
			p->arena = a;
		}
	}
	text = a->text + a->used;
	memcpy(text, s, len);
	text[len] = '\0';
	a->used += len + 1;
	return text;
}

void rp_arena_free(struct rp_profile *p)
{
	struct rp_profile_arena *a;

	while ((a = p->arena)) {
		p->arena = a->next;
		free(a);
	}
}
