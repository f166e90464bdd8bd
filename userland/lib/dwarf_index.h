/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which unit an address is of: by what the units' root entries say of where their code is.
 *
 * Memory  24 bytes a range, 8 bytes a unit.
 */
#ifndef RP_DWARF_INDEX_H
#define RP_DWARF_INDEX_H

#include "dwarf_unit.h"

struct rp_dwarf_index {		/* all 0: empty */
	struct rp_dwarf_span {
		uint64_t start, end;
		uint64_t unit;		/* offset of its header */
	} *span;			/* by start */
	uint64_t *units;		/* offsets of all units, ascending */
	size_t nr, room, nr_units, units_room;
	bool no_memory;
};

/* 0 or -ENOMEM; units that cannot be read are left out, and counted in d->stats. */
int rp_dwarf_index_make(struct rp_dwarf *d, struct rp_dwarf_index *ret);
/* False: it is in none that is known. */
bool rp_dwarf_index_find(const struct rp_dwarf_index *x, uint64_t address, uint64_t *ret_unit);
size_t rp_dwarf_index_bytes(const struct rp_dwarf_index *x);
void rp_dwarf_index_free(struct rp_dwarf_index *x);

#endif
