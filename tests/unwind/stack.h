/* SPDX-License-Identifier: GPL-2.0 */
/*
 * stack.h - a stack made word by word, the registers of an interrupted function, and one
 * step. What it takes of its harness: cases.h.
 */
#ifndef RP_UNWIND_STACK_H
#define RP_UNWIND_STACK_H

#include "proto/unwind_step.h"

#define STACK	0x7ff000ull	/* address of word 0 */
#define WORDS	128
#define PC	0x401000ull
#define CALLER	0x402003ull	/* where this one was called from */
#define AT(word) (STACK + 8 * (word))
#define PAC	0x00ff000000000000ull

static uint64_t words[WORDS];
static uint64_t registers[32];
static bool readable[WORDS];
static unsigned int reads;

static inline _Bool read_word(void *arg, __u64 address, __u64 *ret)
{
	uint64_t at = (address - STACK) / 8;

	(void)arg;
	reads++;
	if (address < STACK || at >= WORDS || address % 8 || !readable[at])
		return 0;
	*ret = words[at];
	return 1;
}

static inline _Bool read_register(void *arg, unsigned int reg, __u64 *ret)
{
	(void)arg;
	if (reg >= 16)
		return 0;
	*ret = registers[reg];
	return 1;
}

static inline __u64 code(__u64 address)
{
	return address & ~PAC;
}

static const struct rp_unwind_reader reader = { read_word, read_register, code, NULL };

static struct rp_unwind_state s, before;
static struct rp_unwind_rule rule;

/* An interrupted function with 4 words of stack, called from CALLER, all of it readable. */
static inline int setup(void **state)
{
	(void)state;
	memset(words, 0, sizeof(words));
	memset(readable, 1, sizeof(readable));
	memset(registers, 0, sizeof(registers));
	reads = 0;
	words[3] = CALLER;
	words[2] = AT(20);
	s = (struct rp_unwind_state){ .pc = PC, .sp = AT(0), .fp = AT(10), .lr = CALLER,
				      .exact = 1, .fp_known = 1 };
	rule = (struct rp_unwind_rule){ .cfa = RP_UNWIND_CFA_REG, .reg = 7, .offset = 32,
					.ra = RP_UNWIND_SAVED, .ra_offset = -8 };
	return 0;
}

/* Usual rules have a way of their own, which has to come to the same. */
static inline enum rp_unwind_step step(enum rp_unwind_machine m)
{
	struct rp_unwind_state any = s;
	unsigned int reads_before = reads;
	enum rp_unwind_step how;

	before = s;
	how = rp_unwind_any(&any, &rule, m, &reader);
	reads = reads_before;
	assert_int_equal(rp_unwind_one(&s, &rule, m, &reader), how);
	assert_int_equal(s.pc, any.pc);
	assert_int_equal(s.sp, any.sp);
	assert_int_equal(s.fp, any.fp);
	assert_int_equal(s.fp_known, any.fp_known);
	assert_int_equal(s.sp_below, any.sp_below);
	assert_int_equal(s.exact, any.exact);
	return how;
}

/* The step fails like this, and the state is what it was. */
static inline void expect_stop(enum rp_unwind_step want)
{
	assert_int_equal(step(RP_UNWIND_X86_64), want);
	assert_memory_equal(&s, &before, sizeof(s));
}

static inline void expect_state(uint64_t pc, uint64_t sp, uint64_t fp)
{
	assert_int_equal(s.pc, pc);
	assert_int_equal(s.sp, sp);
	assert_int_equal(s.fp, fp);
	assert_false(s.exact);
}

#endif
