// SPDX-License-Identifier: GPL-2.0
/* Unwind tables: code that is known by what it is, described or not. */
#include "unwind_fixture.h"

/* As glibc has it: described, and from a byte before the code on. */
static void signals_with_a_description(void **state)
{
	(void)state;
	begin(EM_X86_64);
	uw_fde(&im, F - 0x40, 0x30, NO_CODE);
	uw_cie(&im, "zRS", X86_64_CIE);
	place_return(F + 1, return_x86_64, sizeof(return_x86_64));
	uw_fde(&im, F, 10, CODE(DW_CFA_def_cfa_expression, 4, DW_OP_breg7, 0xa0, 1, DW_OP_deref));
	uw_fde(&im, F + 0x40, 10, NO_CODE);	/* it says so, but it is not */
	assert_int_equal(compile(), 0);
	expect(F - 0x11, plain(7, 8));
	expect(F - 0x10, none);
	expect(F - 1, none);
	expect(F, signalled);
	expect(F + 9, signalled);
	expect(F + 10, none);
	expect(F + 0x40, unsaid);
	expect_only(RP_UNWIND_REASON_SIGNAL, 1);
	done();
}

/* A description that begins with the code, of which the byte before is another's. */
static void signals_begin_a_byte_early(void **state)
{
	(void)state;
	begin(EM_X86_64);
	uw_fde(&im, F - 0x20, 0x20, NO_CODE);
	place_return(F, return_narrow, sizeof(return_narrow));
	uw_fde(&im, F, sizeof(return_narrow), NO_CODE);	/* Go's says no more than that */
	assert_int_equal(compile(), 0);
	expect(F - 2, plain(7, 8));
	expect(F - 1, signalled);
	expect(F + sizeof(return_narrow) - 1, signalled);
	expect(F + sizeof(return_narrow), none);
	assert_int_equal(built.stats.covered, 0x20 + sizeof(return_narrow));
	done();
}

static void a_function_that_calls_it_is_no_signal(void **state)
{
	(void)state;
	begin(EM_X86_64);
	place_return(F + 8, return_x86_64, sizeof(return_x86_64));
	uw_fde(&im, F, 0x40, NO_CODE);
	assert_int_equal(compile(), 0);
	expect(F + 8, plain(7, 8));
	expect(F + 17, plain(7, 8));
	done();
}

/* musl's, and those that lie at the very end and the very beginning of what is between. */
static void signals_without_a_description(void **state)
{
	(void)state;
	begin(EM_X86_64);
	uw_fde(&im, F, 0x10, NO_CODE);
	place_return(F + 0x10, return_x86_64, sizeof(return_x86_64));
	place_return(F + 0x20, return_x86_64, sizeof(return_x86_64));
	place_return(F + 0x80 - sizeof(return_x86_64), return_x86_64, sizeof(return_x86_64));
	uw_fde(&im, F + 0x80, 0x10, NO_CODE);
	place_return(UW_FRAMES - sizeof(return_x86_64), return_x86_64, sizeof(return_x86_64));
	assert_int_equal(compile(), 0);
	expect(F + 0xe, plain(7, 8));
	expect(F + 0xf, signalled);
	expect(F + 0x18, signalled);
	expect(F + 0x19, none);
	expect(F + 0x1e, none);
	expect(F + 0x1f, signalled);
	expect(F + 0x28, signalled);
	expect(F + 0x29, none);
	expect(F + 0x75, none);
	expect(F + 0x76, signalled);
	expect(F + 0x7f, signalled);
	expect(F + 0x80, plain(7, 8));
	expect(UW_FRAMES - 10, signalled);
	expect(UW_FRAMES - 1, signalled);
	expect(UW_FRAMES, none);
	assert_int_equal(built.stats.signals, 4);
	done();

	/* No description at all, arm64, and both ways to load the number. */
	uw_begin(&im, EM_AARCH64);
	place_return(F, return_arm64, sizeof(return_arm64));
	place_return(F + 0x21, return_arm64, sizeof(return_arm64));	/* no place for code */
	place_return(F + 0x40, return_arm64, sizeof(return_arm64));
	im.bytes[F + 0x43] = 0x52;
	assert_int_equal(compile(), 0);
	expect(F - 2, none);
	expect(F - 1, signalled);
	expect(F + 7, signalled);
	expect(F + 8, none);
	expect(F + 0x21, none);
	expect(F + 0x40, signalled);
	assert_int_equal(built.stats.signals, 2);
	done();
}

static void the_entry_point_is_a_root(void **state)
{
	(void)state;
	/* As long as its symbol says, or else up to the next description. */
	begin(EM_X86_64);
	im.entry = F;
	im.symbol.offset = F;
	im.symbol.size = 0x10;
	uw_fde(&im, F + 0x40, 0x10, NO_CODE);
	assert_int_equal(compile(), 0);
	expect(F - 1, none);
	expect(F, root);
	expect(F + 0xf, root);
	expect(F + 0x10, none);
	assert_int_equal(built.stats.roots, 1);
	done();

	im.size = im.frames_end;
	im.symbol.offset = 0;
	assert_int_equal(compile(), 0);
	expect(F + 0x3f, root);
	expect(F + 0x40, plain(7, 8));
	done();

	im.size = im.frames_end;
	im.symbol.offset = F + 0x20;	/* another function, without one */
	assert_int_equal(compile(), 0);
	expect(F + 0x1f, root);
	expect(F + 0x20, none);
	done();

	/* With nothing before very long, it is not all of what follows. */
	im.size = im.frames_end;
	im.entry = F + 0x400;
	im.symbol.offset = 0;
	assert_int_equal(compile(), 0);
	expect(F + 0x47f, root);
	expect(F + 0x480, none);
	done();
	im.size = im.frames_end;
	im.symbol.offset = F + 0x400;
	im.symbol.size = 0x200;
	assert_int_equal(compile(), 0);
	expect(F + 0x5ff, root);
	expect(F + 0x600, none);
	done();
	im.entry = F;

	/* With a signal's return before anything else. */
	im.size = im.frames_end;
	im.symbol.offset = 0;
	place_return(F + 0x20, return_x86_64, sizeof(return_x86_64));
	assert_int_equal(compile(), 0);
	expect(F + 0x1e, root);
	expect(F + 0x1f, signalled);
	expect(F + 0x28, signalled);
	expect(F + 0x29, none);
	done();

	/* A description, whatever it says, knows better. */
	begin(EM_X86_64);
	im.entry = F;
	uw_fde(&im, F, 0x20, NO_CODE);
	uw_fde(&im, F + 0x20, 0x20, CODE(DW_CFA_undefined, 16));
	assert_int_equal(compile(), 0);
	expect(F, plain(7, 8));
	expect(F + 0x20, root);
	assert_int_equal(built.stats.roots, 0);
	done();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signals_with_a_description),
		cmocka_unit_test(signals_begin_a_byte_early),
		cmocka_unit_test(a_function_that_calls_it_is_no_signal),
		cmocka_unit_test(signals_without_a_description),
		cmocka_unit_test(the_entry_point_is_a_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
