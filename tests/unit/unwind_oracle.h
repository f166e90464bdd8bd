/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where a function's caller is, as elfutils' libdw has it: its rules and expressions are
 * run on registers and memory that are made up, by which a step of ours can be judged.
 */
#ifndef TEST_UNWIND_ORACLE_H
#define TEST_UNWIND_ORACLE_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <elfutils/libdw.h>
#include <stdbool.h>
#include <stdlib.h>

#include "dwarf.h"
#include "proto/unwind_step.h"

#define SP_VALUE	(1ull << 40)
#define DEPTH		32

/* ---- the machine that both run on ------------------------------------------------ */

static inline uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 31) * 0x7fb5d329728ea185ull;
	x = (x ^ x >> 27) * 0x81dadef4bc2dd44dull;
	return x ^ x >> 33;
}

/* Above the stack pointer, as a CFA has to be, and each different. */
static inline uint64_t made_up(uint64_t seed)
{
	return SP_VALUE + (1u << 24) + (mix(seed) & 0xfffff8);
}

static enum rp_unwind_machine machine;
static uint64_t the_pc;

static inline uint64_t register_value(uint64_t number)
{
	if (number == rp_unwind_sp(machine))
		return SP_VALUE;
	if (machine == RP_UNWIND_X86_64 && number == 16)
		return the_pc;
	return made_up(number);
}

static inline uint64_t memory(uint64_t address)
{
	return made_up(address);
}

static inline _Bool read_word(void *arg, __u64 address, __u64 *ret)
{
	(void)arg;
	*ret = memory(address);
	return 1;
}

static inline _Bool read_register(void *arg, unsigned int reg, __u64 *ret)
{
	(void)arg;
	*ret = register_value(reg);
	return 1;
}

static inline __u64 same_code(__u64 address)
{
	return address;
}

static const struct rp_unwind_reader reader = { read_word, read_register, same_code, NULL };

/* ---- libdw's side -------------------------------------------------------------------- */

struct stack {
	uint64_t words[DEPTH];
	unsigned int nr;
};

static inline void push(struct stack *s, uint64_t value)
{
	assert_true(s->nr < DEPTH);
	s->words[s->nr++] = value;
}

static inline uint64_t pop(struct stack *s)
{
	assert_true(s->nr > 0);
	return s->words[--s->nr];
}

static inline void binary(struct stack *s, unsigned int atom)
{
	uint64_t b = pop(s), a = pop(s);

	switch (atom) {
	case DW_OP_plus:
		push(s, a + b);
		break;
	case DW_OP_minus:
		push(s, a - b);
		break;
	case DW_OP_and:
		push(s, a & b);
		break;
	case DW_OP_mul:
		push(s, a * b);
		break;
	case DW_OP_shl:
		push(s, a << (b & 63));
		break;
	case DW_OP_ge:
		push(s, (int64_t)a >= (int64_t)b);
		break;
	default:
		fail_msg("operation %#x", atom);
	}
}

/*
 * The value of a location's description: what lies in memory at the end, or the top itself
 * if a stack_value says so, or a register.
 */
static inline uint64_t evaluate(const Dwarf_Op *ops, size_t nr, uint64_t cfa, bool location)
{
	struct stack s = { .nr = 0 };
	size_t i;

	for (i = 0; i < nr; i++) {
		unsigned int atom = ops[i].atom;

		if (atom >= DW_OP_lit0 && atom <= DW_OP_lit31)
			push(&s, atom - DW_OP_lit0);
		else if (atom >= DW_OP_breg0 && atom <= DW_OP_breg31)
			push(&s, register_value(atom - DW_OP_breg0) + ops[i].number);
		else if (atom == DW_OP_bregx)
			push(&s, register_value(ops[i].number) + ops[i].number2);
		else if (atom >= DW_OP_reg0 && atom <= DW_OP_reg31)
			return register_value(atom - DW_OP_reg0);
		else if (atom == DW_OP_regx)
			return register_value(ops[i].number);
		else if (atom >= DW_OP_const1u && atom <= DW_OP_consts)
			push(&s, ops[i].number);
		else if (atom == DW_OP_plus_uconst)
			push(&s, pop(&s) + ops[i].number);
		else if (atom == DW_OP_deref)
			push(&s, memory(pop(&s)));
		else if (atom == DW_OP_call_frame_cfa)
			push(&s, cfa);
		else if (atom == DW_OP_stack_value)
			return pop(&s);
		else
			binary(&s, atom);
	}
	return location ? memory(pop(&s)) : pop(&s);
}

struct frame {			/* what libdw says of the caller */
	bool found, signal, root;
	bool other_ra;		/* the return address is not where the ABI has it */
	bool fp_known;
	uint64_t end, cfa, pc, fp;
};

static inline void ask_registers(Dwarf_Frame *frame, int ra, struct frame *f)
{
	Dwarf_Op mem[3], *ops;
	size_t nr;

	assert_int_equal(dwarf_frame_cfa(frame, &ops, &nr), 0);
	if (nr)
		f->cfa = evaluate(ops, nr, 0, false);
	assert_int_equal(dwarf_frame_register(frame, ra, mem, &ops, &nr), 0);
	f->root = !nr && ops == mem;
	f->pc = nr ? evaluate(ops, nr, f->cfa, true) : register_value(ra);
	assert_int_equal(dwarf_frame_register(frame, rp_unwind_fp(machine), mem, &ops, &nr), 0);
	f->fp_known = nr || ops != mem;
	f->fp = nr ? evaluate(ops, nr, f->cfa, true) : register_value(rp_unwind_fp(machine));
}

static inline struct frame ask_libdw(Dwarf_CFI *cfi, uint64_t address)
{
	struct frame f = { .found = false };
	Dwarf_Addr start, end;
	Dwarf_Frame *frame;
	int ra;

	if (dwarf_cfi_addrframe(cfi, address, &frame))
		return f;
	f.found = true;
	ra = dwarf_frame_info(frame, &start, &end, &f.signal);
	f.other_ra = ra != (machine == RP_UNWIND_X86_64 ? 16 : 30);
	f.end = end;
	if (!f.signal && !f.other_ra)
		ask_registers(frame, ra, &f);
	free(frame);
	return f;
}

#endif
