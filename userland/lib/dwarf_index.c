// SPDX-License-Identifier: GPL-2.0
/*
 * .debug_aranges says the same, but not of every unit, and not of clang's; the roots do.
 */
#include "dwarf_index.h"

#include <dwarf.h>
#include <errno.h>
#include <stdlib.h>

#define OVERLAPS_MAX 32	/* ranges within ranges, which no real file has */

struct making {
	struct rp_dwarf *d;
	struct rp_dwarf_index *x;
	uint64_t unit;
};

static void add_range(void *arg, uint64_t start, uint64_t end)
{
	struct making *m = arg;
	struct rp_dwarf_index *x = m->x;
	struct rp_dwarf_span *larger;
	size_t room;

	/* One behind the other, as linkers lay them: one range. */
	if (x->nr && x->span[x->nr - 1].end == start && x->span[x->nr - 1].unit == m->unit) {
		x->span[x->nr - 1].end = end;
		return;
	}
	if (x->nr == x->room) {
		if (x->nr >= RP_DWARF_RANGES_MAX) {
			m->d->stats.over_limit++;
			return;
		}
		room = x->room ? x->room * 2 : 64;
		larger = realloc(x->span, room * sizeof(*larger));
		if (!larger) {
			x->no_memory = true;
			return;
		}
		x->span = larger;
		x->room = room;
	}
	x->span[x->nr++] = (struct rp_dwarf_span){ .start = start, .end = end,
						   .unit = m->unit };
}

static int add_unit(struct making *m)
{
	struct rp_dwarf_index *x = m->x;
	uint64_t *larger;
	size_t room;

	if (x->nr_units == x->units_room) {
		if (x->nr_units >= RP_DWARF_UNITS_MAX)
			return -EFBIG;
		room = x->units_room ? x->units_room * 2 : 64;
		larger = realloc(x->units, room * sizeof(*larger));
		if (!larger)
			return -ENOMEM;
		x->units = larger;
		x->units_room = room;
	}
	x->units[x->nr_units++] = m->unit;
	return 0;
}

static bool has_code(const struct rp_dwarf_unit *u)
{
	return u->type == DW_UT_compile || u->type == DW_UT_partial ||
	       u->type == DW_UT_skeleton;
}

static int compare_spans(const void *va, const void *vb)
{
	const struct rp_dwarf_span *a = va, *b = vb;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	if (a->end != b->end)
		return a->end > b->end ? -1 : 1;
	/* Several units may claim one range. qsort() keeps no order of its own. */
	return a->unit < b->unit ? -1 : a->unit > b->unit;
}

int rp_dwarf_index_make(struct rp_dwarf *d, struct rp_dwarf_index *ret)
{
	struct rp_dwarf_index x = { 0 };
	struct making m = { .d = d, .x = &x };
	struct rp_dwarf_unit u;
	int r = 0, known;

	while (!r && m.unit < d->section[RP_DWARF_INFO].size) {
		known = rp_dwarf_unit_header(d, m.unit, &u);
		if (known == -ENOENT)
			break;
		if (!rp_dwarf_work(d, 1))
			r = -EFBIG;
		else if (!known)
			r = add_unit(&m);
		if (!r && !known && has_code(&u)) {
			known = rp_dwarf_unit_root(d, &u);
			r = known == -ENOMEM ? known : 0;
		}
		if (!r && !known && has_code(&u) &&
		    !rp_dwarf_ranges(d, &u, &u.low, &u.high, &u.ranges, add_range, &m))
			known = -EBADMSG;
		d->stats.bad_units += known != 0;
		m.unit = u.end;
	}
	d->stats.over_limit += r == -EFBIG;
	if (r == -ENOMEM || x.no_memory) {
		rp_dwarf_index_free(&x);
		return -ENOMEM;
	}
	if (x.nr)
		qsort(x.span, x.nr, sizeof(*x.span), compare_spans);
	*ret = x;
	return 0;
}

bool rp_dwarf_index_find(const struct rp_dwarf_index *x, uint64_t address, uint64_t *ret_unit)
{
	size_t low = 0, high = x->nr, mid, stop;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (x->span[mid].start <= address)
			low = mid + 1;
		else
			high = mid;
	}
	stop = low > OVERLAPS_MAX ? low - OVERLAPS_MAX : 0;
	for (; low > stop; low--) {
		if (address < x->span[low - 1].end) {
			*ret_unit = x->span[low - 1].unit;
			return true;
		}
	}
	return false;
}

size_t rp_dwarf_index_bytes(const struct rp_dwarf_index *x)
{
	return x->room * sizeof(*x->span) + x->units_room * sizeof(*x->units);
}

void rp_dwarf_index_free(struct rp_dwarf_index *x)
{
	free(x->span);
	free(x->units);
	*x = (struct rp_dwarf_index){ 0 };
}
