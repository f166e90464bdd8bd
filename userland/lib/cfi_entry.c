// SPDX-License-Identifier: GPL-2.0
/*
 * The two formats differ in little: how an FDE names its CIE, how a CIE says that it is
 * one, and that .eh_frame's addresses may be in any of a dozen encodings.
 */
#include "cfi.h"

#include <dwarf.h>
#include <string.h>

#define AUGMENTATION_MAX 16

bool rp_cfi_next(const struct rp_cfi_section *s, size_t *at, struct rp_cfi_entry *ret,
		 enum rp_unwind_reason *ret_wrong)
{
	const uint8_t *base = s->data;
	struct rp_dwarf_cursor c = { .at = base + *at, .end = base + s->size }, body;
	uint64_t length, id, place;
	unsigned int width = 4;

	*ret_wrong = RP_UNWIND_SAID;
	do {	/* an empty one ends what one part of a static link brought, not the rest */
		if (!rp_dwarf_left(&c))
			return false;
		ret->at = c.at - base;
		length = rp_dwarf_fixed(&c, 4);
	} while (!length && !c.bad && !s->open);
	if (!length && !c.bad)
		return false;
	if (length == 0xffffffff) {
		length = rp_dwarf_fixed(&c, 8);
		width = 8;
	}
	body = rp_dwarf_part(&c, length);
	place = body.at - base;
	/* .eh_frame's reference has four bytes even then. */
	id = rp_dwarf_fixed(&body, s->eh ? 4 : width);
	if (body.bad) {
		*ret_wrong = RP_UNWIND_REASON_ENTRY;
		return false;
	}
	*at = c.at - base;
	ret->is_cie = s->eh ? !id : id == (width == 4 ? 0xffffffffull : ~0ull);
	/* What does not lie in the section is refused by who reads it. */
	ret->cie = s->eh ? place - id : id;
	ret->body = body;
	return true;
}

/* ---- addresses -------------------------------------------------------------- */

static bool encoded(struct rp_dwarf_cursor *c, uint8_t form, unsigned int address_size,
		    uint64_t *ret)
{
	switch (form & 0x0f) {
	case DW_EH_PE_absptr:
		*ret = rp_dwarf_fixed(c, address_size);
		break;
	case DW_EH_PE_uleb128:
		*ret = rp_dwarf_uleb(c);
		break;
	case DW_EH_PE_udata2:
	case DW_EH_PE_udata4:
	case DW_EH_PE_udata8:
		*ret = rp_dwarf_fixed(c, 1u << ((form & 0x07) - 1));
		break;
	case 0x08:	/* DW_EH_PE_signed: an address's size */
		*ret = (uint64_t)rp_dwarf_signed(c, address_size);
		break;
	case DW_EH_PE_sleb128:
		*ret = (uint64_t)rp_dwarf_sleb(c);
		break;
	case DW_EH_PE_sdata2:
	case DW_EH_PE_sdata4:
	case DW_EH_PE_sdata8:
		*ret = (uint64_t)rp_dwarf_signed(c, 1u << ((form & 0x07) - 1));
		break;
	default:
		return false;
	}
	return !c->bad;
}

/*
 * An address as `encoding` has it. Those that are relative to the text or to a table of
 * the linker's are of machines that we do not know, and none says what they are relative
 * to; what is to be read from memory first is not in the file.
 */
static bool pointer(const struct rp_cfi_section *s, struct rp_dwarf_cursor *c,
		    uint8_t encoding, unsigned int address_size, uint64_t *ret)
{
	uint64_t place = s->address + (c->at - (const uint8_t *)s->data);
	unsigned int relation = encoding & 0x70;

	if (encoding == DW_EH_PE_aligned) {
		rp_dwarf_skip(c, -place & (address_size - 1));
		return encoded(c, DW_EH_PE_absptr, address_size, ret);
	}
	if (encoding & DW_EH_PE_indirect ||
	    (relation != DW_EH_PE_absptr && relation != DW_EH_PE_pcrel))
		return false;
	if (!encoded(c, encoding, address_size, ret))
		return false;
	if (relation == DW_EH_PE_pcrel)
		*ret += place;
	return true;
}

/* A personality routine's address, of no use here, by its length alone. */
static bool skip_pointer(const struct rp_cfi_section *s, struct rp_dwarf_cursor *c,
			 uint8_t encoding, unsigned int address_size)
{
	uint64_t ignored;

	if (encoding == DW_EH_PE_omit)
		return true;
	if (encoding == DW_EH_PE_aligned)
		return pointer(s, c, encoding, address_size, &ignored);
	return encoded(c, encoding, address_size, &ignored);
}

/* ---- CIE ---------------------------------------------------------------------- */

/* What stands behind the "z", letter by letter. */
static enum rp_unwind_reason read_augmentation(const struct rp_cfi_section *s,
					       const char *letters,
					       struct rp_dwarf_cursor *c,
					       struct rp_cfi_cie *cie)
{
	struct rp_dwarf_cursor data = rp_dwarf_part(c, rp_dwarf_uleb(c));

	for (; *letters; letters++) {
		switch (*letters) {
		case 'R':
			cie->encoding = rp_dwarf_byte(&data);
			break;
		case 'P':
			if (!skip_pointer(s, &data, rp_dwarf_byte(&data), cie->address_size))
				return RP_UNWIND_REASON_ENCODING;
			break;
		case 'L':
			rp_dwarf_byte(&data);
			break;
		case 'S':
			cie->signal = true;
			break;
		case 'B':	/* arm64: return addresses are signed with the other key */
		case 'G':	/* arm64: the stack is tagged */
			break;
		default:
			return RP_UNWIND_REASON_AUGMENTATION;
		}
	}
	return data.bad ? RP_UNWIND_REASON_CIE : RP_UNWIND_SAID;
}

static enum rp_unwind_reason read_cie(const struct rp_cfi_section *s,
				      struct rp_dwarf_cursor *c, struct rp_cfi_cie *cie)
{
	char letters[AUGMENTATION_MAX];
	unsigned int version = rp_dwarf_byte(c), i = 0;
	enum rp_unwind_reason wrong = RP_UNWIND_SAID;

	if (version != 1 && version != 3 && version != 4)
		return RP_UNWIND_REASON_CIE;
	do {
		if (i == AUGMENTATION_MAX)
			return RP_UNWIND_REASON_AUGMENTATION;
		letters[i] = (char)rp_dwarf_byte(c);
	} while (letters[i++]);
	if (!strcmp(letters, "eh")) {	/* gcc before 3.0 */
		rp_dwarf_skip(c, cie->address_size);
		letters[0] = '\0';
	}
	if (version == 4) {
		cie->address_size = rp_dwarf_byte(c);
		if (cie->address_size != 8 || rp_dwarf_byte(c))
			return RP_UNWIND_REASON_CIE;
	}
	cie->code_align = rp_dwarf_uleb(c);
	cie->data_align = rp_dwarf_sleb(c);
	cie->ra = version == 1 ? rp_dwarf_byte(c) : rp_dwarf_uleb(c);
	cie->sized = letters[0] == 'z';
	if (cie->sized)
		wrong = read_augmentation(s, letters + 1, c, cie);
	else if (letters[0])
		wrong = RP_UNWIND_REASON_AUGMENTATION;
	cie->code = *c;
	return c->bad ? RP_UNWIND_REASON_CIE : wrong;
}

void rp_cfi_read_cie(const struct rp_cfi_section *s, size_t at, struct rp_cfi_cie *ret)
{
	enum rp_unwind_reason wrong;
	struct rp_cfi_entry e;
	size_t place = at;

	*ret = (struct rp_cfi_cie){ .at = at, .wrong = RP_UNWIND_REASON_CIE,
				    .address_size = 8 };
	if (at >= s->size || !rp_cfi_next(s, &place, &e, &wrong) || e.at != at || !e.is_cie)
		return;
	ret->wrong = read_cie(s, &e.body, ret);
}

/* ---- FDE ------------------------------------------------------------------------ */

enum rp_unwind_reason rp_cfi_read_fde(const struct rp_cfi_section *s,
				      const struct rp_cfi_entry *e,
				      const struct rp_cfi_cie *cie, struct rp_cfi_fde *ret)
{
	struct rp_dwarf_cursor c = e->body;

	*ret = (struct rp_cfi_fde){ .cie = cie };
	if (cie->wrong != RP_UNWIND_SAID)
		return cie->wrong;
	if (!pointer(s, &c, cie->encoding, cie->address_size, &ret->start) ||
	    !encoded(&c, cie->encoding == DW_EH_PE_aligned ? DW_EH_PE_absptr : cie->encoding,
		     cie->address_size, &ret->size))
		return c.bad ? RP_UNWIND_REASON_ENTRY : RP_UNWIND_REASON_ENCODING;
	if (cie->sized)
		rp_dwarf_skip(&c, rp_dwarf_uleb(&c));
	ret->code = c;
	return c.bad ? RP_UNWIND_REASON_ENTRY : RP_UNWIND_SAID;
}

bool rp_cfi_read_address(const struct rp_cfi_section *s, struct rp_dwarf_cursor *c,
			 const struct rp_cfi_cie *cie, uint64_t *ret)
{
	return pointer(s, c, cie->encoding, cie->address_size, ret);
}
