// SPDX-License-Identifier: GPL-2.0
/*
 * Abbreviations say what the entries of a unit look like. Thousands of entries share one,
 * so what can be known of all of them (their size, what kind they are) is found out here.
 */
#include "dwarf_unit.h"

#include <dwarf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ENTRY_MAX 64u	/* bytes of what is read between two looks at what is left */

static enum rp_dwarf_kind kind_of(uint64_t tag)
{
	switch (tag) {
	case DW_TAG_subprogram:
		return RP_DWARF_FUNCTION;
	case DW_TAG_inlined_subroutine:
		return RP_DWARF_INLINED;
	case DW_TAG_lexical_block:
	case DW_TAG_try_block:
	case DW_TAG_catch_block:
	case DW_TAG_with_stmt:
		return RP_DWARF_BLOCK;
	case DW_TAG_array_type:
	case DW_TAG_class_type:
	case DW_TAG_enumeration_type:
	case DW_TAG_interface_type:
	case DW_TAG_structure_type:
	case DW_TAG_subroutine_type:
	case DW_TAG_union_type:
	case DW_TAG_variant_part:
		return RP_DWARF_TYPE;
	}
	return RP_DWARF_PLAIN;
}

static int add_attr(struct rp_dwarf_abbrevs *a, const struct rp_dwarf_attr *attr)
{
	struct rp_dwarf_attr *larger;
	uint32_t room;

	if (a->nr_attrs == a->attr_room) {
		if (a->nr_attrs == RP_DWARF_ATTRS_MAX)
			return -EFBIG;
		room = a->attr_room ? a->attr_room * 2 : 512;
		larger = realloc(a->attr, room * sizeof(*larger));
		if (!larger)
			return -ENOMEM;
		a->attr = larger;
		a->attr_room = room;
	}
	a->attr[a->nr_attrs++] = *attr;
	return 0;
}

static int add_abbrev(struct rp_dwarf_abbrevs *a, const struct rp_dwarf_abbrev *abbrev)
{
	struct rp_dwarf_abbrev *larger;
	uint32_t room;

	if (a->nr == a->room) {
		if (a->nr == RP_DWARF_ABBREVS_MAX)
			return -EFBIG;
		room = a->room ? a->room * 2 : 128;
		larger = realloc(a->abbrev, room * sizeof(*larger));
		if (!larger)
			return -ENOMEM;
		a->abbrev = larger;
		a->room = room;
	}
	a->abbrev[a->nr++] = *abbrev;
	a->dense &= abbrev->code == a->nr;
	return 0;
}

static int compare_codes(const void *va, const void *vb)
{
	const struct rp_dwarf_abbrev *a = va, *b = vb;

	return a->code < b->code ? -1 : a->code > b->code;
}

static int read_attrs(struct rp_dwarf_abbrevs *a, struct rp_debug_view *v,
		      struct rp_dwarf_cursor *c, const struct rp_dwarf_unit *u,
		      struct rp_dwarf_abbrev *abbrev)
{
	uint64_t fixed = 0, name, form;
	bool varies = false;
	int r = 0, size;

	abbrev->first_attr = a->nr_attrs;
	while (!r) {
		struct rp_dwarf_attr attr = { 0 };

		rp_debug_view_on(v, c, ENTRY_MAX);
		name = rp_dwarf_uleb(c);
		form = rp_dwarf_uleb(c);
		if (form == DW_FORM_implicit_const)
			attr.constant = rp_dwarf_sleb(c);
		if (c->bad || name > UINT16_MAX || form > UINT16_MAX)
			return -EBADMSG;
		if (!name && !form)
			break;
		attr.name = name;
		attr.form = form;
		size = rp_dwarf_form_size(form, u);
		varies |= size < 0;
		fixed += size > 0 ? size : 0;
		r = add_attr(a, &attr);
	}
	abbrev->nr_attrs = a->nr_attrs - abbrev->first_attr;
	abbrev->fixed = varies || fixed > UINT16_MAX ? 0 : fixed;
	return r;
}

static int read_all(struct rp_dwarf *d, const struct rp_dwarf_unit *u)
{
	struct rp_debug_view *v = &d->view[RP_DWARF_ABBREV];
	struct rp_dwarf_cursor c = rp_debug_view_at(v, u->abbrevs, ENTRY_MAX);
	struct rp_dwarf_abbrevs *a = &d->abbrevs;
	int r = 0;

	while (!r) {
		struct rp_dwarf_abbrev abbrev = { 0 };

		rp_debug_view_on(v, &c, ENTRY_MAX);
		/* A table at the section's end may be without its end. */
		if (!c.bad && !rp_dwarf_left(&c))
			break;
		abbrev.code = rp_dwarf_uleb(&c);
		if (c.bad)
			return -EBADMSG;
		if (!abbrev.code)
			break;
		abbrev.kind = kind_of(rp_dwarf_uleb(&c));
		abbrev.children = rp_dwarf_byte(&c);
		r = read_attrs(a, v, &c, u, &abbrev);
		if (!r)
			r = add_abbrev(a, &abbrev);
	}
	if (!r && !a->dense)
		qsort(a->abbrev, a->nr, sizeof(*a->abbrev), compare_codes);
	return r;
}

int rp_dwarf_abbrevs_read(struct rp_dwarf *d, const struct rp_dwarf_unit *u)
{
	struct rp_dwarf_abbrevs *a = &d->abbrevs;
	int r;

	if (a->address_size == u->address_size && a->offset_size == u->offset_size &&
	    a->version == u->version && a->offset == u->abbrevs)
		return 0;
	a->nr = a->nr_attrs = 0;
	a->dense = true;
	a->address_size = 0;
	r = read_all(d, u);
	if (!rp_dwarf_work(d, a->nr_attrs) && !r)
		r = -EFBIG;
	if (r)
		return r;
	a->address_size = u->address_size;
	a->offset_size = u->offset_size;
	a->version = u->version;
	a->offset = u->abbrevs;
	return 0;
}

void rp_dwarf_abbrevs_free(struct rp_dwarf_abbrevs *a)
{
	free(a->abbrev);
	free(a->attr);
	*a = (struct rp_dwarf_abbrevs){ 0 };
}

const struct rp_dwarf_abbrev *rp_dwarf_abbrev_other(const struct rp_dwarf_abbrevs *a,
						    uint64_t code)
{
	const struct rp_dwarf_abbrev key = { .code = code };

	return a->nr ? bsearch(&key, a->abbrev, a->nr, sizeof(key), compare_codes) : NULL;
}
