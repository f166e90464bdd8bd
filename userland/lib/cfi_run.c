// SPDX-License-Identifier: GPL-2.0
/*
 * The machine that the DWARF standard (6.4.2) describes, for three registers out of a
 * hundred: instructions for the others are read and forgotten.
 *
 * A row begins where an instruction advances the place; until then the instructions
 * change the row at hand. The instructions of a CIE are run once for all its FDEs.
 */
#include "cfi.h"

#include <dwarf.h>

/* Not in every elfutils' dwarf.h. */
#define CFA_AARCH64_NEGATE_RA_STATE_WITH_PC 0x2c
#define CFA_AARCH64_NEGATE_RA_STATE 0x2d
#define CFA_GNU_NEGATIVE_OFFSET_EXTENDED 0x2f

struct machine {
	const struct rp_cfi_run *run;
	const struct rp_cfi_cie *cie;
	struct rp_dwarf_cursor c;
	struct rp_cfi_row row;
	const struct rp_cfi_row *begin;	/* NULL in the CIE itself */
	struct rp_cfi_row states[RP_CFI_STATES_MAX];
	unsigned int nr_states;
	uint64_t place, end;
};

static struct rp_cfi_value *value_of(const struct rp_cfi_registers *registers,
				     struct rp_cfi_row *row, uint64_t number)
{
	if (number == registers->ra)
		return &row->ra;
	if (number == registers->fp)
		return &row->fp;
	if (number == registers->sp)
		return &row->sp;
	return NULL;
}

static void set(struct machine *m, uint64_t number, enum rp_cfi_how how, int64_t value)
{
	struct rp_cfi_value *v = value_of(m->run->registers, &m->row, number);

	if (v)
		*v = (struct rp_cfi_value){ .how = how, .value = value };
}

/* Products of hostile numbers wrap, and are then checked like others. */
static int64_t times(uint64_t a, int64_t b)
{
	return (int64_t)(a * (uint64_t)b);
}

static struct rp_cfi_value expression(struct machine *m, enum rp_cfi_how how)
{
	struct rp_dwarf_cursor part = rp_dwarf_part(&m->c, rp_dwarf_uleb(&m->c));

	return (struct rp_cfi_value){ .how = how, .expression = part.at,
				      .size = rp_dwarf_left(&part) };
}

static void set_expression(struct machine *m, enum rp_cfi_how how)
{
	struct rp_cfi_value *v = value_of(m->run->registers, &m->row, rp_dwarf_uleb(&m->c));
	struct rp_cfi_value e = expression(m, how);

	if (v)
		*v = e;
}

/* As the CIE has it. */
static enum rp_unwind_reason restore(struct machine *m, uint64_t number)
{
	struct rp_cfi_value *v = value_of(m->run->registers, &m->row, number);
	struct rp_cfi_row begin;

	if (!m->begin)
		return RP_UNWIND_REASON_INSTRUCTION;
	begin = *m->begin;
	if (v)
		*v = *value_of(m->run->registers, &begin, number);
	return RP_UNWIND_SAID;
}

/* The row at hand holds up to `to`; from there on it is the next one. */
static enum rp_unwind_reason advance_to(struct machine *m, uint64_t to)
{
	if (!m->begin || to < m->place)
		return RP_UNWIND_REASON_INSTRUCTION;
	if (to > m->end)
		to = m->end;
	if (to > m->place)
		m->run->fn(m->run->arg, m->place, to, &m->row);
	m->place = to;
	return RP_UNWIND_SAID;
}

static enum rp_unwind_reason advance(struct machine *m, uint64_t factored)
{
	uint64_t by = factored * m->cie->code_align;

	if (m->cie->code_align && factored > UINT64_MAX / m->cie->code_align)
		return RP_UNWIND_REASON_INSTRUCTION;
	return advance_to(m, by > m->end - m->place ? m->end : m->place + by);
}

static enum rp_unwind_reason remember(struct machine *m)
{
	if (m->nr_states == RP_CFI_STATES_MAX)
		return RP_UNWIND_REASON_STATES;
	m->states[m->nr_states++] = m->row;
	return RP_UNWIND_SAID;
}

static enum rp_unwind_reason recall(struct machine *m)
{
	if (!m->nr_states)
		return RP_UNWIND_REASON_STATES;
	m->row = m->states[--m->nr_states];
	return RP_UNWIND_SAID;
}

static void define_cfa(struct machine *m, uint64_t number, int64_t offset)
{
	m->row.cfa_register = number;
	m->row.cfa = (struct rp_cfi_value){ .how = RP_CFI_VAL_OFFSET, .value = offset };
}

/* A part of the CFA's definition changes, which only a register's has. */
static enum rp_unwind_reason redefine_cfa(struct machine *m, uint64_t number, int64_t offset)
{
	if (m->row.cfa.how != RP_CFI_VAL_OFFSET)
		return RP_UNWIND_REASON_INSTRUCTION;
	define_cfa(m, number, offset);
	return RP_UNWIND_SAID;
}

/* Those that make or change the CFA's definition. */
static enum rp_unwind_reason cfa_instruction(struct machine *m, uint8_t op)
{
	struct rp_dwarf_cursor *c = &m->c;
	int64_t align = m->cie->data_align;
	uint64_t number;

	switch (op) {
	case DW_CFA_def_cfa:
		number = rp_dwarf_uleb(c);
		define_cfa(m, number, (int64_t)rp_dwarf_uleb(c));
		return RP_UNWIND_SAID;
	case DW_CFA_def_cfa_sf:
		number = rp_dwarf_uleb(c);
		define_cfa(m, number, times((uint64_t)rp_dwarf_sleb(c), align));
		return RP_UNWIND_SAID;
	case DW_CFA_def_cfa_register:
		return redefine_cfa(m, rp_dwarf_uleb(c), m->row.cfa.value);
	case DW_CFA_def_cfa_offset:
		return redefine_cfa(m, m->row.cfa_register, (int64_t)rp_dwarf_uleb(c));
	case DW_CFA_def_cfa_offset_sf:
		return redefine_cfa(m, m->row.cfa_register,
				    times((uint64_t)rp_dwarf_sleb(c), align));
	default:	/* DW_CFA_def_cfa_expression */
		m->row.cfa = expression(m, RP_CFI_VAL_EXPRESSION);
		return RP_UNWIND_SAID;
	}
}

/* Those that say where a register is. */
static enum rp_unwind_reason register_instruction(struct machine *m, uint8_t op)
{
	struct rp_dwarf_cursor *c = &m->c;
	int64_t align = m->cie->data_align;
	uint64_t number = rp_dwarf_uleb(c);

	switch (op) {
	case DW_CFA_offset_extended:
		set(m, number, RP_CFI_OFFSET, times(rp_dwarf_uleb(c), align));
		break;
	case DW_CFA_offset_extended_sf:
		set(m, number, RP_CFI_OFFSET, times((uint64_t)rp_dwarf_sleb(c), align));
		break;
	case CFA_GNU_NEGATIVE_OFFSET_EXTENDED:
		set(m, number, RP_CFI_OFFSET, times(-rp_dwarf_uleb(c), align));
		break;
	case DW_CFA_val_offset:
		set(m, number, RP_CFI_VAL_OFFSET, times(rp_dwarf_uleb(c), align));
		break;
	case DW_CFA_val_offset_sf:
		set(m, number, RP_CFI_VAL_OFFSET, times((uint64_t)rp_dwarf_sleb(c), align));
		break;
	case DW_CFA_register:
		set(m, number, RP_CFI_REGISTER, (int64_t)rp_dwarf_uleb(c));
		break;
	case DW_CFA_undefined:
		set(m, number, RP_CFI_UNDEFINED, 0);
		break;
	case DW_CFA_same_value:
		set(m, number, RP_CFI_SAME, 0);
		break;
	default:	/* DW_CFA_restore_extended */
		return restore(m, number);
	}
	return RP_UNWIND_SAID;
}

/* DW_CFA_set_loc: an address, which only an FDE of the same encoding can have. */
static enum rp_unwind_reason set_place(struct machine *m)
{
	uint64_t to;

	if (!rp_cfi_read_address(m->run->section, &m->c, m->cie, &to))
		return RP_UNWIND_REASON_INSTRUCTION;
	return advance_to(m, to);
}

static enum rp_unwind_reason extended(struct machine *m, uint8_t op)
{
	switch (op) {
	case DW_CFA_nop:
		return RP_UNWIND_SAID;
	case DW_CFA_set_loc:
		return set_place(m);
	case DW_CFA_advance_loc1:
		return advance(m, rp_dwarf_byte(&m->c));
	case DW_CFA_advance_loc2:
		return advance(m, rp_dwarf_fixed(&m->c, 2));
	case DW_CFA_advance_loc4:
		return advance(m, rp_dwarf_fixed(&m->c, 4));
	case DW_CFA_remember_state:
		return remember(m);
	case DW_CFA_restore_state:
		return recall(m);
	case DW_CFA_def_cfa:
	case DW_CFA_def_cfa_sf:
	case DW_CFA_def_cfa_register:
	case DW_CFA_def_cfa_offset:
	case DW_CFA_def_cfa_offset_sf:
	case DW_CFA_def_cfa_expression:
		return cfa_instruction(m, op);
	case DW_CFA_offset_extended:
	case DW_CFA_offset_extended_sf:
	case CFA_GNU_NEGATIVE_OFFSET_EXTENDED:
	case DW_CFA_val_offset:
	case DW_CFA_val_offset_sf:
	case DW_CFA_register:
	case DW_CFA_undefined:
	case DW_CFA_same_value:
	case DW_CFA_restore_extended:
		return register_instruction(m, op);
	case DW_CFA_expression:
		set_expression(m, RP_CFI_EXPRESSION);
		return RP_UNWIND_SAID;
	case DW_CFA_val_expression:
		set_expression(m, RP_CFI_VAL_EXPRESSION);
		return RP_UNWIND_SAID;
	case DW_CFA_GNU_args_size:
		rp_dwarf_uleb(&m->c);
		return RP_UNWIND_SAID;
	case CFA_AARCH64_NEGATE_RA_STATE:
	case CFA_AARCH64_NEGATE_RA_STATE_WITH_PC:
		/* Whether the address is signed: a walk takes the signature off anyway. */
		return m->run->registers->arm64 ? RP_UNWIND_SAID : RP_UNWIND_REASON_INSTRUCTION;
	default:
		return RP_UNWIND_REASON_INSTRUCTION;
	}
}

static enum rp_unwind_reason step(struct machine *m)
{
	uint8_t op = rp_dwarf_byte(&m->c), operand = op & 0x3f;

	switch (op & 0xc0) {
	case DW_CFA_advance_loc:
		return advance(m, operand);
	case DW_CFA_offset:
		set(m, operand, RP_CFI_OFFSET, times(rp_dwarf_uleb(&m->c), m->cie->data_align));
		return RP_UNWIND_SAID;
	case DW_CFA_restore:
		return restore(m, operand);
	default:
		return extended(m, op);
	}
}

static enum rp_unwind_reason steps(struct machine *m)
{
	enum rp_unwind_reason reason = RP_UNWIND_SAID;

	while (reason == RP_UNWIND_SAID && rp_dwarf_left(&m->c)) {
		if (!*m->run->work)
			return RP_UNWIND_REASON_WORK;
		--*m->run->work;
		reason = step(m);
		if (m->c.bad)
			reason = RP_UNWIND_REASON_INSTRUCTION;
		if (m->begin && m->place == m->end)
			break;	/* nothing of what is left is for this function */
	}
	return reason;
}

enum rp_unwind_reason rp_cfi_run_cie(const struct rp_cfi_run *run,
				     const struct rp_cfi_cie *cie, struct rp_cfi_row *ret)
{
	struct machine m = { .run = run, .cie = cie, .c = cie->code };
	enum rp_unwind_reason reason = steps(&m);

	*ret = m.row;
	return reason;
}

enum rp_unwind_reason rp_cfi_run_fde(const struct rp_cfi_run *run,
				     const struct rp_cfi_fde *fde,
				     const struct rp_cfi_row *begin, uint64_t *ret_done)
{
	struct machine m;
	enum rp_unwind_reason reason;

	m.run = run;
	m.cie = fde->cie;
	m.c = fde->code;
	m.row = *begin;
	m.begin = begin;
	m.nr_states = 0;
	m.place = fde->start;
	m.end = fde->start + fde->size;
	reason = steps(&m);
	if (reason == RP_UNWIND_SAID)
		reason = advance_to(&m, m.end);
	*ret_done = m.place;
	return reason;
}
