/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A unit's functions and what was inlined into them: for each wanted address the chain of
 * calls that led to it, as nodes of rp_debug_places. Names come later: an entry's function
 * may be described in any other unit.
 *
 * Source  The DWARF standard, version 5, 3.3.
 */
#ifndef RP_DWARF_INLINES_H
#define RP_DWARF_INLINES_H

#include "debug_places.h"
#include "dwarf_unit.h"

#define RP_DWARF_DEPTH_MAX	512u	/* entries within entries */

/* Which entry a node has its name from. */
struct rp_dwarf_origin {
	uint64_t entry;		/* offset in .debug_info */
	uint32_t node;
};

struct rp_dwarf_origins {	/* all 0: empty */
	struct rp_dwarf_origin *origin;
	size_t nr, room;
};

/*
 * addresses ascend; nodes[i], 0 before, becomes addresses[i]'s. A node's file is a number
 * of u's own. 0, -EBADMSG and -EFBIG (what was found till then counts), -ENOMEM.
 */
int rp_dwarf_inlines(struct rp_dwarf *d, const struct rp_dwarf_unit *u,
		     const uint64_t *addresses, size_t nr, uint32_t *nodes,
		     struct rp_debug_places *places, struct rp_dwarf_origins *origins);

/*
 * Gives the nodes of all origins their names; they are reordered. units: offsets of all
 * units, ascending. 0 or -ENOMEM; a name that is not to be had is "".
 */
int rp_dwarf_names(struct rp_dwarf *d, struct rp_dwarf_origins *origins,
		   const uint64_t *units, size_t nr_units, struct rp_debug_places *places);

#endif
