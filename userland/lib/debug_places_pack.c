// SPDX-License-Identifier: GPL-2.0
/*
 * A head; what is said of each address; the nodes from the second on; the strings, each with
 * its NUL. Strings go by their numbers in that order (0 is ""), so that whoever unpacks them
 * need not search, and nodes by theirs.
 */
#include "debug_places_pack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dwarf_inlines.h"
#include "why.h"

struct head {
	uint64_t nr;			/* addresses */
	uint64_t strings_size;		/* bytes */
	uint32_t nr_nodes, nr_strings;
	uint32_t said;			/* a string */
	uint32_t unused;
};

struct place {
	uint32_t node, file, line;
};

/* ---- packing --------------------------------------------------------------------- */

/* Where each string of a pool begins: what is to be freed, or NULL. */
static uint32_t *starts_of(const struct rp_string_pool *pool, uint32_t *ret_nr)
{
	uint32_t at, nr = 0, *starts;

	for (at = 0; at < pool->size; at += (uint32_t)strlen(pool->bytes + at) + 1)
		nr++;
	starts = malloc((nr + 1) * sizeof(*starts));
	if (!starts)
		return NULL;
	starts[0] = 0;
	for (at = 0, nr = 0; at < pool->size; at += (uint32_t)strlen(pool->bytes + at) + 1)
		starts[nr++] = at;
	*ret_nr = nr ? nr : 1;		/* "" is there in any case */
	return starts;
}

static uint32_t number_of(const uint32_t *starts, uint32_t nr, uint32_t start)
{
	uint32_t low = 0, high = nr, mid;

	while (high - low > 1) {
		mid = low + (high - low) / 2;
		if (starts[mid] <= start)
			low = mid;
		else
			high = mid;
	}
	return low;
}

static void write_all(const struct rp_debug_places *p, const struct head *head,
		      const uint32_t *starts, char *to)
{
	const uint32_t nr = head->nr_strings;
	size_t i;

	memcpy(to, head, sizeof(*head));
	to += sizeof(*head);
	for (i = 0; i < p->nr; i++, to += sizeof(struct place)) {
		const struct place place = {
			.node = p->place[i].node, .line = p->place[i].line,
			.file = number_of(starts, nr, p->place[i].file),
		};

		memcpy(to, &place, sizeof(place));
	}
	for (i = 1; i <= head->nr_nodes; i++, to += sizeof(struct rp_debug_node)) {
		struct rp_debug_node node = p->node[i];

		node.name = number_of(starts, nr, node.name);
		node.file = number_of(starts, nr, node.file);
		memcpy(to, &node, sizeof(node));
	}
	if (p->strings.size)
		memcpy(to, p->strings.bytes, p->strings.size);
	else
		*to = '\0';
}

static uint64_t size_of(const struct head *head)
{
	return sizeof(*head) + head->nr * sizeof(struct place) +
	       head->nr_nodes * sizeof(struct rp_debug_node) + head->strings_size;
}

int rp_debug_places_pack(struct rp_debug_places *p, const char *said, void **ret,
			 size_t *ret_size)
{
	const uint32_t id = rp_string_pool_add(&p->strings, said, strlen(said));
	struct head head = {
		.nr = p->nr, .nr_nodes = p->nr_nodes ? p->nr_nodes - 1 : 0,
		.strings_size = p->strings.size ? p->strings.size : 1,
	};
	uint32_t *starts;
	char *data;

	if (size_of(&head) > RP_DEBUG_PLACES_PACK_MAX)
		return -EFBIG;
	starts = starts_of(&p->strings, &head.nr_strings);
	data = malloc((size_t)size_of(&head));
	if (!starts || !data) {
		free(starts);
		free(data);
		return -ENOMEM;
	}
	head.said = number_of(starts, head.nr_strings, id);
	write_all(p, &head, starts, data);
	free(starts);
	*ret = data;
	*ret_size = (size_t)size_of(&head);
	return 0;
}

/* ---- unpacking ------------------------------------------------------------------- */

struct piece {
	struct head head;
	const char *places, *nodes, *strings;
};

static struct place place_of(const struct piece *piece, size_t i)
{
	struct place place;

	memcpy(&place, piece->places + i * sizeof(place), sizeof(place));
	return place;
}

/* number: from 1 on. */
static struct rp_debug_node node_of(const struct piece *piece, size_t number)
{
	struct rp_debug_node node;

	memcpy(&node, piece->nodes + (number - 1) * sizeof(node), sizeof(node));
	return node;
}

/* That the numbers of the head are those of what is there. */
static bool open_piece(const char *data, size_t size, size_t nr, struct piece *ret)
{
	const struct head *head = &ret->head;

	if (size < sizeof(*head) || size > RP_DEBUG_PLACES_PACK_MAX)
		return false;
	memcpy(&ret->head, data, sizeof(*head));
	if (head->nr != nr || head->nr_nodes >= RP_DEBUG_NODES_MAX ||
	    head->strings_size > RP_DEBUG_PLACES_PACK_MAX || size_of(head) != size)
		return false;
	ret->places = data + sizeof(*head);
	ret->nodes = ret->places + head->nr * sizeof(struct place);
	ret->strings = ret->nodes + head->nr_nodes * sizeof(struct rp_debug_node);
	return true;
}

/* As many as the head says, the first of them "". */
static bool strings_are_sound(const struct piece *piece)
{
	const char *at = piece->strings, *end = at + piece->head.strings_size;
	uint32_t nr = 0;

	if (at == end || *at || end[-1])
		return false;
	for (; at < end; at += strlen(at) + 1)
		nr++;
	return nr == piece->head.nr_strings && piece->head.said < nr;
}

/*
 * A node is inlined into one before it, so that no chain of them has no end; and none is
 * longer than entries can lie within entries, so that looking at it does not take long.
 */
static bool nodes_are_sound(const struct piece *piece, uint16_t *depth)
{
	uint32_t i;

	depth[0] = 0;
	for (i = 1; i <= piece->head.nr_nodes; i++) {
		const struct rp_debug_node node = node_of(piece, i);

		if (node.parent >= i || node.name >= piece->head.nr_strings ||
		    node.file >= piece->head.nr_strings ||
		    depth[node.parent] > RP_DWARF_DEPTH_MAX)
			return false;
		depth[i] = (uint16_t)(depth[node.parent] + 1);
	}
	return true;
}

static bool places_are_sound(const struct piece *piece)
{
	size_t i;

	for (i = 0; i < piece->head.nr; i++) {
		const struct place place = place_of(piece, i);

		if (place.node > piece->head.nr_nodes || place.file >= piece->head.nr_strings)
			return false;
	}
	return true;
}

static int check(const struct piece *piece)
{
	uint16_t *depth;
	bool sound;

	if (!strings_are_sound(piece) || !places_are_sound(piece))
		return -EBADMSG;
	depth = malloc(((size_t)piece->head.nr_nodes + 1) * sizeof(*depth));
	if (!depth)
		return -ENOMEM;
	sound = nodes_are_sound(piece, depth);
	free(depth);
	return sound ? 0 : -EBADMSG;
}

/* The strings' numbers in the pool, by those that they have here. */
static uint32_t *add_strings(struct rp_string_pool *pool, const struct piece *piece, char *said,
			     size_t said_size)
{
	uint32_t *ids = malloc(piece->head.nr_strings * sizeof(*ids)), i;
	const char *at = piece->strings;

	for (i = 0; ids && i < piece->head.nr_strings; i++) {
		const size_t len = strlen(at);

		if (i == piece->head.said)
			rp_why(said, said_size, "%s", at);
		ids[i] = rp_string_pool_add(pool, at, len);
		at += len + 1;
	}
	return ids;
}

/* *ret_base: what is to be added to a node's number here. */
static int add_nodes(struct rp_debug_places *p, const struct piece *piece, const uint32_t *ids,
		     uint32_t *ret_base)
{
	uint32_t i, base = p->nr_nodes ? p->nr_nodes - 1 : 0;

	if (piece->head.nr_nodes >= RP_DEBUG_NODES_MAX - base)
		return -EFBIG;
	for (i = 1; i <= piece->head.nr_nodes; i++) {
		struct rp_debug_node node = node_of(piece, i);

		node.parent = node.parent ? base + node.parent : 0;
		node.name = ids[node.name];
		node.file = ids[node.file];
		if (!rp_debug_places_node(p, &node))
			return -ENOMEM;
	}
	*ret_base = base;
	return 0;
}

/*
 * Both what is there and what comes is in order: from the end on, so that each of those that
 * are there moves at most once.
 */
static int add_places(struct rp_debug_places *p, const struct piece *piece,
		      const uint64_t *addresses, const uint32_t *ids, uint32_t base)
{
	size_t nr = (size_t)piece->head.nr, there = p->nr;
	struct rp_debug_place *to;
	struct place place;

	if (!nr)
		return 0;
	if (!rp_debug_places_add(p, nr))
		return -ENOMEM;
	while (nr) {
		to = &p->place[there + nr - 1];
		if (there && p->place[there - 1].address > addresses[nr - 1]) {
			*to = p->place[--there];
			continue;
		}
		place = place_of(piece, --nr);
		*to = (struct rp_debug_place){
			.address = addresses[nr], .line = place.line,
			.node = place.node ? base + place.node : 0,
			.file = ids[place.file],
		};
	}
	return 0;
}

int rp_debug_places_unpack(struct rp_debug_places *p, const void *data, size_t size,
			   const uint64_t *addresses, size_t nr, char *said, size_t said_size)
{
	struct piece piece;
	uint32_t *ids, base = 0;
	int err;

	if (!open_piece(data, size, nr, &piece))
		return -EBADMSG;
	err = check(&piece);
	if (err)
		return err;
	ids = add_strings(&p->strings, &piece, said, said_size);
	err = ids ? add_nodes(p, &piece, ids, &base) : -ENOMEM;
	if (!err)
		err = add_places(p, &piece, addresses, ids, base);
	free(ids);
	return err;
}
