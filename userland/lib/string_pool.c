// SPDX-License-Identifier: GPL-2.0
/*
 * One block of bytes and an index of 4 bytes a string: thousands of addresses are in a few
 * hundred functions and files.
 */
#include "string_pool.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"

#define BYTES_FIRST 4096u
#define SLOTS_FIRST 256u

static uint32_t *slot_of(const struct rp_string_pool *p, const char *s, size_t len)
{
	uint32_t at = rp_hash_bytes(p->seed, s, len) & (p->nr_slots - 1);

	while (p->slots[at] && (strlen(p->bytes + p->slots[at]) != len ||
				memcmp(p->bytes + p->slots[at], s, len)))
		at = (at + 1) & (p->nr_slots - 1);
	return &p->slots[at];
}

static bool grow_slots(struct rp_string_pool *p)
{
	struct rp_string_pool larger = *p;
	const char *s;
	uint32_t i;

	if (!p->nr_slots)
		larger.seed = rp_hash_seed();
	larger.nr_slots = p->nr_slots ? p->nr_slots * 2 : SLOTS_FIRST;
	larger.slots = calloc(larger.nr_slots, sizeof(*larger.slots));
	if (!larger.slots)
		return false;
	for (i = 0; i < p->nr_slots; i++) {
		s = p->bytes + p->slots[i];
		if (p->slots[i])
			*slot_of(&larger, s, strlen(s)) = p->slots[i];
	}
	free(p->slots);
	*p = larger;
	return true;
}

/* Room for size bytes more. */
static bool grow_bytes(struct rp_string_pool *p, size_t size)
{
	uint32_t room = p->room ? p->room : BYTES_FIRST;
	char *larger;

	if (size > RP_STRING_POOL_MAX - p->size)
		return false;
	while (room - p->size < size)
		room *= 2;
	if (room == p->room)
		return true;
	larger = realloc(p->bytes, room);
	if (!larger)
		return false;
	p->bytes = larger;
	p->room = room;
	if (!p->size)
		p->bytes[p->size++] = '\0';
	return true;
}

uint32_t rp_string_pool_add(struct rp_string_pool *p, const char *s, size_t len)
{
	uint32_t *slot, id;
	size_t i;

	if (!len)
		return 0;
	if ((p->used * 4 >= p->nr_slots * 3 && !grow_slots(p)) || !grow_bytes(p, len + 2)) {
		p->partial = true;
		return 0;
	}
	/* It is made at the end, where it stays if it is new. */
	id = p->size;
	for (i = 0; i < len; i++)
		p->bytes[id + i] = (unsigned char)s[i] < ' ' || s[i] == 0x7f ? '?' : s[i];
	p->bytes[id + len] = '\0';
	slot = slot_of(p, p->bytes + id, len);
	if (*slot)
		return *slot;
	p->size += len + 1;
	p->used++;
	return *slot = id;
}

size_t rp_string_pool_bytes(const struct rp_string_pool *p)
{
	return p->room + p->nr_slots * sizeof(*p->slots);
}

void rp_string_pool_free(struct rp_string_pool *p)
{
	free(p->bytes);
	free(p->slots);
	*p = (struct rp_string_pool){ 0 };
}
