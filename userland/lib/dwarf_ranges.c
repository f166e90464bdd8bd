// SPDX-License-Identifier: GPL-2.0
/*
 * Where the code of an entry lies: from low_pc to high_pc, or in a list, of which there are
 * two formats (.debug_ranges up to DWARF 4, .debug_rnglists from 5).
 */
#include "dwarf_unit.h"

#include <dwarf.h>

#define ENTRY_MAX	32u		/* bytes of an entry of a list */
#define LIST_MAX	(1u << 18)	/* entries of one */

struct list {
	struct rp_dwarf *d;
	const struct rp_dwarf_unit *unit;
	uint64_t base;
	uint64_t last_address;	/* the largest that there is */
	rp_dwarf_range each;
	void *arg;
};

/* Linkers put 0, or the largest numbers, where code was that they left out. */
static void say(const struct list *l, uint64_t start, uint64_t end)
{
	if (start && start < end && start < l->last_address - 1)
		l->each(l->arg, start, end);
}

static uint64_t by_index(const struct list *l, uint64_t index)
{
	struct rp_dwarf_value v = { .class = RP_DWARF_ADDRESS_INDEX, .value = index };
	uint64_t address;

	return rp_dwarf_address(l->d, l->unit, &v, &address) ? address : 0;
}

/* ---- .debug_ranges ----------------------------------------------------------------- */

static bool read_old(struct list *l, uint64_t offset)
{
	struct rp_debug_view *v = &l->d->view[RP_DWARF_RANGES];
	struct rp_dwarf_cursor c = rp_debug_view_at(v, offset, ENTRY_MAX);
	uint64_t start, end;
	unsigned int i;

	for (i = 0; i < LIST_MAX && rp_dwarf_work(l->d, 1); i++) {
		rp_debug_view_on(v, &c, ENTRY_MAX);
		start = rp_dwarf_fixed(&c, l->unit->address_size);
		end = rp_dwarf_fixed(&c, l->unit->address_size);
		if (c.bad)
			return false;
		if (!start && !end)
			return true;
		if (start == l->last_address)
			l->base = end;
		else
			say(l, l->base + start, l->base + end);
	}
	l->d->stats.over_limit++;
	return false;
}

/* ---- .debug_rnglists ----------------------------------------------------------------- */

/* One entry; false: it was the last one. */
static bool read_entry(struct list *l, struct rp_dwarf_cursor *c)
{
	unsigned int width = l->unit->address_size;
	uint64_t start, end;

	switch (rp_dwarf_byte(c)) {
	case DW_RLE_base_addressx:
		l->base = by_index(l, rp_dwarf_uleb(c));
		return true;
	case DW_RLE_base_address:
		l->base = rp_dwarf_fixed(c, width);
		return true;
	case DW_RLE_offset_pair:
		start = rp_dwarf_uleb(c);
		end = rp_dwarf_uleb(c);
		if (!c->bad && l->base < l->last_address - 1)
			say(l, l->base + start, l->base + end);
		return true;
	case DW_RLE_startx_endx:
		start = by_index(l, rp_dwarf_uleb(c));
		end = by_index(l, rp_dwarf_uleb(c));
		break;
	case DW_RLE_startx_length:
		start = by_index(l, rp_dwarf_uleb(c));
		end = start + rp_dwarf_uleb(c);
		break;
	case DW_RLE_start_end:
		start = rp_dwarf_fixed(c, width);
		end = rp_dwarf_fixed(c, width);
		break;
	case DW_RLE_start_length:
		start = rp_dwarf_fixed(c, width);
		end = start + rp_dwarf_uleb(c);
		break;
	case DW_RLE_end_of_list:
		return false;
	default:
		c->bad = true;
		return false;
	}
	if (!c->bad)
		say(l, start, end);
	return true;
}

static bool read_new(struct list *l, uint64_t offset)
{
	struct rp_debug_view *v = &l->d->view[RP_DWARF_RNGLISTS];
	struct rp_dwarf_cursor c = rp_debug_view_at(v, offset, ENTRY_MAX);
	unsigned int i;

	for (i = 0; i < LIST_MAX && rp_dwarf_work(l->d, 1); i++) {
		rp_debug_view_on(v, &c, ENTRY_MAX);
		if (!read_entry(l, &c) || c.bad)
			return !c.bad;
	}
	l->d->stats.over_limit++;
	return false;
}

/* A list's number to its offset, by the table that stands behind the head. */
static bool list_offset(struct list *l, uint64_t index, uint64_t *ret)
{
	const struct rp_dwarf_unit *u = l->unit;
	struct rp_dwarf_cursor c;

	if (index > UINT32_MAX)
		return false;
	c = rp_debug_view_at(&l->d->view[RP_DWARF_RNGLISTS],
			     u->ranges_base + index * u->offset_size, u->offset_size);
	*ret = u->ranges_base + rp_dwarf_fixed(&c, u->offset_size);
	return !c.bad;
}

static bool read_list(struct list *l, const struct rp_dwarf_value *ranges)
{
	uint64_t offset = ranges->value;

	if (ranges->class == RP_DWARF_LIST_INDEX && !list_offset(l, ranges->value, &offset))
		return false;
	return l->unit->version < 5 ? read_old(l, offset) : read_new(l, offset);
}

bool rp_dwarf_ranges(struct rp_dwarf *d, const struct rp_dwarf_unit *u,
		     const struct rp_dwarf_value *low, const struct rp_dwarf_value *high,
		     const struct rp_dwarf_value *ranges, rp_dwarf_range each, void *arg)
{
	struct list l = {
		.d = d, .unit = u, .base = u->base, .each = each, .arg = arg,
		.last_address = u->address_size == 8 ? UINT64_MAX : UINT32_MAX,
	};
	uint64_t start, end;

	if (ranges->class == RP_DWARF_OFFSET || ranges->class == RP_DWARF_LIST_INDEX ||
	    ranges->class == RP_DWARF_CONSTANT)
		return read_list(&l, ranges);
	if (low->class == RP_DWARF_OTHER || high->class == RP_DWARF_OTHER)
		return true;
	if (!rp_dwarf_address(d, u, low, &start))
		return false;
	if (high->class == RP_DWARF_CONSTANT)
		end = start + high->value;
	else if (!rp_dwarf_address(d, u, high, &end))
		return false;
	say(&l, start, end);
	return true;
}
