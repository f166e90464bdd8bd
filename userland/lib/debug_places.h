/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Places: what a file's debugging data said of addresses, to be asked for again and again.
 *
 * An address has frames, the innermost function that was inlined there first, the function
 * that code was made for last. Addresses of one function share what they have in common.
 *
 * Memory  24 bytes an address, 16 bytes an inlined call, each name and path once.
 * Threads One at a time.
 */
#ifndef RP_DEBUG_PLACES_H
#define RP_DEBUG_PLACES_H

#include "string_pool.h"

#define RP_DEBUG_NODES_MAX	(4u << 20)

struct rp_debug_place {
	uint64_t address;
	uint32_t node;		/* the innermost function; 0: not known */
	uint32_t file, line;	/* file: in strings; 0: not known */
};

/* A function as it was inlined into another, or (parent 0) one of its own. */
struct rp_debug_node {
	uint32_t parent;
	uint32_t name;		/* in strings: the linker's, or else the source's; 0: not known */
	uint32_t file, line;	/* of the call in the parent */
};

struct rp_debug_places {	/* all 0: empty */
	struct rp_debug_place *place;	/* by address */
	struct rp_debug_node *node;	/* [0] is unused */
	size_t nr, room;
	uint32_t nr_nodes, nodes_room;
	struct rp_string_pool strings;
};

/* Of a frame: the function, and where in it. "" and 0: not known. */
struct rp_debug_frame {
	const char *function;	/* as the linker knows it, or without that as it was written */
	const char *file;
	uint32_t line;
};

/*
 * Up to room (1 or more) frames of an address, as above; of more, those next to the last are
 * left out. False: it was never asked for.
 */
bool rp_debug_places_get(const struct rp_debug_places *p, uint64_t address,
			 struct rp_debug_frame *ret, unsigned int room, unsigned int *ret_nr);
bool rp_debug_places_has(const struct rp_debug_places *p, uint64_t address);
/* nr places more at the end, to be filled, with addresses that are not there yet; before the
 * next look all have to be in order (rp_debug_places_sort()). NULL without memory. */
struct rp_debug_place *rp_debug_places_add(struct rp_debug_places *p, size_t nr);
void rp_debug_places_sort(struct rp_debug_places *p);
/* 0: no memory, or too many. */
uint32_t rp_debug_places_node(struct rp_debug_places *p, const struct rp_debug_node *n);
size_t rp_debug_places_bytes(const struct rp_debug_places *p);
void rp_debug_places_free(struct rp_debug_places *p);

#endif
