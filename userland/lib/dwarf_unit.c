// SPDX-License-Identifier: GPL-2.0
/*
 * A unit is what one run of a compiler said of one source file. Its header and its first
 * entry tell where everything else of it lies.
 */
#include "dwarf_unit.h"

#include <dwarf.h>
#include <errno.h>

#define HEADER_MAX	64u	/* bytes */
#define ENTRY_BYTES	1024u	/* of most entries, roots included */

uint64_t rp_dwarf_length(const struct rp_debug_view *v, struct rp_dwarf_cursor *c,
			 uint8_t *offset_size)
{
	uint64_t length = rp_dwarf_fixed(c, 4), at;

	*offset_size = 4;
	if (length == UINT32_MAX) {
		*offset_size = 8;
		length = rp_dwarf_fixed(c, 8);
	} else if (length >= 0xfffffff0u) {
		c->bad = true;
	}
	if (c->bad)
		return 0;
	at = rp_debug_view_offset(v, c->at);
	return length > v->section->size - at ? 0 : at + length;
}

static void read_kind(struct rp_dwarf_cursor *c, struct rp_dwarf_unit *u)
{
	if (u->version < 5) {
		u->abbrevs = rp_dwarf_fixed(c, u->offset_size);
		u->address_size = rp_dwarf_byte(c);
		u->type = DW_UT_compile;
		return;
	}
	u->type = rp_dwarf_byte(c);
	u->address_size = rp_dwarf_byte(c);
	u->abbrevs = rp_dwarf_fixed(c, u->offset_size);
	if (u->type == DW_UT_skeleton || u->type == DW_UT_split_compile)
		rp_dwarf_skip(c, 8);
	else if (u->type == DW_UT_type || u->type == DW_UT_split_type)
		rp_dwarf_skip(c, 8 + u->offset_size);
}

int rp_dwarf_unit_header(struct rp_dwarf *d, uint64_t offset, struct rp_dwarf_unit *ret)
{
	struct rp_debug_view *v = &d->view[RP_DWARF_INFO];
	struct rp_dwarf_cursor c = rp_debug_view_at(v, offset, HEADER_MAX);
	struct rp_dwarf_unit u = { .offset = offset };

	u.end = rp_dwarf_length(v, &c, &u.offset_size);
	if (!u.end)
		return -ENOENT;
	u.version = rp_dwarf_fixed(&c, 2);
	if (u.version >= 2 && u.version <= 5)
		read_kind(&c, &u);
	u.root = c.bad ? u.end : rp_debug_view_offset(v, c.at);
	*ret = u;
	if (u.root >= u.end || (u.address_size != 4 && u.address_size != 8) ||
	    u.type < DW_UT_compile || u.type > DW_UT_split_type)
		return -ENOTSUP;
	return 0;
}

/* ---- entries ----------------------------------------------------------------- */

/* Of a root. */
static void take(void *unit, unsigned int name, const struct rp_dwarf_value *v)
{
	struct rp_dwarf_unit *u = unit;

	switch (name) {
	case DW_AT_low_pc:
		u->low = *v;
		break;
	case DW_AT_high_pc:
		u->high = *v;
		break;
	case DW_AT_ranges:
		u->ranges = *v;
		break;
	case DW_AT_stmt_list:
		u->stmt_list = *v;
		break;
	case DW_AT_name:
		u->name = *v;
		break;
	case DW_AT_comp_dir:
		u->directory = *v;
		break;
	case DW_AT_str_offsets_base:
		u->str_offsets_base = v->value;
		break;
	case DW_AT_addr_base:
	case DW_AT_GNU_addr_base:
		u->addr_base = v->value;
		break;
	case DW_AT_rnglists_base:
		u->ranges_base = v->value;
		break;
	case DW_AT_dwo_name:
	case DW_AT_GNU_dwo_name:
		u->split = true;
		break;
	}
}

static bool read_entry(struct rp_dwarf *d, const struct rp_dwarf_unit *u, uint64_t offset,
		       size_t least, rp_dwarf_take each, void *arg)
{
	struct rp_debug_view *view = &d->view[RP_DWARF_INFO];
	struct rp_dwarf_cursor c = rp_debug_view_within(view, offset, least, u->end);
	const struct rp_dwarf_abbrev *abbrev;
	const struct rp_dwarf_attr *attr;
	struct rp_dwarf_value v;
	uint32_t i;

	abbrev = rp_dwarf_abbrev(&d->abbrevs, rp_dwarf_uleb(&c));
	for (i = 0; abbrev && i < abbrev->nr_attrs && !c.bad; i++) {
		attr = &d->abbrevs.attr[abbrev->first_attr + i];
		rp_dwarf_attr_read(view, RP_DWARF_INFO, &c, attr, u, &v);
		if (!c.bad)
			each(arg, attr->name, &v);
	}
	return abbrev && !c.bad;
}

bool rp_dwarf_entry(struct rp_dwarf *d, const struct rp_dwarf_unit *u, uint64_t offset,
		    rp_dwarf_take each, void *arg)
{
	return read_entry(d, u, offset, ENTRY_BYTES, each, arg) ||
	       read_entry(d, u, offset, RP_DWARF_DIE_MAX, each, arg);
}

int rp_dwarf_unit_root(struct rp_dwarf *d, struct rp_dwarf_unit *u)
{
	int r = rp_dwarf_abbrevs_read(d, u);

	if (r)
		return r;
	/* Behind the headers of these sections, for those who do not say it. */
	u->str_offsets_base = u->offset_size == 8 ? 16 : 8;
	u->ranges_base = u->offset_size == 8 ? 20 : 12;
	if (!rp_dwarf_entry(d, u, u->root, take, u))
		return -EBADMSG;
	if (!rp_dwarf_address(d, u, &u->low, &u->base))
		u->base = 0;
	return 0;
}

/* ---- values ---------------------------------------------------------------------- */

/* Entry `index` of a table of numbers that begins at base. */
static bool read_number(struct rp_dwarf *d, enum rp_dwarf_section section, uint64_t base,
			uint64_t index, unsigned int width, uint64_t *ret)
{
	struct rp_dwarf_cursor c;
	uint64_t offset;

	if (__builtin_mul_overflow(index, width, &offset) ||
	    __builtin_add_overflow(offset, base, &offset))
		return false;
	c = rp_debug_view_at(&d->view[section], offset, width);
	*ret = rp_dwarf_fixed(&c, width);
	return !c.bad;
}

bool rp_dwarf_address(struct rp_dwarf *d, const struct rp_dwarf_unit *u,
		      const struct rp_dwarf_value *v, uint64_t *ret)
{
	if (v->class == RP_DWARF_ADDRESS_INDEX)
		return read_number(d, RP_DWARF_ADDR, u->addr_base, v->value, u->address_size,
				   ret);
	if (v->class != RP_DWARF_ADDRESS)
		return false;
	*ret = v->value;
	return true;
}

struct rp_dwarf_text rp_dwarf_text(struct rp_dwarf *d, const struct rp_dwarf_unit *u,
				   const struct rp_dwarf_value *v)
{
	struct rp_dwarf_text none = { .section = RP_DWARF_NO_TEXT }, t = none;

	if (v->class == RP_DWARF_TEXT) {
		t.section = v->text;
		t.offset = v->value;
	} else if (v->class == RP_DWARF_TEXT_INDEX) {
		t.section = RP_DWARF_STR;
		if (!read_number(d, RP_DWARF_STR_OFFSETS, u->str_offsets_base, v->value,
				 u->offset_size, &t.offset))
			return none;
	} else if (v->class == RP_DWARF_ELSEWHERE) {
		d->stats.elsewhere++;
	}
	return t;
}

const char *rp_dwarf_string(struct rp_dwarf *d, struct rp_dwarf_text t, size_t *ret_len)
{
	if (t.section >= RP_DWARF_SECTIONS)
		return NULL;
	return rp_debug_view_string(&d->view[t.section], t.offset, ret_len);
}
