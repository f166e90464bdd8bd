// SPDX-License-Identifier: GPL-2.0
/* Unwind tables: how files keep descriptions, and damage to them. */
#include "unwind_fixture.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

/* ---- entries ------------------------------------------------------------------------ */

static void each_encoding_of_addresses(void **state)
{
	static const struct {
		uint8_t encoding;
		enum rp_unwind_reason reason;
	} cases[] = {
		{ DW_EH_PE_absptr, 0 }, { DW_EH_PE_aligned, 0 },
		{ DW_EH_PE_uleb128, 0 }, { DW_EH_PE_sleb128, 0 },
		{ DW_EH_PE_udata4, 0 }, { DW_EH_PE_udata8, 0 },
		{ DW_EH_PE_sdata4, 0 }, { DW_EH_PE_sdata8, 0 },
		{ DW_EH_PE_pcrel, 0 }, { DW_EH_PE_pcrel | DW_EH_PE_sleb128, 0 },
		{ DW_EH_PE_pcrel | DW_EH_PE_sdata2, 0 },
		{ DW_EH_PE_pcrel | DW_EH_PE_sdata4, 0 }, { DW_EH_PE_pcrel | DW_EH_PE_sdata8, 0 },
		{ DW_EH_PE_pcrel | DW_EH_PE_udata8, 0 },
		{ DW_EH_PE_textrel | DW_EH_PE_sdata4, RP_UNWIND_REASON_ENCODING },
		{ DW_EH_PE_datarel | DW_EH_PE_sdata4, RP_UNWIND_REASON_ENCODING },
		{ DW_EH_PE_funcrel | DW_EH_PE_sdata4, RP_UNWIND_REASON_ENCODING },
		{ DW_EH_PE_indirect | DW_EH_PE_pcrel | DW_EH_PE_sdata4,
		  RP_UNWIND_REASON_ENCODING },
		{ DW_EH_PE_omit, RP_UNWIND_REASON_ENCODING },
		{ 5, RP_UNWIND_REASON_ENCODING },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uw_begin(&im, EM_X86_64);
		uw_cie(&im, "zR", X86_64_CIE);	/* this one is read in any case */
		uw_fde(&im, F + 0x80, 0x10, NO_CODE);
		im.encoding = cases[i].encoding;
		uw_cie(&im, "zPLR", X86_64_CIE);
		if (cases[i].reason)
			uw_fde(&im, F, 0x40, CODE(0, 0, 0, 0, 0, 0, 0, 0));
		else
			uw_fde(&im, F, 0x40, CODE(DW_CFA_def_cfa_offset, 32));
		assert_int_equal(compile(), 0);
		expect(F + 0x80, plain(7, 8));
		expect(F, cases[i].reason ? none : plain(7, 32));
		expect(F + 0x3f, cases[i].reason ? none : plain(7, 32));
		expect_only(cases[i].reason, cases[i].reason ? 1 : 0);
		done();
	}
}

static void order_and_overlap(void **state)
{
	(void)state;
	begin(EM_X86_64);
	uw_fde(&im, F + 0x80, 0x40, CODE(DW_CFA_def_cfa_offset, 32));	/* not in order */
	uw_fde(&im, F, 0x40, CODE(ADVANCE(0x20), DW_CFA_def_cfa_offset, 48));
	uw_put(&im, 0, 4);		/* the end of what one object brought */
	uw_put(&im, 0, 4);
	uw_fde(&im, F + 0x40, 0x10, CODE(DW_CFA_def_cfa_offset, 48));	/* next to it */
	uw_fde(&im, F + 0x30, 0x38, CODE(DW_CFA_def_cfa_offset, 64));	/* across both */
	uw_fde(&im, F + 0x88, 0x10, CODE(DW_CFA_def_cfa_offset, 64));	/* within one */
	uw_fde(&im, F + 0xf0, 0, NO_CODE);
	uw_fde(&im, UW_MAX * 4, 0x10, NO_CODE);
	assert_int_equal(compile(), 0);
	expect(F + 0x1f, plain(7, 8));
	expect(F + 0x20, plain(7, 48));
	expect(F + 0x3f, plain(7, 48));
	expect(F + 0x40, plain(7, 64));		/* began earlier */
	expect(F + 0x67, plain(7, 64));
	expect(F + 0x68, none);
	expect(F + 0x80, plain(7, 32));
	expect(F + 0x97, plain(7, 32));
	expect(F + 0xbf, plain(7, 32));
	expect(F + 0xf0, none);
	assert_int_equal(count(RP_UNWIND_REASON_OVERLAP), 3);
	assert_int_equal(count(RP_UNWIND_REASON_EMPTY), 1);
	assert_int_equal(count(RP_UNWIND_REASON_OUTSIDE), 1);
	/* Equal rows one after the other are one. */
	assert_int_equal(built.stats.rows, 6);
	done();
}

static void a_function_that_is_longer_than_the_code(void **state)
{
	(void)state;
	begin(EM_X86_64);
	uw_fde(&im, F, 0x70000000, CODE(ADVANCE(4), DW_CFA_def_cfa_offset, 16));
	assert_int_equal(compile(), 0);
	expect(F + 4, plain(7, 16));
	expect(im.size - 1, plain(7, 16));
	expect(im.size, none);
	expect_only(RP_UNWIND_REASON_OUTSIDE, 1);
	done();
}

static void common_parts_that_are_none(void **state)
{
	size_t at;

	(void)state;
	uw_begin(&im, EM_X86_64);
	uw_cie(&im, "zRX", X86_64_CIE);
	uw_fde(&im, F, 0x10, NO_CODE);
	uw_cie(&im, "R", X86_64_CIE);
	uw_fde(&im, F, 0x10, NO_CODE);
	at = im.size;
	uw_cie(&im, "zR", X86_64_CIE);
	im.bytes[at + 8] = 2;		/* a version that never was */
	uw_fde(&im, F, 0x10, NO_CODE);
	im.cie = im.size + 0x1000;	/* one behind the end, */
	uw_fde(&im, F, 0x10, NO_CODE);
	im.cie = UW_FRAMES + 2;		/* and one in the midst of something */
	uw_fde(&im, F, 0x10, NO_CODE);
	im.encoding = DW_EH_PE_absptr;
	uw_cie(&im, "", X86_64_CIE);	/* that is one, but of another return address */
	im.bytes[im.cie + 12] = 3;
	uw_fde(&im, F, 0x10, CODE(0, 0, 0, 0, 0, 0, 0, 0));
	assert_int_equal(compile(), 0);
	expect(F, unsaid);
	assert_int_equal(count(RP_UNWIND_REASON_AUGMENTATION), 2);
	assert_int_equal(count(RP_UNWIND_REASON_CIE), 3);
	assert_int_equal(count(RP_UNWIND_REASON_RA_REGISTER), 1);
	done();
}

static void a_damaged_length_ends_it(void **state)
{
	(void)state;
	begin(EM_X86_64);
	uw_fde(&im, F, 0x10, NO_CODE);
	uw_patch(&im, im.size, 0x7fffffff, 4);
	im.size += 4;
	uw_fde(&im, F + 0x40, 0x10, NO_CODE);
	assert_int_equal(compile(), 0);
	expect(F, plain(7, 8));
	expect(F + 0x40, none);
	expect_only(RP_UNWIND_REASON_ENTRY, 1);
	done();
}

/* Another CIE for each instruction: rules run out of numbers, not the compiler of memory. */
static void work_is_bounded(void **state)
{
	size_t i;

	(void)state;
	begin(EM_X86_64);
	/* Two CIEs of one slot in turn, each of 32 KiB of instructions. */
	memset(im.bytes + im.size, 0, 0x4000);
	uw_begin(&im, EM_X86_64);
	for (i = 0; i < 2; i++) {
		size_t at = im.size;

		uw_cie(&im, "zR", X86_64_CIE);
		im.size = at + 0x5000;
		uw_patch(&im, at, 0x5000 - 4, 4);
	}
	for (i = 0; i < 400; i++) {
		im.cie = UW_FRAMES + 0x5000 * (i % 2);
		uw_fde(&im, UW_TEXT + 8 * i, 8, NO_CODE);
	}
	assert_int_equal(compile(), 0);
	expect(UW_TEXT, plain(7, 8));
	expect(UW_TEXT + 8 * 399, unsaid);
	expect_only(RP_UNWIND_REASON_WORK, 1);
	done();
}

/* ---- sections ------------------------------------------------------------------------- */

static void found_by_the_index_alone(void **state)
{
	(void)state;
	begin(EM_X86_64);
	im.no_sections = true;
	uw_fde(&im, F, 0x10, NO_CODE);
	assert_int_equal(compile(), 0);
	expect(F, plain(7, 8));
	expect(F + 0x10, none);
	expect_only(RP_UNWIND_SAID, 0);
	done();
}

static void debug_frame(void **state)
{
	static uint8_t stream[UW_MAX];
	uLongf size = sizeof(stream);
	Elf64_Chdr head = { .ch_type = ELFCOMPRESS_ZLIB, .ch_addralign = 1 };

	(void)state;
	uw_begin(&im, EM_X86_64);
	im.debug = true;
	uw_cie(&im, "", X86_64_CIE);
	uw_fde(&im, F, 0x40, CODE(ADVANCE(4), DW_CFA_def_cfa_offset, 16));
	assert_int_equal(compile(), 0);
	expect(F, plain(7, 8));
	expect(F + 4, plain(7, 16));
	assert_int_equal(built.stats.fdes[1], 1);
	done();

	im.size = im.frames_end;
	head.ch_size = im.size - UW_FRAMES;
	assert_int_equal(compress(stream, &size, im.bytes + UW_FRAMES, head.ch_size), Z_OK);
	im.size = UW_FRAMES;
	uw_bytes(&im, &head, sizeof(head));
	uw_bytes(&im, stream, size);
	im.compressed = true;
	im.frames_end = 0;
	assert_int_equal(compile(), 0);
	expect(F + 3, plain(7, 8));
	expect(F + 4, plain(7, 16));
	done();

	im.bytes[UW_FRAMES + sizeof(head) + 4] ^= 0xff;
	assert_int_equal(compile_size(im.size), -ENODATA);
}

static void a_table_of_many_blocks(void **state)
{
	uint64_t at;

	(void)state;
	begin(EM_X86_64);
	uw_fde(&im, F, 0xa00, CODE(ADVANCE(4), DW_CFA_def_cfa_offset, 16, DW_CFA_advance_loc2,
				   0, 8, DW_CFA_def_cfa_offset, 24));
	assert_int_equal(compile(), 0);
	assert_int_equal(built.stats.rows, 4);
	for (at = F; at < F + 0xa00; at++)
		expect(at, plain(7, at < F + 4 ? 8 : at < F + 0x804 ? 16 : 24));
	expect(F - 1, none);
	expect(F + 0xa00, none);
	done();
}

static void files_that_have_no_table(void **state)
{
	char why[256];
	int fd[2];

	(void)state;
	uw_begin(&im, EM_X86_64);
	assert_int_equal(compile(), -ENODATA);
	begin(EM_386);
	uw_fde(&im, F, 0x10, NO_CODE);
	assert_int_equal(compile(), -ENOTSUP);
	im.bytes[EI_DATA] = ELFDATA2MSB;
	assert_int_not_equal(compile_size(im.size), 0);
	begin(EM_X86_64);
	uw_fde(&im, F, 0x10, NO_CODE);
	uw_end(&im);
	uw_patch(&im, 16, ET_REL, 2);
	assert_int_equal(compile_size(im.size), -ENOEXEC);
	assert_int_equal(compile_size(10), -ENOEXEC);
	assert_int_equal(pipe(fd), 0);
	assert_int_equal(rp_unwind_compile_fd(fd[0], "pipe", 0, &built, why, sizeof(why)),
			 -ENOTSUP);
	assert_string_equal(why, "pipe: is not a regular file");
	close(fd[0]);
	close(fd[1]);
}

static void from_a_file_as_from_memory(void **state)
{
	struct rp_unwind_built other;
	int fd = memfd_create("image", MFD_CLOEXEC);

	(void)state;
	begin(EM_X86_64);
	uw_fde(&im, F, 0x10, CODE(0x3f));
	assert_int_equal(compile(), 0);
	assert_int_equal(write(fd, im.bytes, im.size), im.size);
	assert_int_equal(rp_unwind_compile_fd(fd, "file", 0, &other, NULL, 0), 0);
	assert_int_equal(other.size, built.size);
	assert_memory_equal(other.table, built.table, built.size);
	assert_int_equal(built.nr_listed, 1);
	assert_int_equal(other.nr_listed, 0);	/* as it was asked for */
	assert_int_equal(other.stats.reasons[RP_UNWIND_REASON_INSTRUCTION].count, 1);
	rp_unwind_built_free(&other);
	done();
	close(fd);
}

/* A sparse file that claims a terabyte of code costs no more than a large one. */
static void a_terabyte_of_nothing(void **state)
{
	const uint64_t size = 1ull << 40;
	FILE *file = tmpfile();
	int fd;

	(void)state;
	assert_non_null(file);
	fd = fileno(file);
	begin(EM_X86_64);
	uw_fde(&im, F, 0x10, NO_CODE);
	uw_end(&im);
	memcpy(im.bytes + sizeof(Elf64_Ehdr) + offsetof(Elf64_Phdr, p_filesz), &size,
	       sizeof(size));
	assert_int_equal(write(fd, im.bytes, im.size), im.size);
	if (ftruncate(fd, (off_t)size) != 0)
		skip();		/* of a file system that has no such files */
	assert_int_equal(rp_unwind_compile_fd(fd, "file", 0, &built, NULL, 0), 0);
	expect(F, plain(7, 8));
	expect(F + 0x10, none);
	assert_true(built.size < 10000);
	done();
	fclose(file);
}

static void build_typical(void)
{
	begin(EM_X86_64);
	place_return(F + 0x80, return_x86_64, sizeof(return_x86_64));
	im.entry = F + 0x100;
	uw_fde(&im, F, 0x40, CODE(ADVANCE(1), DW_CFA_def_cfa_offset, 16, OFFSET(6), 2,
				  ADVANCE(3), DW_CFA_def_cfa_register, 6, DW_CFA_remember_state,
				  ADVANCE(8), DW_CFA_restore_state, DW_CFA_expression, 6, 2,
				  DW_OP_breg6, 0));
	uw_cie(&im, "zPLR", X86_64_CIE);
	uw_fde(&im, F + 0x40, 0x20, CODE(DW_CFA_def_cfa_expression, 3, DW_OP_breg6, 0x78,
					 DW_OP_deref));
	uw_end(&im);
}

static void survives_any_byte_changed(void **state)
{
	static const uint8_t values[] = { 0, 1, 0x7f, 0x80, 0xff };
	size_t at, i;
	uint8_t was;

	(void)state;
	build_typical();
	for (at = 0; at < im.size; at++) {
		if (at == UW_TEXT)
			at = UW_FRAMES;
		was = im.bytes[at];
		for (i = 0; i < sizeof(values); i++) {
			im.bytes[at] = values[i];
			if (!compile_size(im.size))
				done();
		}
		im.bytes[at] = was;
	}
}

static void survives_truncation(void **state)
{
	size_t size;

	(void)state;
	build_typical();
	for (size = 0; size < im.size; size += size < UW_TEXT || size >= UW_FRAMES ? 1 : 64)
		if (!compile_size(size))
			done();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_encoding_of_addresses),
		cmocka_unit_test(order_and_overlap),
		cmocka_unit_test(a_function_that_is_longer_than_the_code),
		cmocka_unit_test(common_parts_that_are_none),
		cmocka_unit_test(a_damaged_length_ends_it),
		cmocka_unit_test(work_is_bounded),
		cmocka_unit_test(found_by_the_index_alone),
		cmocka_unit_test(debug_frame),
		cmocka_unit_test(a_table_of_many_blocks),
		cmocka_unit_test(files_that_have_no_table),
		cmocka_unit_test(from_a_file_as_from_memory),
		cmocka_unit_test(a_terabyte_of_nothing),
		cmocka_unit_test(survives_any_byte_changed),
		cmocka_unit_test(survives_truncation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
