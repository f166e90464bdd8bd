// SPDX-License-Identifier: GPL-2.0
/*
 * Flat arrays: a window of ten thousand addresses is a quarter of a megabyte of them.
 */
#include "debug_places.h"

#include <stdlib.h>

static const struct rp_debug_place *find(const struct rp_debug_places *p, uint64_t address)
{
	size_t low = 0, high = p->nr, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (p->place[mid].address < address)
			low = mid + 1;
		else
			high = mid;
	}
	return low < p->nr && p->place[low].address == address ? &p->place[low] : NULL;
}

bool rp_debug_places_has(const struct rp_debug_places *p, uint64_t address)
{
	return find(p, address);
}

bool rp_debug_places_get(const struct rp_debug_places *p, uint64_t address,
			 struct rp_debug_frame *ret, unsigned int room, unsigned int *ret_nr)
{
	const struct rp_debug_place *at = find(p, address);
	uint32_t file, line, node;
	unsigned int nr = 0;

	if (!at)
		return false;
	file = at->file;
	line = at->line;
	node = at->node;
	do {
		nr += nr < room;
		ret[nr - 1] = (struct rp_debug_frame){
			.function = rp_string_pool_get(&p->strings, p->nr_nodes ?
						       p->node[node].name : 0),
			.file = rp_string_pool_get(&p->strings, file),
			.line = line,
		};
		if (!node)
			break;
		file = p->node[node].file;
		line = p->node[node].line;
		node = p->node[node].parent;
	} while (node);
	*ret_nr = nr;
	return true;
}

struct rp_debug_place *rp_debug_places_add(struct rp_debug_places *p, size_t nr)
{
	struct rp_debug_place *larger;

	if (p->room - p->nr < nr) {
		larger = realloc(p->place, (p->nr + nr) * sizeof(*larger));
		if (!larger)
			return NULL;
		p->place = larger;
		p->room = p->nr + nr;
	}
	p->nr += nr;
	return p->place + p->nr - nr;
}

static int compare_places(const void *va, const void *vb)
{
	const struct rp_debug_place *a = va, *b = vb;

	return a->address < b->address ? -1 : a->address > b->address;
}

void rp_debug_places_sort(struct rp_debug_places *p)
{
	size_t i;

	for (i = 1; i < p->nr && p->place[i - 1].address <= p->place[i].address; i++)
		;
	if (i < p->nr)
		qsort(p->place, p->nr, sizeof(*p->place), compare_places);
}

uint32_t rp_debug_places_node(struct rp_debug_places *p, const struct rp_debug_node *n)
{
	struct rp_debug_node *larger;
	uint32_t room;

	if (p->nr_nodes == p->nodes_room) {
		room = p->nodes_room ? p->nodes_room * 2 : 256;
		larger = room > RP_DEBUG_NODES_MAX ? NULL :
			realloc(p->node, room * sizeof(*larger));
		if (!larger)
			return 0;
		p->node = larger;
		p->nodes_room = room;
		if (!p->nr_nodes)
			p->node[p->nr_nodes++] = (struct rp_debug_node){ 0 };
	}
	p->node[p->nr_nodes] = *n;
	return p->nr_nodes++;
}

size_t rp_debug_places_bytes(const struct rp_debug_places *p)
{
	return p->room * sizeof(*p->place) + p->nodes_room * sizeof(*p->node) +
	       rp_string_pool_bytes(&p->strings);
}

void rp_debug_places_free(struct rp_debug_places *p)
{
	free(p->place);
	free(p->node);
	rp_string_pool_free(&p->strings);
	*p = (struct rp_debug_places){ 0 };
}
