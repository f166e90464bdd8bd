// SPDX-License-Identifier: GPL-2.0
/* Unwind tables of files written for each case: what a description comes to. */
#include "unwind_fixture.h"

static void a_function_with_a_frame_pointer(void **state)
{
	struct rp_unwind_rule by_rbp = plain(6, 16), pushed = plain(7, 16);

	(void)state;
	by_rbp.fp = pushed.fp = RP_UNWIND_SAVED;
	by_rbp.fp_offset = pushed.fp_offset = -16;
	with(CODE(ADVANCE(1), DW_CFA_def_cfa_offset, 16, OFFSET(6), 2,
		  ADVANCE(3), DW_CFA_def_cfa_register, 6,
		  ADVANCE(32), DW_CFA_remember_state, DW_CFA_def_cfa, 7, 8, DW_CFA_restore | 6,
		  ADVANCE(1), DW_CFA_restore_state));
	expect(F - 1, none);
	expect(F, plain(7, 8));
	expect(F + 1, pushed);
	expect(F + 3, pushed);
	expect(F + 4, by_rbp);
	expect(F + 35, by_rbp);
	expect(F + 36, plain(7, 8));
	expect(F + 37, by_rbp);
	expect(F + 0x3f, by_rbp);
	expect(F + 0x40, none);
	expect(0, none);
	expect(UINT64_MAX, none);
	expect_only(RP_UNWIND_SAID, 0);
	assert_int_equal(built.stats.fdes[0], 1);
	assert_int_equal(built.stats.covered, 0x40);
	assert_int_equal(built.stats.text, UW_TEXT_SIZE);
	assert_int_equal(built.stats.rows, 6);
	done();
}

static void arm64_leaves_and_frames(void **state)
{
	struct rp_unwind_rule leaf = { .cfa = RP_UNWIND_CFA_REG, .reg = 31 }, framed = leaf;

	(void)state;
	framed.offset = 32;
	framed.ra = framed.fp = RP_UNWIND_SAVED;
	framed.ra_offset = -24;
	framed.fp_offset = -32;
	uw_begin(&im, EM_AARCH64);
	uw_cie(&im, "zRB", ARM64_CIE);
	uw_fde(&im, F, 0x40, CODE(DW_CFA_AARCH64_negate_ra_state, ADVANCE(1),
				  DW_CFA_def_cfa_offset, 32, OFFSET(29), 4, OFFSET(30), 3,
				  ADVANCE(8), DW_CFA_restore | 30, DW_CFA_restore | 29,
				  DW_CFA_def_cfa_offset, 0));
	uw_fde(&im, F + 0x40, 0x10, CODE(DW_CFA_register, 30, 9));
	assert_int_equal(compile(), 0);
	expect(F, leaf);
	expect(F + 3, leaf);
	expect(F + 4, framed);
	expect(F + 35, framed);
	expect(F + 36, leaf);
	expect(F + 0x40, unsaid);
	expect_only(RP_UNWIND_REASON_RA_REGISTER, 1);
	assert_int_equal(built.stats.unsaid, 0x10);
	assert_int_equal(built.listed[0].offset, F + 0x40);
	assert_int_equal(built.listed[0].address, UW_VADDR + F + 0x40);
	assert_int_equal(built.listed[0].size, 0x10);
	done();
}

/* Entries one a table of linkage, as lazily bound ones have it and as those of IBT do. */
static void procedure_linkage_tables(void **state)
{
	struct rp_unwind_rule plt = { .cfa = RP_UNWIND_CFA_PLT, .reg = 11, .offset = 8, .add = 8,
				      .ra = RP_UNWIND_SAVED, .ra_offset = -8 };
	unsigned int from;

	(void)state;
	for (from = 5; from < 16; from++) {
		with(CODE(DW_CFA_def_cfa_offset, 16, ADVANCE(6), DW_CFA_def_cfa_offset, 24,
			  ADVANCE(10), DW_CFA_def_cfa_expression, 11, DW_OP_breg7, 8,
			  DW_OP_breg16, 0, DW_OP_lit15, DW_OP_and, DW_OP_lit0 + from, DW_OP_ge,
			  DW_OP_lit3, DW_OP_shl, DW_OP_plus));
		plt.reg = from;
		expect(F, plain(7, 16));
		expect(F + 6, plain(7, 24));
		expect(F + 16, plt);
		expect(F + 0x3f, plt);
		done();
	}
	with(CODE(DW_CFA_def_cfa_expression, 11, DW_OP_breg7, 8, DW_OP_breg16, 1, DW_OP_lit15,
		  DW_OP_and, DW_OP_lit11, DW_OP_ge, DW_OP_lit3, DW_OP_shl, DW_OP_plus));
	expect(F, unsaid);
	expect_only(RP_UNWIND_REASON_CFA_EXPRESSION, 1);
	done();
}

/* gcc's functions that align their stack, and what assembly does to a similar end. */
static void frames_found_by_way_of_memory(void **state)
{
	struct rp_unwind_rule r = plain(10, 0);

	(void)state;
	with(CODE(ADVANCE(5), DW_CFA_def_cfa, 10, 0,
		  ADVANCE(5), DW_CFA_expression, 6, 2, DW_OP_breg6, 0,
		  ADVANCE(5), DW_CFA_def_cfa_expression, 3, DW_OP_breg6, 0x78, DW_OP_deref,
		  ADVANCE(5), DW_CFA_def_cfa_expression, 5, DW_OP_breg7, 40, DW_OP_deref,
		  DW_OP_plus_uconst, 8,
		  ADVANCE(5), OFFSET(6), 3,
		  ADVANCE(5), DW_CFA_def_cfa_expression, 4, DW_OP_breg7, 40, DW_OP_deref,
		  DW_OP_deref));
	expect(F + 5, r);
	r.fp = RP_UNWIND_ELSEWHERE;		/* from rbp, when rbp says nothing else */
	expect(F + 10, r);
	r = plain(6, -8);
	r.cfa = RP_UNWIND_CFA_DEREF;
	r.fp = RP_UNWIND_SAVED_REG;
	expect(F + 15, r);
	r.reg = 7;
	r.offset = 40;
	r.add = 8;
	r.fp = RP_UNWIND_ELSEWHERE;
	expect(F + 20, r);
	r.fp = RP_UNWIND_SAVED;
	r.fp_offset = -24;
	expect(F + 25, r);
	expect(F + 30, unsaid);
	assert_int_equal(count(RP_UNWIND_REASON_FP_EXPRESSION), 2);
	assert_int_equal(count(RP_UNWIND_REASON_CFA_EXPRESSION), 1);
	assert_int_equal(built.stats.unsaid, 0x40 - 30);
	assert_int_equal(built.stats.covered, 30);
	done();
}

/* An expression that comes to a distance from the CFA is one. */
static void registers_saved_by_expressions(void **state)
{
	struct rp_unwind_rule r = plain(7, 64);

	(void)state;
	r.fp = RP_UNWIND_SAVED;
	r.fp_offset = -48;
	r.ra_offset = -16;
	with(CODE(DW_CFA_def_cfa_offset, 64,
		  DW_CFA_expression, 6, 2, DW_OP_breg7, 16,
		  DW_CFA_expression, 16, 3, DW_OP_const1s, 0xf0, DW_OP_plus,
		  ADVANCE(8), DW_CFA_val_expression, 6, 2, DW_OP_breg7, 16,
		  ADVANCE(8), DW_CFA_expression, 16, 2, DW_OP_breg3, 0,
		  ADVANCE(8), DW_CFA_val_expression, 16, 2, DW_OP_breg3, 0));
	expect(F, r);
	r.fp = RP_UNWIND_ELSEWHERE;
	r.fp_offset = 0;
	expect(F + 8, r);
	expect(F + 16, unsaid);
	expect(F + 24, unsaid);
	assert_int_equal(count(RP_UNWIND_REASON_FP_EXPRESSION), 1);
	assert_int_equal(count(RP_UNWIND_REASON_RA_EXPRESSION), 1);	/* one range */
	assert_int_equal(built.stats.reasons[RP_UNWIND_REASON_RA_EXPRESSION].bytes, 0x40 - 16);
	done();
}

static void each_instruction_there_is(void **state)
{
	struct rp_unwind_rule r = plain(7, 8);

	(void)state;
	with(CODE(DW_CFA_nop, DW_CFA_GNU_args_size, 0x80, 1, OFFSET(3), 5,
		  DW_CFA_advance_loc1, 1, DW_CFA_def_cfa_sf, 7, 0x7e,	/* -2 * -8 */
		  DW_CFA_advance_loc2, 1, 0, DW_CFA_def_cfa_offset_sf, 0x7d,
		  DW_CFA_advance_loc4, 1, 0, 0, 0, DW_CFA_offset_extended, 6, 2,
		  ADVANCE(1), DW_CFA_offset_extended_sf, 6, 0x7d,
		  ADVANCE(1), 0x2f, 6, 4,				/* GNU: -4 * -8 */
		  ADVANCE(1), DW_CFA_restore_extended, 6,
		  ADVANCE(1), DW_CFA_val_offset, 6, 1,
		  ADVANCE(1), DW_CFA_val_offset_sf, 6, 1,
		  ADVANCE(1), DW_CFA_undefined, 6,
		  ADVANCE(1), DW_CFA_same_value, 6,
		  ADVANCE(1), DW_CFA_register, 6, 3,
		  ADVANCE(1), DW_CFA_register, 6, 6,
		  ADVANCE(1), DW_CFA_val_offset, 7, 0,
		  ADVANCE(1), DW_CFA_val_offset, 7, 1,
		  ADVANCE(1), DW_CFA_same_value, 7));
	expect(F, r);
	r.offset = 16;
	expect(F + 1, r);
	r.offset = 24;
	expect(F + 2, r);
	r.fp = RP_UNWIND_SAVED;
	r.fp_offset = -16;
	expect(F + 3, r);
	r.fp_offset = 24;
	expect(F + 4, r);
	r.fp_offset = 32;
	expect(F + 5, r);
	r.fp_offset = 0;
	r.fp = RP_UNWIND_SAME;
	expect(F + 6, r);
	r.fp = RP_UNWIND_ELSEWHERE;
	expect(F + 7, r);
	expect(F + 8, r);
	r.fp = RP_UNWIND_LOST;
	expect(F + 9, r);
	r.fp = RP_UNWIND_SAME;
	expect(F + 10, r);
	r.fp = RP_UNWIND_ELSEWHERE;
	expect(F + 11, r);
	r.fp = RP_UNWIND_SAME;
	expect(F + 12, r);
	expect(F + 13, r);
	expect(F + 14, unsaid);
	expect(F + 15, unsaid);
	assert_int_equal(count(RP_UNWIND_REASON_SP_RULE), 1);
	assert_int_equal(count(RP_UNWIND_REASON_FP_REGISTER), 1);
	assert_int_equal(count(RP_UNWIND_REASON_FP_EXPRESSION), 1);
	done();
}

static void set_loc_is_an_address(void **state)
{
	(void)state;
	uw_begin(&im, EM_X86_64);
	im.encoding = DW_EH_PE_udata4;
	uw_cie(&im, "zR", X86_64_CIE);
	uw_fde(&im, F, 0x40, CODE(DW_CFA_set_loc, 0x10, 0x05, 1, 0, DW_CFA_def_cfa_offset, 32,
				  DW_CFA_set_loc, 0x0f, 0x05, 1, 0));
	assert_int_equal(compile(), 0);
	expect(F + 0xf, plain(7, 8));
	expect(F + 0x10, unsaid);	/* and back again, which cannot be */
	expect_only(RP_UNWIND_REASON_INSTRUCTION, 1);
	done();
}

static void where_no_rule_reaches(void **state)
{
	static const struct {
		enum rp_unwind_reason reason;
		uint8_t code[16];
	} cases[] = {
		{ RP_UNWIND_REASON_CFA_REGISTER, { DW_CFA_def_cfa, 17, 8 } },
		{ RP_UNWIND_REASON_CFA_REGISTER, { DW_CFA_def_cfa, 0x80, 2, 8 } },
		{ RP_UNWIND_REASON_OFFSET,
		  { DW_CFA_def_cfa, 7, 0x80, 0x80, 0x80, 0x80, 0x10 } },
		{ RP_UNWIND_REASON_RA_REGISTER, { DW_CFA_register, 16, 2 } },
		{ RP_UNWIND_REASON_RA_UNKNOWN, { DW_CFA_same_value, 16 } },
		{ RP_UNWIND_REASON_INSTRUCTION, { 0x3f } },
		{ RP_UNWIND_REASON_INSTRUCTION, { DW_CFA_AARCH64_negate_ra_state } },
		{ RP_UNWIND_REASON_INSTRUCTION, { DW_CFA_expression, 6, 100, DW_OP_breg7 } },
		{ RP_UNWIND_REASON_STATES, { DW_CFA_restore_state } },
		{ RP_UNWIND_REASON_CFA_EXPRESSION, { DW_CFA_def_cfa_expression, 0 } },
		{ RP_UNWIND_REASON_CFA_EXPRESSION,
		  { DW_CFA_def_cfa_expression, 2, DW_OP_breg7, 0x80 } },
		{ RP_UNWIND_REASON_CFA_EXPRESSION, { DW_CFA_def_cfa_expression, 1, DW_OP_lit8 } },
		{ RP_UNWIND_REASON_INSTRUCTION,	/* a part of what is no sum */
		  { DW_CFA_def_cfa_expression, 2, DW_OP_breg7, 0, DW_CFA_def_cfa_offset, 8 } },
	};
	uint8_t many[RP_UNWIND_REASONS_NR + 40];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		with(cases[i].code, sizeof(cases[i].code));
		expect(F, unsaid);
		expect(F + 0x3f, unsaid);
		expect(F + 0x40, none);
		expect_only(cases[i].reason, 1);
		assert_int_equal(built.stats.unsaid, 0x40);
		done();
	}
	memset(many, DW_CFA_remember_state, sizeof(many));
	with(many, sizeof(many));
	expect_only(RP_UNWIND_REASON_STATES, 1);
	done();
	/* What follows the last byte of a function's code is nobody's. */
	with(CODE(DW_CFA_advance_loc1, 0x80, 0x3f));
	expect(F + 0x3f, plain(7, 8));
	expect_only(RP_UNWIND_SAID, 0);
	done();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_function_with_a_frame_pointer),
		cmocka_unit_test(arm64_leaves_and_frames),
		cmocka_unit_test(procedure_linkage_tables),
		cmocka_unit_test(frames_found_by_way_of_memory),
		cmocka_unit_test(registers_saved_by_expressions),
		cmocka_unit_test(each_instruction_there_is),
		cmocka_unit_test(set_loc_is_an_address),
		cmocka_unit_test(where_no_rule_reaches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
