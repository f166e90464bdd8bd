// SPDX-License-Identifier: GPL-2.0
/* Unwind tables: linkers' stubs without a description, known by their section and code. */
#include "unwind_fixture.h"

static const struct rp_unwind_rule leaf = { .cfa = RP_UNWIND_CFA_REG, .reg = 31 };

/* CFA = rsp + 8, and 8 more from the last instructions of each 16 bytes on */
static struct rp_unwind_rule lazy(unsigned int from)
{
	return (struct rp_unwind_rule){ .cfa = RP_UNWIND_CFA_PLT, .reg = from, .offset = 8,
					.add = 8, .ra = RP_UNWIND_SAVED, .ra_offset = -8 };
}

/* A section of stubs at F, 0x40 bytes, that begins with these; and a function before it. */
static void with_stubs(uint16_t machine, const void *code, size_t size)
{
	begin(machine);
	uw_fde(&im, F - 0x20, 0x20, NO_CODE);
	memcpy(im.bytes + F, code, size);
	im.plt.offset = F;
	im.plt.size = 0x40;
	assert_int_equal(compile(), 0);
	expect(F + 0x40, none);
}

/* A head that pushes a word; stubs that jump, push, jump. */
#define HEAD 0xff, 0x35, 1, 2, 3, 4, 0xff, 0x25, 5, 6, 7, 8, 0x0f, 0x1f, 0x40, 0
#define LAZY 0xff, 0x25, 1, 2, 3, 4, 0x68, 1, 0, 0, 0, 0xe9, 1, 2, 3, 4

static void x86_64_with_a_head(void **state)
{
	(void)state;
	with_stubs(EM_X86_64, CODE(HEAD, LAZY));
	expect(F - 1, plain(7, 8));
	expect(F, plain(7, 16));
	expect(F + 5, plain(7, 16));
	expect(F + 6, plain(7, 24));
	expect(F + 0xf, plain(7, 24));
	expect(F + 0x10, lazy(11));
	expect(F + 0x3f, lazy(11));
	assert_int_equal(built.stats.stubs, 0x40);
	assert_int_equal(built.stats.covered, 0x60);
	done();
}

static void x86_64_without_a_head(void **state)
{
	static const uint8_t marked[] = { 0xf3, 0x0f, 0x1e, 0xfa, 0x68, 0, 0, 0, 0, 0xe9 };
	static const uint8_t marked_jump[] = { 0xf3, 0x0f, 0x1e, 0xfa, 0xff, 0x25 };
	static const uint8_t bound_jump[] = { 0xf3, 0x0f, 0x1e, 0xfa, 0xf2, 0xff, 0x25 };

	(void)state;
	with_stubs(EM_X86_64, CODE(LAZY));
	expect(F, lazy(11));
	done();
	with_stubs(EM_X86_64, marked, sizeof(marked));
	expect(F, lazy(9));
	done();
	with_stubs(EM_X86_64, CODE(0x68, 0, 0, 0, 0, 0xe9));
	expect(F, lazy(5));
	done();
	with_stubs(EM_X86_64, CODE(0xff, 0x25, 1, 2, 3, 4, 0x66, 0x90));
	expect(F, plain(7, 8));
	done();
	with_stubs(EM_X86_64, marked_jump, sizeof(marked_jump));
	expect(F, plain(7, 8));
	done();
	with_stubs(EM_X86_64, bound_jump, sizeof(bound_jump));
	expect(F + 0x3f, plain(7, 8));
	done();
}

#define ARM64_PUSH 0xf0, 0x7b, 0xbf, 0xa9	/* stp x16, x30, [sp, #-16]! */
#define ARM64_PAGE 0x90, 0x28, 0x00, 0xb0	/* adrp x16, ... */
#define ARM64_BTI 0x5f, 0x24, 0x03, 0xd5

static void arm64(void **state)
{
	struct rp_unwind_rule pushed = leaf;

	(void)state;
	pushed.offset = 16;
	pushed.ra = RP_UNWIND_SAVED;
	pushed.ra_offset = -8;
	with_stubs(EM_AARCH64, CODE(ARM64_PUSH, ARM64_PAGE));
	expect(F, leaf);
	expect(F + 3, leaf);
	expect(F + 4, pushed);
	expect(F + 0x1f, pushed);
	expect(F + 0x20, leaf);
	expect(F + 0x3f, leaf);
	assert_int_equal(built.stats.stubs, 0x40);
	done();
	with_stubs(EM_AARCH64, CODE(ARM64_BTI, ARM64_PUSH, ARM64_PAGE));
	expect(F + 7, leaf);
	expect(F + 8, pushed);
	expect(F + 0x20, leaf);
	done();
	with_stubs(EM_AARCH64, CODE(ARM64_PAGE));
	expect(F, leaf);
	expect(F + 0x3f, leaf);
	done();
}

/* No rule is better than a wrong one. */
static void what_is_none(void **state)
{
	(void)state;
	with_stubs(EM_X86_64, CODE(0x55, 0x48, 0x89, 0xe5));
	expect(F, none);
	assert_int_equal(built.stats.stubs, 0);
	done();
	with_stubs(EM_X86_64, CODE(HEAD, 0x55));
	expect(F, none);
	done();
	with_stubs(EM_AARCH64, CODE(ARM64_BTI, 0xff, 0x43, 0x00, 0xd1));
	expect(F, none);
	done();

	/* Of which each has 16 bytes, but not from a place where the rule counts from. */
	begin(EM_X86_64);
	memcpy(im.bytes + F + 8, CODE(LAZY));
	uw_fde(&im, F - 0x20, 0x20, NO_CODE);
	im.plt.offset = F + 8;
	im.plt.size = 0x20;
	assert_int_equal(compile(), 0);
	expect(F + 8, none);
	done();
}

static void where_a_section_may_lie(void **state)
{
	(void)state;
	/* A description, whatever it says, knows better. */
	begin(EM_X86_64);
	memcpy(im.bytes + F, CODE(HEAD, LAZY));
	uw_fde(&im, F, 0x40, NO_CODE);
	im.plt.offset = F;
	im.plt.size = 0x40;
	assert_int_equal(compile(), 0);
	expect(F, plain(7, 8));
	expect(F + 0x3f, plain(7, 8));
	assert_int_equal(built.stats.stubs, 0);
	done();

	/* Cut off by the end of the code, and in none. */
	im.size = im.frames_end;
	im.plt.size = UINT64_MAX;
	assert_int_equal(compile(), 0);
	expect(F, plain(7, 8));
	done();
	im.size = im.frames_end;
	im.plt.offset = UINT64_MAX - UW_VADDR;
	assert_int_equal(compile(), 0);
	done();

	/* Smaller than a head, at the very end of the file's code. */
	begin(EM_AARCH64);
	uw_fde(&im, F, 0x10, NO_CODE);
	memcpy(im.bytes + F + 0x20, CODE(ARM64_PUSH));
	im.plt.offset = F + 0x20;
	im.plt.size = 4;
	assert_int_equal(compile(), 0);
	expect(F + 0x23, leaf);
	expect(F + 0x24, none);
	assert_int_equal(built.stats.stubs, 4);
	done();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(x86_64_with_a_head),
		cmocka_unit_test(x86_64_without_a_head),
		cmocka_unit_test(arm64),
		cmocka_unit_test(what_is_none),
		cmocka_unit_test(where_a_section_may_lie),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
