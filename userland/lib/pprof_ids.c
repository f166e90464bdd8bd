// SPDX-License-Identifier: GPL-2.0
/*
 * Nearly every file has ids 1 .. N, for which the identity is a perfect hash; a
 * file with ids made to collide would be slow with it, so it is mixed with the
 * address of the table, which the file's author cannot know.
 */
#include "pprof_ids.h"

#include <errno.h>
#include <stdlib.h>

static size_t home(const struct rp_pprof_id *slots, size_t size, uint64_t id)
{
	uint64_t x = id ^ (uint64_t)(uintptr_t)slots >> 4;

	x *= 0x9e3779b97f4a7c15;
	x ^= x >> 32;
	x *= 0xd6e8feb86659fd93 ^ (uint64_t)(uintptr_t)slots << 1;
	return (x ^ x >> 32) & (size - 1);
}

static struct rp_pprof_id *find(struct rp_pprof_id *slots, size_t size, uint64_t theirs)
{
	size_t i = home(slots, size, theirs);

	while (slots[i].ours && slots[i].theirs != theirs)
		i = (i + 1) & (size - 1);
	return &slots[i];
}

static int grow(struct rp_pprof_ids *ids)
{
	size_t i, size = ids->size ? ids->size * 2 : 64;
	struct rp_pprof_id *slots;

	slots = size > SIZE_MAX / sizeof(*slots) ? NULL : calloc(size, sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	for (i = 0; i < ids->size; i++) {
		if (ids->slots[i].ours)
			*find(slots, size, ids->slots[i].theirs) = ids->slots[i];
	}
	free(ids->slots);
	ids->slots = slots;
	ids->size = size;
	return 0;
}

int rp_pprof_ids_add(struct rp_pprof_ids *ids, uint64_t theirs, uint32_t ours)
{
	struct rp_pprof_id *slot;

	if ((ids->used + 1) * 3 > ids->size * 2 && grow(ids) < 0)
		return -ENOMEM;
	slot = find(ids->slots, ids->size, theirs);
	if (slot->ours)
		return -EEXIST;
	*slot = (struct rp_pprof_id){ theirs, ours };
	ids->used++;
	return 0;
}

uint32_t rp_pprof_ids_find(const struct rp_pprof_ids *ids, uint64_t theirs)
{
	return ids->size ? find(ids->slots, ids->size, theirs)->ours : 0;
}

void rp_pprof_ids_free(struct rp_pprof_ids *ids)
{
	free(ids->slots);
	*ids = (struct rp_pprof_ids){ 0 };
}
