// SPDX-License-Identifier: GPL-2.0
/* One step, on stacks made word by word, of either machine. */
#include "stack.h"

static void from_the_stack_pointer(void **state)
{
	(void)state;
	assert_int_equal(rp_unwind_place(&s), PC);
	assert_int_equal(step(RP_UNWIND_X86_64), RP_UNWIND_CALLER);
	expect_state(CALLER, AT(4), AT(10));
	assert_true(s.fp_known);
	assert_int_equal(rp_unwind_place(&s), CALLER - 1);
}

static void from_the_frame_pointer(void **state)
{
	(void)state;
	rule.reg = 6;
	rule.offset = 16;
	rule.fp = RP_UNWIND_SAVED;
	rule.fp_offset = -16;
	words[10] = AT(30);
	words[11] = CALLER;
	assert_int_equal(step(RP_UNWIND_X86_64), RP_UNWIND_CALLER);
	expect_state(CALLER, AT(12), AT(30));
}

static void a_frame_pointer_is_lost_and_found(void **state)
{
	(void)state;
	rule.fp = RP_UNWIND_ELSEWHERE;
	assert_int_equal(step(RP_UNWIND_X86_64), RP_UNWIND_CALLER);
	assert_false(s.fp_known);
	rule.reg = 6;
	expect_stop(RP_UNWIND_NO_REGISTER);
	assert_int_equal(rp_unwind_by_fp(&s, RP_UNWIND_X86_64, &reader), RP_UNWIND_NO_REGISTER);
	rule.reg = 7;
	rule.fp = RP_UNWIND_SAME;
	words[7] = CALLER;
	assert_int_equal(step(RP_UNWIND_X86_64), RP_UNWIND_CALLER);
	assert_false(s.fp_known);
	rule.fp = RP_UNWIND_SAVED;
	rule.fp_offset = -16;
	words[10] = AT(40);
	words[11] = CALLER;
	assert_int_equal(step(RP_UNWIND_X86_64), RP_UNWIND_CALLER);
	assert_true(s.fp_known);
	assert_int_equal(s.fp, AT(40));
	rule.fp = RP_UNWIND_LOST;
	words[15] = CALLER;
	assert_int_equal(step(RP_UNWIND_X86_64), RP_UNWIND_CALLER);
	assert_false(s.fp_known);
}

/* gcc's aligned frames: the CFA at rbp - 8, the caller's rbp at rbp. */
static void a_cfa_in_memory(void **state)
{
	(void)state;
	rule.cfa = RP_UNWIND_CFA_DEREF;
	rule.reg = 6;
	rule.offset = -8;
	rule.add = 16;
	rule.fp = RP_UNWIND_SAVED_REG;
	words[9] = AT(50);
	words[10] = AT(60);
	words[51] = CALLER;
	assert_int_equal(step(RP_UNWIND_X86_64), RP_UNWIND_CALLER);
	expect_state(CALLER, AT(52), AT(60));
	assert_int_equal(reads, 3);
	s.fp_known = 0;
	expect_stop(RP_UNWIND_NO_REGISTER);
}

static void procedure_linkage(void **state)
{
	unsigned int i;

	for (i = 0; i < 16; i++) {
		setup(state);
		rule = (struct rp_unwind_rule){ .cfa = RP_UNWIND_CFA_PLT, .reg = 11, .offset = 8,
						.add = 8, .ra = RP_UNWIND_SAVED,
						.ra_offset = -8 };
		words[0] = words[1] = CALLER;
		s.pc = PC + i;
		assert_int_equal(step(RP_UNWIND_X86_64), RP_UNWIND_CALLER);
		expect_state(CALLER, AT(i < 11 ? 1 : 2), AT(10));
	}
}

static void other_registers_of_exact_frames(void **state)
{
	(void)state;
	rule.reg = 10;
	registers[10] = AT(70);
	words[73] = CALLER;
	assert_int_equal(step(RP_UNWIND_X86_64), RP_UNWIND_CALLER);
	expect_state(CALLER, AT(74), AT(10));
	expect_stop(RP_UNWIND_NO_REGISTER);	/* no more */
	s.exact = 1;
	rule.reg = 20;
	expect_stop(RP_UNWIND_NO_REGISTER);
}

static void the_link_register_once(void **state)
{
	(void)state;
	rule = (struct rp_unwind_rule){ .cfa = RP_UNWIND_CFA_REG, .reg = 31 };
	s.lr = CALLER | PAC;
	assert_int_equal(step(RP_UNWIND_ARM64), RP_UNWIND_CALLER);
	expect_state(CALLER, AT(0), AT(10));
	assert_int_equal(step(RP_UNWIND_ARM64), RP_UNWIND_BACKWARDS);
	rule.offset = 16;
	assert_int_equal(step(RP_UNWIND_ARM64), RP_UNWIND_NO_REGISTER);
	assert_memory_equal(&s, &before, sizeof(s));
	/* x86-64 has none. */
	s.exact = 1;
	rule.reg = 7;
	expect_stop(RP_UNWIND_UNSAID_RULE);
}

static void arm64_frames(void **state)
{
	(void)state;
	rule = (struct rp_unwind_rule){ .cfa = RP_UNWIND_CFA_REG, .reg = 29, .offset = 16,
					.ra = RP_UNWIND_SAVED, .ra_offset = -8,
					.fp = RP_UNWIND_SAVED, .fp_offset = -16 };
	words[10] = AT(30);
	words[11] = CALLER | PAC;
	assert_int_equal(step(RP_UNWIND_ARM64), RP_UNWIND_CALLER);
	expect_state(CALLER, AT(12), AT(30));
}

static void where_a_walk_ends(void **state)
{
	(void)state;
	rule.ra = RP_UNWIND_LOST;
	expect_stop(RP_UNWIND_ROOT);
	rule.cfa = RP_UNWIND_CFA_NONE;
	expect_stop(RP_UNWIND_NO_RULE);
	rule.cfa = RP_UNWIND_CFA_UNSAID;
	rule.ra = RP_UNWIND_SAVED;
	expect_stop(RP_UNWIND_UNSAID_RULE);
	rule.cfa = RP_UNWIND_CFA_REG;
	rule.ra = RP_UNWIND_ELSEWHERE;
	expect_stop(RP_UNWIND_UNSAID_RULE);
	rule.cfa = 77;			/* what no check lets through ends it too */
	expect_stop(RP_UNWIND_NO_RULE);
}

static void stacks_that_do_not_rise(void **state)
{
	(void)state;
	rule.offset = 0;
	expect_stop(RP_UNWIND_BACKWARDS);
	rule.offset = -8;
	expect_stop(RP_UNWIND_BACKWARDS);
	rule.offset = 32;
	s.sp = ~0ull - 15;		/* around the end of the address space */
	expect_stop(RP_UNWIND_BACKWARDS);
	s.sp = AT(0);
	s.fp = STACK - 64;
	rule.reg = 6;
	expect_stop(RP_UNWIND_BACKWARDS);
	rule.cfa = RP_UNWIND_CFA_DEREF;
	s.fp = AT(10);
	rule.offset = 0;
	words[10] = STACK - 8;
	expect_stop(RP_UNWIND_BACKWARDS);
}

static void words_that_cannot_be_read(void **state)
{
	(void)state;
	rule.fp = RP_UNWIND_SAVED;
	rule.fp_offset = -16;
	readable[2] = 0;
	expect_stop(RP_UNWIND_NO_MEMORY);
	readable[2] = 1;
	readable[3] = 0;
	expect_stop(RP_UNWIND_NO_MEMORY);
	readable[3] = 1;
	assert_int_equal(step(RP_UNWIND_X86_64), RP_UNWIND_CALLER);

	setup(state);
	rule.cfa = RP_UNWIND_CFA_DEREF;
	readable[4] = 0;
	expect_stop(RP_UNWIND_NO_MEMORY);
}

/* ---- by the frame pointer ------------------------------------------------------------- */

static void a_chain_of_frame_pointers(void **state)
{
	(void)state;
	words[10] = AT(20);
	words[11] = CALLER | PAC;
	words[20] = 0;
	words[21] = CALLER + 1;
	assert_int_equal(rp_unwind_by_fp(&s, RP_UNWIND_X86_64, &reader), RP_UNWIND_CALLER);
	expect_state(CALLER, AT(12), AT(20));
	assert_int_equal(rp_unwind_by_fp(&s, RP_UNWIND_X86_64, &reader), RP_UNWIND_CALLER);
	expect_state(CALLER + 1, AT(22), 0);
	assert_int_equal(rp_unwind_by_fp(&s, RP_UNWIND_X86_64, &reader), RP_UNWIND_ROOT);
	expect_state(CALLER + 1, AT(22), 0);
	/* Code without frame pointers may have zero there. */
	s.exact = 1;
	assert_int_equal(rp_unwind_by_fp(&s, RP_UNWIND_X86_64, &reader), RP_UNWIND_BACKWARDS);
}

static void frame_pointers_that_are_none(void **state)
{
	(void)state;
	s.fp = AT(0) - 16;
	assert_int_equal(rp_unwind_by_fp(&s, RP_UNWIND_X86_64, &reader), RP_UNWIND_BACKWARDS);
	s.fp = AT(10) + 4;
	assert_int_equal(rp_unwind_by_fp(&s, RP_UNWIND_X86_64, &reader), RP_UNWIND_BACKWARDS);
	s.fp = AT(10);
	readable[11] = 0;
	before = s;
	assert_int_equal(rp_unwind_by_fp(&s, RP_UNWIND_X86_64, &reader), RP_UNWIND_NO_MEMORY);
	assert_memory_equal(&s, &before, sizeof(s));
	readable[11] = 1;
	readable[10] = 0;
	assert_int_equal(rp_unwind_by_fp(&s, RP_UNWIND_X86_64, &reader), RP_UNWIND_NO_MEMORY);
	/* At the very end of the address space. */
	s.fp = ~0ull - 7;
	assert_int_equal(rp_unwind_by_fp(&s, RP_UNWIND_X86_64, &reader), RP_UNWIND_NO_MEMORY);
}

/* A runtime has left one of its stacks for another. */
static void a_chain_down_to_another_stack(void **state)
{
	(void)state;
	s.sp = AT(20);
	s.fp = AT(10);
	words[10] = AT(12);
	words[11] = CALLER | PAC;
	words[12] = AT(4);
	words[13] = CALLER + 1;
	readable[10] = 0;
	assert_int_equal(rp_unwind_by_fp(&s, RP_UNWIND_X86_64, &reader), RP_UNWIND_BACKWARDS);
	assert_false(s.other_stack);
	readable[10] = 1;
	assert_int_equal(rp_unwind_by_fp(&s, RP_UNWIND_X86_64, &reader), RP_UNWIND_OTHER_STACK);
	expect_state(CALLER, AT(12), AT(12));
	assert_true(s.other_stack);
	/* There it rises again, and falls no second time. */
	assert_int_equal(rp_unwind_by_fp(&s, RP_UNWIND_X86_64, &reader), RP_UNWIND_CALLER);
	expect_state(CALLER + 1, AT(14), AT(4));
	assert_int_equal(rp_unwind_by_fp(&s, RP_UNWIND_X86_64, &reader), RP_UNWIND_BACKWARDS);
}

/* arm64's compilers differ in where a frame holds what its frame pointer points to. */
static void a_table_after_frame_pointers_on_arm64(void **state)
{
	(void)state;
	words[10] = AT(20);
	words[11] = CALLER | PAC;
	words[20] = AT(40);
	words[21] = CALLER + 1;
	assert_int_equal(rp_unwind_by_fp(&s, RP_UNWIND_ARM64, &reader), RP_UNWIND_CALLER);
	expect_state(CALLER, AT(12), AT(20));
	assert_true(s.sp_below);

	/* gcc's, six words with the record lowest: where SP is does not matter. */
	rule = (struct rp_unwind_rule){ .cfa = RP_UNWIND_CFA_REG, .reg = 31, .offset = 48,
					.ra = RP_UNWIND_SAVED, .ra_offset = -40,
					.fp = RP_UNWIND_SAVED, .fp_offset = -48 };
	assert_int_equal(step(RP_UNWIND_ARM64), RP_UNWIND_CALLER);
	expect_state(CALLER + 1, AT(26), AT(40));
	assert_false(s.sp_below);

	/* The same by a table that counts from the frame pointer, and with the record highest. */
	s = before;
	rule.reg = 29;
	rule.offset = 16;
	rule.ra_offset = -8;
	rule.fp_offset = -16;
	assert_int_equal(step(RP_UNWIND_ARM64), RP_UNWIND_CALLER);
	expect_state(CALLER + 1, AT(22), AT(40));
	s = before;
	rule.reg = 31;
	rule.offset = 160;
	assert_int_equal(step(RP_UNWIND_ARM64), RP_UNWIND_CALLER);
	expect_state(CALLER + 1, AT(22), AT(40));

	/* Backwards stays so. */
	s = before;
	s.fp = AT(8);
	assert_int_equal(step(RP_UNWIND_ARM64), RP_UNWIND_BACKWARDS);
}

static void no_record_of_frame_pointers_on_arm64(void **state)
{
	struct rp_unwind_state below;
	unsigned int i;

	(void)state;
	words[10] = AT(20);
	words[11] = CALLER;
	assert_int_equal(rp_unwind_by_fp(&s, RP_UNWIND_ARM64, &reader), RP_UNWIND_CALLER);
	below = s;
	for (i = 0; i < 6; i++) {
		s = below;
		rule = (struct rp_unwind_rule){
			.cfa = i == 0 ? RP_UNWIND_CFA_DEREF : RP_UNWIND_CFA_REG, .reg = 31,
			.offset = 48, .ra = RP_UNWIND_SAVED, .ra_offset = i == 1 ? -8 : -40,
			.fp = i == 2 ? RP_UNWIND_SAME : RP_UNWIND_SAVED, .fp_offset = -48 };
		if (i == 3)
			rule.ra = RP_UNWIND_SAME;
		if (i == 4)
			s.fp_known = 0;
		if (i == 5)
			rule.fp = RP_UNWIND_SAVED_REG;
		assert_int_equal(step(RP_UNWIND_ARM64), RP_UNWIND_NO_REGISTER);
		assert_memory_equal(&s, &before, sizeof(s));
	}

	/* What the kernel saved for a handler lies where SP was. */
	s = below;
	rule = (struct rp_unwind_rule){ .cfa = RP_UNWIND_CFA_SIGNAL };
	assert_int_equal(step(RP_UNWIND_ARM64), RP_UNWIND_NO_RULE);
	assert_memory_equal(&s, &before, sizeof(s));
}
