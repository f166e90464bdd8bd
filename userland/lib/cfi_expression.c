// SPDX-License-Identifier: GPL-2.0
/*
 * The expression is run with sums instead of numbers on its stack; an operation whose
 * result is no such sum ends it.
 */
#include "cfi_expression.h"

#include <dwarf.h>

#include "dwarf_cursor.h"

#define DEPTH_MAX 8
#define X86_64_SP 7
#define X86_64_PC 16

struct stack {
	struct rp_cfi_sum sums[DEPTH_MAX];
	unsigned int nr;
};

static bool push(struct stack *s, const struct rp_cfi_sum *sum)
{
	if (s->nr == DEPTH_MAX)
		return false;
	s->sums[s->nr++] = *sum;
	return true;
}

static bool push_number(struct stack *s, int64_t value)
{
	return push(s, &(struct rp_cfi_sum){ .offset = value });
}

static bool push_register(struct stack *s, uint64_t reg, int64_t offset)
{
	return push(s, &(struct rp_cfi_sum){ .base = RP_CFI_BASE_REGISTER, .reg = reg,
					     .offset = offset });
}

static bool add(struct stack *s, uint64_t number)
{
	struct rp_cfi_sum *top;
	int64_t *to;

	if (!s->nr)
		return false;
	top = &s->sums[s->nr - 1];
	to = top->deref ? &top->add : &top->offset;
	*to = (int64_t)((uint64_t)*to + number);
	return true;
}

static bool is_number(const struct rp_cfi_sum *sum)
{
	return sum->base == RP_CFI_BASE_NONE && !sum->deref;
}

/* a + b or a - b, where one is a number. */
static bool combine(struct stack *s, bool minus)
{
	struct rp_cfi_sum a, b;

	if (s->nr < 2)
		return false;
	b = s->sums[--s->nr];
	if (is_number(&b))
		return add(s, minus ? -(uint64_t)b.offset : (uint64_t)b.offset);
	a = s->sums[s->nr - 1];
	if (minus || !is_number(&a))
		return false;
	s->sums[s->nr - 1] = b;
	return add(s, (uint64_t)a.offset);
}

static bool deref(struct stack *s)
{
	struct rp_cfi_sum *top;

	if (!s->nr)
		return false;
	top = &s->sums[s->nr - 1];
	if (top->deref || is_number(top))
		return false;
	top->deref = true;
	return true;
}

static bool push_constant(struct stack *s, struct rp_dwarf_cursor *c, uint8_t op)
{
	unsigned int width = 1u << ((op - DW_OP_const1u) / 2);

	if (op == DW_OP_constu)
		return push_number(s, (int64_t)rp_dwarf_uleb(c));
	if (op == DW_OP_consts)
		return push_number(s, rp_dwarf_sleb(c));
	if ((op - DW_OP_const1u) % 2)
		return push_number(s, rp_dwarf_signed(c, width));
	return push_number(s, (int64_t)rp_dwarf_fixed(c, width));
}

static bool operation(struct stack *s, struct rp_dwarf_cursor *c)
{
	uint8_t op = rp_dwarf_byte(c);
	uint64_t reg;

	if (op >= DW_OP_breg0 && op <= DW_OP_breg31)
		return push_register(s, op - DW_OP_breg0, rp_dwarf_sleb(c));
	if (op >= DW_OP_lit0 && op <= DW_OP_lit31)
		return push_number(s, op - DW_OP_lit0);
	if (op >= DW_OP_const1u && op <= DW_OP_consts)
		return push_constant(s, c, op);
	switch (op) {
	case DW_OP_bregx:
		reg = rp_dwarf_uleb(c);
		return push_register(s, reg, rp_dwarf_sleb(c));
	case DW_OP_plus_uconst:
		return add(s, rp_dwarf_uleb(c));
	case DW_OP_plus:
		return combine(s, false);
	case DW_OP_minus:
		return combine(s, true);
	case DW_OP_deref:
		return deref(s);
	case DW_OP_nop:
		return true;
	default:
		return false;
	}
}

bool rp_cfi_reduce(const uint8_t *expression, size_t size, bool cfa, struct rp_cfi_sum *ret)
{
	struct rp_dwarf_cursor c = { .at = expression, .end = expression + size };
	struct stack s = { .nr = 0 };

	if (size > RP_CFI_EXPRESSION_MAX)
		return false;
	if (cfa)
		push(&s, &(struct rp_cfi_sum){ .base = RP_CFI_BASE_CFA });
	while (rp_dwarf_left(&c))
		if (!operation(&s, &c) || c.bad)
			return false;
	if (!s.nr || is_number(&s.sums[s.nr - 1]))
		return false;
	*ret = s.sums[s.nr - 1];
	return true;
}

static bool is(struct rp_dwarf_cursor *c, uint8_t op)
{
	return rp_dwarf_byte(c) == op;
}

static bool small_number(struct rp_dwarf_cursor *c, unsigned int *ret)
{
	uint8_t op = rp_dwarf_byte(c);

	*ret = op - DW_OP_lit0;
	return op >= DW_OP_lit0 && op <= DW_OP_lit31;
}

bool rp_cfi_reduce_plt(const uint8_t *expression, size_t size, struct rp_cfi_plt *ret)
{
	struct rp_dwarf_cursor c = { .at = expression, .end = expression + size };
	unsigned int from, shift;
	int64_t offset;

	if (!is(&c, DW_OP_breg0 + X86_64_SP))
		return false;
	offset = rp_dwarf_sleb(&c);
	if (!is(&c, DW_OP_breg0 + X86_64_PC) || rp_dwarf_sleb(&c) ||
	    !is(&c, DW_OP_lit15) || !is(&c, DW_OP_and) || !small_number(&c, &from) ||
	    !is(&c, DW_OP_ge) || !small_number(&c, &shift) || !is(&c, DW_OP_shl) ||
	    !is(&c, DW_OP_plus) || c.bad || rp_dwarf_left(&c) || shift > 30)
		return false;
	*ret = (struct rp_cfi_plt){ .offset = offset, .add = 1 << shift, .from = from };
	return true;
}
