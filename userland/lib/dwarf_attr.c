// SPDX-License-Identifier: GPL-2.0
/*
 * The forms that a value of an attribute may have. Most entries are none that we look for,
 * and of most of them all that is wanted is where the next one begins.
 */
#include "dwarf_unit.h"

#include <dwarf.h>

int rp_dwarf_form_size(unsigned int form, const struct rp_dwarf_unit *u)
{
	switch (form) {
	case DW_FORM_flag_present:
	case DW_FORM_implicit_const:
		return 0;
	case DW_FORM_data1:
	case DW_FORM_ref1:
	case DW_FORM_flag:
	case DW_FORM_strx1:
	case DW_FORM_addrx1:
		return 1;
	case DW_FORM_data2:
	case DW_FORM_ref2:
	case DW_FORM_strx2:
	case DW_FORM_addrx2:
		return 2;
	case DW_FORM_strx3:
	case DW_FORM_addrx3:
		return 3;
	case DW_FORM_data4:
	case DW_FORM_ref4:
	case DW_FORM_strx4:
	case DW_FORM_addrx4:
	case DW_FORM_ref_sup4:
		return 4;
	case DW_FORM_data8:
	case DW_FORM_ref8:
	case DW_FORM_ref_sig8:
	case DW_FORM_ref_sup8:
		return 8;
	case DW_FORM_data16:
		return 16;
	case DW_FORM_addr:
		return u->address_size;
	case DW_FORM_ref_addr:
		return u->version < 3 ? u->address_size : u->offset_size;
	case DW_FORM_strp:
	case DW_FORM_line_strp:
	case DW_FORM_strp_sup:
	case DW_FORM_sec_offset:
	case DW_FORM_GNU_ref_alt:
	case DW_FORM_GNU_strp_alt:
		return u->offset_size;
	}
	return -1;
}

static void skip_string(struct rp_dwarf_cursor *c)
{
	while (rp_dwarf_byte(c))
		;
}

/* Those without a size of their own. An unknown one makes the cursor bad. */
static void skip_other(struct rp_dwarf_cursor *c, unsigned int form)
{
	switch (form) {
	case DW_FORM_block1:
		rp_dwarf_skip(c, rp_dwarf_byte(c));
		break;
	case DW_FORM_block2:
		rp_dwarf_skip(c, rp_dwarf_fixed(c, 2));
		break;
	case DW_FORM_block4:
		rp_dwarf_skip(c, rp_dwarf_fixed(c, 4));
		break;
	case DW_FORM_block:
	case DW_FORM_exprloc:
		rp_dwarf_skip(c, rp_dwarf_uleb(c));
		break;
	case DW_FORM_string:
		skip_string(c);
		break;
	case DW_FORM_sdata:
	case DW_FORM_udata:
	case DW_FORM_ref_udata:
	case DW_FORM_strx:
	case DW_FORM_addrx:
	case DW_FORM_loclistx:
	case DW_FORM_rnglistx:
	case DW_FORM_GNU_addr_index:
	case DW_FORM_GNU_str_index:
		while (rp_dwarf_byte(c) & 0x80)
			;
		break;
	default:
		c->bad = true;
	}
}

/* A form that is told by the entry itself; once, or it would not end. */
static unsigned int direct_form(struct rp_dwarf_cursor *c, unsigned int form)
{
	uint64_t told;

	if (form != DW_FORM_indirect)
		return form;
	told = rp_dwarf_uleb(c);
	if (told == DW_FORM_indirect || told == DW_FORM_implicit_const || told > UINT16_MAX)
		c->bad = true;
	return c->bad ? DW_FORM_flag_present : told;
}

void rp_dwarf_attr_skip(struct rp_dwarf_cursor *c, unsigned int form,
			const struct rp_dwarf_unit *u)
{
	int size;

	form = direct_form(c, form);
	size = rp_dwarf_form_size(form, u);
	if (size >= 0)
		rp_dwarf_skip(c, size);
	else
		skip_other(c, form);
}

static enum rp_dwarf_class class_of(unsigned int form)
{
	switch (form) {
	case DW_FORM_addr:
		return RP_DWARF_ADDRESS;
	case DW_FORM_addrx:
	case DW_FORM_addrx1:
	case DW_FORM_addrx2:
	case DW_FORM_addrx3:
	case DW_FORM_addrx4:
	case DW_FORM_GNU_addr_index:
		return RP_DWARF_ADDRESS_INDEX;
	case DW_FORM_data1:
	case DW_FORM_data2:
	case DW_FORM_data4:
	case DW_FORM_data8:
	case DW_FORM_sdata:
	case DW_FORM_udata:
	case DW_FORM_implicit_const:
		return RP_DWARF_CONSTANT;
	case DW_FORM_ref1:
	case DW_FORM_ref2:
	case DW_FORM_ref4:
	case DW_FORM_ref8:
	case DW_FORM_ref_udata:
	case DW_FORM_ref_addr:
		return RP_DWARF_REFERENCE;
	case DW_FORM_sec_offset:
		return RP_DWARF_OFFSET;
	case DW_FORM_rnglistx:
		return RP_DWARF_LIST_INDEX;
	case DW_FORM_string:
	case DW_FORM_strp:
	case DW_FORM_line_strp:
		return RP_DWARF_TEXT;
	case DW_FORM_strx:
	case DW_FORM_strx1:
	case DW_FORM_strx2:
	case DW_FORM_strx3:
	case DW_FORM_strx4:
	case DW_FORM_GNU_str_index:
		return RP_DWARF_TEXT_INDEX;
	case DW_FORM_strp_sup:
	case DW_FORM_ref_sup4:
	case DW_FORM_ref_sup8:
	case DW_FORM_ref_sig8:
	case DW_FORM_GNU_ref_alt:
	case DW_FORM_GNU_strp_alt:
		return RP_DWARF_ELSEWHERE;
	}
	return RP_DWARF_OTHER;
}

static uint64_t number(struct rp_dwarf_cursor *c, unsigned int form, int size,
		       const struct rp_dwarf_attr *attr)
{
	if (form == DW_FORM_implicit_const)
		return attr->constant;
	if (form == DW_FORM_sdata)
		return rp_dwarf_sleb(c);
	return size >= 0 ? rp_dwarf_fixed(c, size) : rp_dwarf_uleb(c);
}

void rp_dwarf_attr_read(const struct rp_debug_view *view, enum rp_dwarf_section section,
			struct rp_dwarf_cursor *c, const struct rp_dwarf_attr *attr,
			const struct rp_dwarf_unit *u, struct rp_dwarf_value *ret)
{
	unsigned int form = direct_form(c, attr->form);
	int size = rp_dwarf_form_size(form, u);

	ret->class = class_of(form);
	ret->text = RP_DWARF_NO_TEXT;
	ret->value = 0;
	if (ret->class == RP_DWARF_OTHER || ret->class == RP_DWARF_ELSEWHERE) {
		rp_dwarf_attr_skip(c, form, u);
	} else if (form == DW_FORM_string) {
		ret->text = section;
		ret->value = rp_debug_view_offset(view, c->at);
		skip_string(c);
	} else {
		ret->value = number(c, form, size, attr);
		if (form == DW_FORM_strp)
			ret->text = RP_DWARF_STR;
		else if (form == DW_FORM_line_strp)
			ret->text = RP_DWARF_LINE_STR;
		else if (ret->class == RP_DWARF_REFERENCE && form != DW_FORM_ref_addr)
			ret->value += u->offset;
	}
}
