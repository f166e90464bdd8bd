// SPDX-License-Identifier: GPL-2.0
/*
 * A million different stacks of 30 frames would be 240 MB of addresses. Neighbouring
 * frames lie close together, so differences need few bytes. A look-up packs the stack
 * that it was given and compares bytes; nothing is unpacked until the window closes.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "stack_store.h"

#define CHUNK_BYTES (1u << 18)
#define PACKED_MAX (2 + RP_DEPTH_MAX * 10)	/* 64 bits in groups of 7 */
#define SLOTS_FIRST 1024u
#define STACKS_FIRST 1024u

struct stack {
	uint32_t hash;
	uint32_t chunk;
	uint32_t at;		/* in the chunk */
	uint32_t len;
};

struct rp_stack_store {
	uint64_t seed;
	unsigned char **chunks;
	uint32_t nr_chunks, room_chunks;
	uint32_t chunk, used;	/* where the next stack goes */
	struct stack *stacks;	/* id - 1 */
	uint32_t nr, room;
	uint32_t *slots;	/* ids, 0: free; open addressing */
	uint32_t nr_slots;
};

struct rp_stack_store *rp_stack_store_new(void)
{
	struct rp_stack_store *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->seed = rp_hash_seed();
	s->slots = calloc(SLOTS_FIRST, sizeof(s->slots[0]));
	s->stacks = malloc(STACKS_FIRST * sizeof(s->stacks[0]));
	if (!s->slots || !s->stacks) {
		rp_stack_store_free(s);
		return NULL;
	}
	s->nr_slots = SLOTS_FIRST;
	s->room = STACKS_FIRST;
	return s;
}

void rp_stack_store_free(struct rp_stack_store *s)
{
	uint32_t i;

	if (!s)
		return;
	for (i = 0; i < s->nr_chunks; i++)
		free(s->chunks[i]);
	free(s->chunks);
	free(s->stacks);
	free(s->slots);
	free(s);
}

/* ---- packing ------------------------------------------------------------------- */

/* Differences go both ways: the sign is moved to the lowest bit. */
static unsigned int pack(const __u64 *addr, unsigned int nr, unsigned char *to)
{
	unsigned char *at = to;
	uint64_t last = 0, delta, n;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		delta = addr[i] - last;
		last = addr[i];
		n = delta << 1 ^ (uint64_t)-(int64_t)(delta >> 63);
		while (n >= 0x80) {
			*at++ = (unsigned char)(n | 0x80);
			n >>= 7;
		}
		*at++ = (unsigned char)n;
	}
	return (unsigned int)(at - to);
}

static unsigned int unpack(const unsigned char *at, const unsigned char *end,
			   uint64_t *ret_addr)
{
	uint64_t last = 0, n;
	unsigned int nr, shift;

	for (nr = 0; at < end; nr++) {
		n = 0;
		for (shift = 0; *at & 0x80; shift += 7)
			n |= (uint64_t)(*at++ & 0x7f) << shift;
		n |= (uint64_t)*at++ << shift;
		last += n >> 1 ^ (uint64_t)-(int64_t)(n & 1);
		ret_addr[nr] = last;
	}
	return nr;
}

/* ---- room ---------------------------------------------------------------------- */

static int grow_slots(struct rp_stack_store *s)
{
	uint32_t nr = s->nr_slots * 2, id, at;
	uint32_t *slots = calloc(nr, sizeof(*slots));

	if (!slots)
		return -ENOMEM;
	for (id = 1; id <= s->nr; id++) {
		at = s->stacks[id - 1].hash & (nr - 1);
		while (slots[at])
			at = (at + 1) & (nr - 1);
		slots[at] = id;
	}
	free(s->slots);
	s->slots = slots;
	s->nr_slots = nr;
	return 0;
}

static int grow_stacks(struct rp_stack_store *s)
{
	struct stack *stacks = realloc(s->stacks, s->room * 2 * sizeof(*stacks));

	if (!stacks)
		return -ENOMEM;
	s->stacks = stacks;
	s->room *= 2;
	return 0;
}

static int add_chunk(struct rp_stack_store *s)
{
	uint32_t room = s->room_chunks ? s->room_chunks * 2 : 16;
	unsigned char **chunks;

	if (s->nr_chunks == s->room_chunks) {
		chunks = realloc(s->chunks, room * sizeof(*chunks));
		if (!chunks)
			return -ENOMEM;
		s->chunks = chunks;
		s->room_chunks = room;
	}
	s->chunks[s->nr_chunks] = malloc(CHUNK_BYTES);
	if (!s->chunks[s->nr_chunks])
		return -ENOMEM;
	s->nr_chunks++;
	return 0;
}

/* Makes sure that one more stack of len bytes fits everywhere. */
static int make_room(struct rp_stack_store *s, unsigned int len, size_t room)
{
	bool stacks = s->nr == s->room, slots = (uint64_t)s->nr * 4 >= (uint64_t)s->nr_slots * 3;
	bool next = s->nr_chunks && s->used + len > CHUNK_BYTES;
	bool chunk = s->chunk + next >= s->nr_chunks;
	size_t need = 0;
	int err = 0;

	need += stacks ? s->room * sizeof(s->stacks[0]) : 0;
	need += slots ? s->nr_slots * sizeof(s->slots[0]) : 0;
	need += chunk ? CHUNK_BYTES : 0;
	if (need > room || s->nr_slots > UINT32_MAX / 4)
		return -ENOSPC;
	if (stacks)
		err = grow_stacks(s);
	if (!err && slots)
		err = grow_slots(s);
	if (!err && chunk)
		err = add_chunk(s);
	if (!err && next) {
		s->chunk++;
		s->used = 0;
	}
	return err;
}

/* ---- the store ----------------------------------------------------------------- */

int rp_stack_store_add(struct rp_stack_store *s, const __u64 *addr, unsigned int nr,
		       size_t room, uint32_t *ret_id)
{
	unsigned char packed[PACKED_MAX];
	unsigned int len;
	const struct stack *stack;
	uint32_t hash, at, id;
	int err;

	if (!nr || nr > RP_DEPTH_MAX)
		return -EINVAL;
	len = pack(addr, nr, packed);
	hash = (uint32_t)rp_hash_bytes(s->seed, packed, len);
	for (at = hash & (s->nr_slots - 1); (id = s->slots[at]);
	     at = (at + 1) & (s->nr_slots - 1)) {
		stack = &s->stacks[id - 1];
		if (stack->hash == hash && stack->len == len &&
		    !memcmp(s->chunks[stack->chunk] + stack->at, packed, len)) {
			*ret_id = id;
			return 0;
		}
	}
	err = make_room(s, len, room);
	if (err)
		return err;
	memcpy(s->chunks[s->chunk] + s->used, packed, len);
	s->stacks[s->nr++] = (struct stack){
		.hash = hash, .chunk = s->chunk, .at = s->used, .len = len,
	};
	s->used += len;
	for (at = hash & (s->nr_slots - 1); s->slots[at]; at = (at + 1) & (s->nr_slots - 1))
		;
	s->slots[at] = s->nr;
	*ret_id = s->nr;
	return 0;
}

unsigned int rp_stack_store_get(const struct rp_stack_store *s, uint32_t id,
				uint64_t ret_addr[static RP_DEPTH_MAX])
{
	const struct stack *stack;
	const unsigned char *at;

	if (!id || id > s->nr)
		return 0;
	stack = &s->stacks[id - 1];
	at = s->chunks[stack->chunk] + stack->at;
	return unpack(at, at + stack->len, ret_addr);
}

uint64_t rp_stack_store_nr(const struct rp_stack_store *s)
{
	return s->nr;
}

size_t rp_stack_store_bytes(const struct rp_stack_store *s)
{
	return (size_t)s->nr_chunks * CHUNK_BYTES + s->room * sizeof(s->stacks[0]) +
	       s->nr_slots * sizeof(s->slots[0]);
}

void rp_stack_store_empty(struct rp_stack_store *s)
{
	memset(s->slots, 0, s->nr_slots * sizeof(s->slots[0]));
	s->nr = s->chunk = s->used = 0;
}

void rp_stack_store_shrink(struct rp_stack_store *s)
{
	uint32_t *slots = calloc(SLOTS_FIRST, sizeof(*slots));
	struct stack *stacks;

	if (!slots)
		return;
	free(s->slots);
	s->slots = slots;
	s->nr_slots = SLOTS_FIRST;
	stacks = realloc(s->stacks, STACKS_FIRST * sizeof(*stacks));
	if (stacks) {
		s->stacks = stacks;
		s->room = STACKS_FIRST;
	}
	while (s->nr_chunks > 1)
		free(s->chunks[--s->nr_chunks]);
}
