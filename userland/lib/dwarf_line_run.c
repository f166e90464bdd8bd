// SPDX-License-Identifier: GPL-2.0
/*
 * Running a line program. Rows are not kept: each one ends the stretch of code that the row
 * before it is about, and the wanted addresses in that stretch are its.
 */
#include <dwarf.h>
#include <errno.h>

#include "dwarf_lines.h"

#define OPCODE_MAX 64u	/* bytes of an opcode that is not skipped by its length */

struct machine {
	const struct rp_dwarf_lines *l;
	const uint64_t *addresses;
	struct rp_dwarf_row *rows;
	struct rp_dwarf_fresh *fresh;	/* or NULL */
	size_t nr, next;	/* next: the first that is at or behind `from` */
	struct rp_dwarf *d;

	uint64_t address;
	uint32_t file, line;
	uint8_t operation;

	bool open;		/* there is a row that has no end yet: */
	uint64_t from;
	struct rp_dwarf_row row;
	bool real;		/* its sequence is of code that was linked */
};

static void reset(struct machine *m)
{
	m->address = 0;
	m->file = m->line = 1;
	m->operation = 0;
	m->open = false;
	m->real = true;
}

/* A row at m->address: what was open ends before it. */
static void end_stretch(struct machine *m)
{
	size_t i = m->next;

	if (!m->open || !m->real)
		return;
	for (; i < m->nr && m->addresses[i] < m->address; i++) {
		if (m->rows[i].known)
			continue;
		m->rows[i] = m->row;
		if (m->fresh)
			m->fresh->number[m->fresh->nr++] = i;
	}
	rp_dwarf_work(m->d, i - m->next);
	m->next = i;
}

/* Linkers put 0, or the largest numbers, where code was that they left out. */
static bool is_real(const struct machine *m)
{
	uint64_t last = m->l->address_size == 8 ? UINT64_MAX : UINT32_MAX;

	return m->address && m->address < last - 1;
}

static void emit(struct machine *m)
{
	if (m->open && m->address >= m->from) {
		end_stretch(m);
	} else {
		if (!m->open)
			m->real = is_real(m);
		m->next = rp_dwarf_first_from(m->addresses, m->nr, m->address);
	}
	m->open = true;
	m->from = m->address;
	m->row = (struct rp_dwarf_row){ .file = m->file, .line = m->line, .known = true };
}

static void end_sequence(struct machine *m)
{
	if (m->open && m->address >= m->from)
		end_stretch(m);
	reset(m);
}

static void advance(struct machine *m, uint64_t operations)
{
	const struct rp_dwarf_lines *l = m->l;

	if (l->operations == 1) {
		m->address += operations * l->least_instruction;
		return;
	}
	operations += m->operation;
	m->address += operations / l->operations * l->least_instruction;
	m->operation = operations % l->operations;
}

static void special(struct machine *m, unsigned int opcode)
{
	const struct rp_dwarf_lines *l = m->l;

	opcode -= l->opcode_base;
	advance(m, opcode / l->line_range);
	m->line += l->line_base + (int)(opcode % l->line_range);
	emit(m);
}

/* c is behind the length. */
static void extended(struct machine *m, struct rp_dwarf_cursor *c, uint64_t length)
{
	switch (rp_dwarf_byte(c)) {
	case DW_LNE_end_sequence:
		end_sequence(m);
		break;
	case DW_LNE_set_address:
		if (length != 1u + m->l->address_size) {
			c->bad = true;
			break;
		}
		m->address = rp_dwarf_fixed(c, m->l->address_size);
		m->operation = 0;
		break;
	}
}

static void standard(struct machine *m, struct rp_dwarf_cursor *c, unsigned int opcode)
{
	unsigned int i;

	switch (opcode) {
	case DW_LNS_copy:
		emit(m);
		break;
	case DW_LNS_advance_pc:
		advance(m, rp_dwarf_uleb(c));
		break;
	case DW_LNS_advance_line:
		m->line += rp_dwarf_sleb(c);
		break;
	case DW_LNS_set_file:
		m->file = rp_dwarf_uleb(c);
		break;
	case DW_LNS_const_add_pc:
		advance(m, (255 - m->l->opcode_base) / m->l->line_range);
		break;
	case DW_LNS_fixed_advance_pc:
		m->address += rp_dwarf_fixed(c, 2);
		m->operation = 0;
		break;
	default:
		for (i = 0; i < m->l->operands[opcode]; i++)
			rp_dwarf_uleb(c);
	}
}

/* Makes enough for one opcode be left; false: the program ends here. */
static bool look_on(struct rp_debug_view *v, struct rp_dwarf_cursor *c, uint64_t end)
{
	uint64_t at = rp_debug_view_offset(v, c->at);

	if (rp_dwarf_left(c) >= OPCODE_MAX)
		return true;
	if (at >= end)
		return false;
	*c = rp_debug_view_within(v, at, OPCODE_MAX, end);
	return !c->bad;
}

static int run(struct machine *m, struct rp_debug_view *v)
{
	struct rp_dwarf_cursor c = rp_debug_view_within(v, m->l->program, OPCODE_MAX, m->l->end);
	struct rp_dwarf_cursor part;
	uint64_t at, length;
	unsigned int opcode;

	if (c.bad)
		return -EBADMSG;
	while (!c.bad && look_on(v, &c, m->l->end)) {
		if (!rp_dwarf_work(m->d, 1))
			return -EFBIG;
		opcode = rp_dwarf_byte(&c);
		if (opcode >= m->l->opcode_base) {
			special(m, opcode);
		} else if (opcode) {
			standard(m, &c, opcode);
		} else {
			length = rp_dwarf_uleb(&c);
			at = rp_debug_view_offset(v, c.at);
			if (c.bad || !length || length > m->l->end - at)
				return -EBADMSG;
			part = c;
			extended(m, &part, length);
			if (length <= rp_dwarf_left(&c))
				c.at += length;
			else
				c = rp_debug_view_within(v, at + length, OPCODE_MAX, m->l->end);
			c.bad |= part.bad;
		}
	}
	return c.bad ? -EBADMSG : 0;
}

int rp_dwarf_lines_run(struct rp_dwarf *d, const struct rp_dwarf_lines *l,
		       const uint64_t *addresses, size_t nr, struct rp_dwarf_row *rows,
		       struct rp_dwarf_fresh *fresh)
{
	struct machine m = { .l = l, .addresses = addresses, .rows = rows, .fresh = fresh,
			     .nr = nr, .d = d };

	reset(&m);
	return run(&m, &d->view[RP_DWARF_LINE]);
}
