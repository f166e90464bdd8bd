// SPDX-License-Identifier: GPL-2.0
/*
 * One walk over a unit's entries for all of its addresses. Most of it is skipped: types,
 * and functions without a wanted address, where the compiler says where they end
 * (DW_AT_sibling). But functions may be described within types and other functions (of C++'s
 * local classes, of C with nested functions): if an address is in nobody's range in the
 * end, everything is walked.
 */
#include "dwarf_inlines.h"

#include <dwarf.h>
#include <errno.h>
#include <stdlib.h>

#define DIE_BYTES	512u		/* of most entries */
#define NOBODY		UINT32_MAX	/* a scope that has none of the addresses */

struct die {
	uint64_t at;			/* its offset in .debug_info */
	const struct rp_dwarf_abbrev *abbrev;
	struct rp_dwarf_value low, high, ranges, sibling, origin, call_file, call_line;
};

struct walk {
	struct rp_dwarf *d;
	const struct rp_dwarf_unit *unit;
	const uint64_t *addresses;
	size_t nr;
	uint32_t *nodes;
	struct rp_debug_places *places;
	struct rp_dwarf_origins *origins;
	bool all;			/* nothing is to be skipped */
	bool skipped, no_memory;
	bool lost;			/* ranges that could not be read */
	unsigned int depth;
	uint32_t scope[RP_DWARF_DEPTH_MAX];	/* a node, 0 or NOBODY, by depth */

	/* The entry whose ranges are being looked at. */
	const struct die *die;
	uint32_t parent;		/* whose addresses may be its */
	uint32_t found;			/* NOBODY: none yet */
};

/* ---- whose an address is -------------------------------------------------------- */

static bool add_origin(struct rp_dwarf_origins *o, uint64_t entry, uint32_t node)
{
	struct rp_dwarf_origin *larger;
	size_t room;

	if (o->nr == o->room) {
		room = o->room ? o->room * 2 : 256;
		larger = realloc(o->origin, room * sizeof(*larger));
		if (!larger)
			return false;
		o->origin = larger;
		o->room = room;
	}
	o->origin[o->nr++] = (struct rp_dwarf_origin){ .entry = entry, .node = node };
	return true;
}

static uint32_t make_node(struct walk *w)
{
	const struct die *die = w->die;
	struct rp_debug_node n = {
		.parent = w->parent,
		.file = die->call_file.value < UINT32_MAX ? die->call_file.value : UINT32_MAX,
		.line = die->call_line.value < UINT32_MAX ? die->call_line.value : 0,
	};
	uint64_t entry = die->origin.class == RP_DWARF_REFERENCE ? die->origin.value : die->at;
	uint32_t node = rp_debug_places_node(w->places, &n);

	if (die->origin.class == RP_DWARF_ELSEWHERE)
		w->d->stats.elsewhere++;
	else if (node && !add_origin(w->origins, entry, node))
		node = 0;
	w->no_memory |= !node;
	return node ? node : NOBODY;
}

/* A range of a function: its addresses are those that are still its parent's. */
static void take_range(void *arg, uint64_t start, uint64_t end)
{
	struct walk *w = arg;
	size_t i = rp_dwarf_first_from(w->addresses, w->nr, start), first = i;

	for (; i < w->nr && w->addresses[i] < end; i++) {
		if (w->nodes[i] != w->parent)
			continue;
		if (w->found == NOBODY)
			w->found = make_node(w);
		if (w->found == NOBODY)
			break;
		w->nodes[i] = w->found;
	}
	rp_dwarf_work(w->d, i - first + 1);
}

/* A range of a block, which is nobody's caller, but may have none of the addresses. */
static void see_range(void *arg, uint64_t start, uint64_t end)
{
	struct walk *w = arg;
	size_t i = rp_dwarf_first_from(w->addresses, w->nr, start);

	if (i < w->nr && w->addresses[i] < end)
		w->found = w->parent;
	rp_dwarf_work(w->d, 1);
}

/* The scope of what stands within an entry. */
static uint32_t scope_of(struct walk *w, const struct die *die, uint32_t outer)
{
	unsigned int kind = die->abbrev->kind;

	w->die = die;
	w->found = NOBODY;
	if (kind == RP_DWARF_FUNCTION)
		w->parent = 0;
	else if (outer != NOBODY && outer)
		w->parent = outer;
	else
		return outer;
	if (kind == RP_DWARF_BLOCK) {
		if (die->low.class == RP_DWARF_OTHER && die->ranges.class == RP_DWARF_OTHER)
			return outer;
		w->lost |= !rp_dwarf_ranges(w->d, w->unit, &die->low, &die->high,
					    &die->ranges, see_range, w);
	} else {
		w->lost |= !rp_dwarf_ranges(w->d, w->unit, &die->low, &die->high,
					    &die->ranges, take_range, w);
	}
	return w->found;
}

/* ---- entries ------------------------------------------------------------------------ */

/* Where the value of an attribute belongs; NULL: it is not wanted. */
static struct rp_dwarf_value *place_of(struct die *die, unsigned int name)
{
	switch (name) {
	case DW_AT_low_pc:
		return &die->low;
	case DW_AT_high_pc:
		return &die->high;
	case DW_AT_ranges:
		return &die->ranges;
	case DW_AT_sibling:
		return &die->sibling;
	case DW_AT_abstract_origin:
		return &die->origin;
	case DW_AT_call_file:
		return &die->call_file;
	case DW_AT_call_line:
		return &die->call_line;
	}
	return NULL;
}

static void read_attributes(struct walk *w, struct rp_dwarf_cursor *c, struct die *die)
{
	const struct rp_dwarf_abbrev *abbrev = die->abbrev;
	const struct rp_dwarf_attr *attr = &w->d->abbrevs.attr[abbrev->first_attr];
	const struct rp_debug_view *view = &w->d->view[RP_DWARF_INFO];
	struct rp_dwarf_value *value;
	uint32_t i;

	for (i = 0; i < abbrev->nr_attrs; i++, attr++) {
		value = place_of(die, attr->name);
		if (value)
			rp_dwarf_attr_read(view, RP_DWARF_INFO, c, attr, w->unit, value);
		else
			rp_dwarf_attr_skip(c, attr->form, w->unit);
	}
}

/* Where nothing is wanted of an entry. */
static void skip_attributes(struct walk *w, struct rp_dwarf_cursor *c,
			    const struct rp_dwarf_abbrev *abbrev)
{
	const struct rp_dwarf_attr *attr = &w->d->abbrevs.attr[abbrev->first_attr];
	uint32_t i;

	if (abbrev->fixed) {
		rp_dwarf_skip(c, abbrev->fixed);
		return;
	}
	for (i = 0; i < abbrev->nr_attrs; i++, attr++)
		rp_dwarf_attr_skip(c, attr->form, w->unit);
}

/* Whether what stands within the entry need not be looked at. */
static bool may_skip(const struct walk *w, const struct die *die, uint32_t scope)
{
	if (w->all || die->sibling.class != RP_DWARF_REFERENCE ||
	    die->sibling.value <= die->at || die->sibling.value > w->unit->end)
		return false;
	return die->abbrev->kind == RP_DWARF_TYPE || scope == NOBODY;
}

/* A whole entry at the cursor; what follows is at *ret_next. */
static void enter(struct walk *w, struct die *die, uint64_t *ret_next)
{
	uint32_t scope = w->depth ? w->scope[w->depth - 1] : 0;

	if (die->abbrev->kind != RP_DWARF_PLAIN && die->abbrev->kind != RP_DWARF_TYPE)
		scope = scope_of(w, die, scope);
	if (!die->abbrev->children)
		return;
	if (may_skip(w, die, scope)) {
		*ret_next = die->sibling.value;
		w->skipped = true;
		return;
	}
	if (w->depth < RP_DWARF_DEPTH_MAX)
		w->scope[w->depth] = scope;
	w->depth++;
}

static struct rp_dwarf_cursor look(struct walk *w, uint64_t at, size_t least)
{
	return rp_debug_view_within(&w->d->view[RP_DWARF_INFO], at, least, w->unit->end);
}

/* False: there is no such abbreviation, or c is bad. */
static bool read_die(struct walk *w, struct rp_dwarf_cursor *c, struct die *die)
{
	uint64_t code = rp_dwarf_uleb(c);

	die->abbrev = NULL;
	if (!code)
		return !c->bad;
	die->abbrev = rp_dwarf_abbrev(&w->d->abbrevs, code);
	if (!die->abbrev || c->bad)
		return false;
	die->sibling.class = RP_DWARF_OTHER;
	if (die->abbrev->kind == RP_DWARF_PLAIN) {
		skip_attributes(w, c, die->abbrev);
	} else {
		die->low.class = die->high.class = die->ranges.class = RP_DWARF_OTHER;
		die->origin.class = RP_DWARF_OTHER;
		die->call_file.value = die->call_line.value = 0;
		read_attributes(w, c, die);
	}
	return !c->bad;
}

static int walk(struct walk *w)
{
	struct rp_debug_view *v = &w->d->view[RP_DWARF_INFO];
	struct rp_dwarf_cursor c = look(w, w->unit->root, DIE_BYTES);
	uint64_t at, next;
	struct die die;

	w->depth = 0;
	do {
		at = rp_debug_view_offset(v, c.at);
		if (at >= w->unit->end)
			break;
		if (rp_dwarf_left(&c) < DIE_BYTES)
			c = look(w, at, DIE_BYTES);
		if (!read_die(w, &c, &die)) {
			/* Perhaps it is only larger than most. */
			c = look(w, at, RP_DWARF_DIE_MAX);
			if (!read_die(w, &c, &die))
				return -EBADMSG;
		}
		die.at = at;
		next = 0;
		if (die.abbrev)
			enter(w, &die, &next);
		else if (w->depth)
			w->depth--;
		if (next)
			c = look(w, next, DIE_BYTES);
		if (w->no_memory)
			return -ENOMEM;
		if (w->depth > RP_DWARF_DEPTH_MAX || !rp_dwarf_work(w->d, 1))
			return -EFBIG;
	} while (w->depth);
	return 0;
}

int rp_dwarf_inlines(struct rp_dwarf *d, const struct rp_dwarf_unit *u,
		     const uint64_t *addresses, size_t nr, uint32_t *nodes,
		     struct rp_debug_places *places, struct rp_dwarf_origins *origins)
{
	struct walk w = {
		.d = d, .unit = u, .addresses = addresses, .nr = nr, .nodes = nodes,
		.places = places, .origins = origins,
	};
	size_t i;
	int r = rp_dwarf_abbrevs_read(d, u);

	r = r ? r : walk(&w);
	for (i = 0; i < nr && nodes[i]; i++)
		;
	if (!r && i < nr && w.skipped) {
		w.all = true;
		r = walk(&w);
	}
	return r || !w.lost ? r : -EBADMSG;
}
