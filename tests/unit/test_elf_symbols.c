// SPDX-License-Identifier: GPL-2.0
/* ELF symbols: rules on hand-written files of each class and byte order, and bad files. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "elf_symbols_fixture.h"

static const struct image_symbol symbols[] = {
	{ "__libc_write", 0x10, 0x20, STT_FUNC, STB_LOCAL, 1 },
	{ "__write", 0x10, 0x20, STT_FUNC, STB_GLOBAL, 1 },
	{ "write@@GLIBC_2.2.5", 0x10, 0x20, STT_FUNC, STB_WEAK, 1 },
	{ "inner_label", 0x18, 0, STT_NOTYPE, STB_LOCAL, 1 },
	{ "picked", 0x30, 0x10, STT_GNU_IFUNC, STB_GLOBAL, 1 },
	{ "asm_entry", 0x60, 0, STT_NOTYPE, STB_GLOBAL, 1 },
	{ ".Llocal", 0x64, 0, STT_NOTYPE, STB_LOCAL, 1 },
	{ "$x", 0x68, 0, STT_NOTYPE, STB_LOCAL, 1 },
	{ "outer", 0x80, 0x40, STT_FUNC, STB_GLOBAL, 1 },
	{ "nested", 0x90, 0x8, STT_FUNC, STB_GLOBAL, 1 },
	{ "a_table", 0xa0, 0x10, STT_OBJECT, STB_GLOBAL, 1 },
	{ "undefined", 0xc8, 8, STT_FUNC, STB_GLOBAL, SHN_UNDEF },
	{ "absolute", 0xd0, 8, STT_FUNC, STB_GLOBAL, SHN_ABS },
	{ "bad\tname\x1b[2J", 0xd8, 8, STT_FUNC, STB_GLOBAL, 1 },
	{ "last", 0xf0, 0x1000, STT_FUNC, STB_GLOBAL, 1 },
	{ "end_marker", 0x100, 0, STT_NOTYPE, STB_GLOBAL, 1 },
	{ "elsewhere", 0x5000, 8, STT_FUNC, STB_GLOBAL, 1 },
};
#define NR_SYMBOLS (sizeof(symbols) / sizeof(*symbols))

static void follows_the_rules_in_each_format(void **state)
{
	static const char *const id = "6275696c642d6964";	/* "build-id" */
	struct rp_elf_symbols_info info;
	struct rp_elf_symbols *es;
	struct image im;
	char hex[RP_BUILD_ID_HEX];
	uint64_t vaddr;
	int format;

	(void)state;
	for (format = 0; format < 4; format++) {
		image_build(&im, format & 1, format & 2, EM_PPC64, symbols, NR_SYMBOLS);
		assert_int_equal(load(im.bytes, im.size, &es), 0);
		rp_elf_symbols_info(es, &info);
		assert_int_equal(info.is_64, format & 1);
		assert_int_equal(info.machine, EM_PPC64);
		assert_int_equal(info.type, ET_DYN);
		assert_int_equal(info.symtab, RP_ELF_SYMTAB_OWN);
		assert_false(info.partial);
		assert_int_equal(info.symbols, 7);
		assert_string_equal(rp_build_id_hex(rp_elf_symbols_build_id(es), hex), id);

		expect(es, TEXT + 0x0f, NULL, 0);
		expect(es, TEXT + 0x10, "write", 0);
		expect(es, TEXT + 0x18, "write", 8);
		expect(es, TEXT + 0x2f, "write", 0x1f);
		expect(es, TEXT + 0x30, "picked", 0);
		expect(es, TEXT + 0x40, NULL, 0);
		expect(es, TEXT + 0x60, "asm_entry", 0);
		expect(es, TEXT + 0x7f, "asm_entry", 0x1f);
		expect(es, TEXT + 0x8f, "outer", 0xf);
		expect(es, TEXT + 0x90, "nested", 0);
		expect(es, TEXT + 0x97, "nested", 7);
		expect(es, TEXT + 0x98, "outer", 0x18);
		expect(es, TEXT + 0xa8, "outer", 0x28);
		expect(es, TEXT + 0xc8, NULL, 0);
		expect(es, TEXT + 0xd0, NULL, 0);
		expect(es, TEXT + 0xd8, "bad?name?[2J", 0);
		expect(es, TEXT + 0xff, "last", 0xf);
		expect(es, TEXT + 0x100, NULL, 0);
		expect(es, TEXT + 0x5000, NULL, 0);
		expect(es, 0, NULL, 0);
		expect(es, UINT64_MAX, NULL, 0);

		assert_int_equal(rp_elf_symbols_vaddr(es, IMAGE_TEXT, &vaddr), 0);
		assert_int_equal(vaddr, TEXT);
		assert_int_equal(rp_elf_symbols_vaddr(es, IMAGE_TEXT + IMAGE_TEXT_SIZE, &vaddr),
				 -ENOENT);
		assert_int_equal(rp_elf_symbols_vaddr(es, UINT64_MAX, &vaddr), -ENOENT);
		rp_elf_symbols_free(es);
	}
}

static void thumb_bit_is_no_address(void **state)
{
	static const struct image_symbol thumb = { "thumb", 0x21, 0x10, STT_FUNC, STB_GLOBAL, 1 };
	struct rp_elf_symbols *es;
	struct image im;

	(void)state;
	image_build(&im, false, false, EM_ARM, &thumb, 1);
	assert_int_equal(load(im.bytes, im.size, &es), 0);
	expect(es, TEXT + 0x20, "thumb", 0);
	expect(es, TEXT + 0x30, NULL, 0);
	rp_elf_symbols_free(es);
}

static void lengths_that_the_file_leaves_open(void **state)
{
	static const struct image_symbol open_ended[] = {
		{ "outer", 0x10, 0x40, STT_FUNC, STB_GLOBAL, 1 },
		{ "entry_in_outer", 0x20, 0, STT_FUNC, STB_GLOBAL, 1 },
		{ "aa", 0x80, 0x8, STT_FUNC, STB_GLOBAL, 1 },
		{ "aa_longer", 0x80, 0x10, STT_FUNC, STB_GLOBAL, 1 },
		{ "unsized", 0xa0, 0, STT_FUNC, STB_GLOBAL, 1 },
	};
	struct rp_elf_symbols *es;
	Elf64_Shdr *shdrs;
	struct image im;

	(void)state;
	image_build(&im, true, false, EM_X86_64, open_ended, 5);
	assert_int_equal(load(im.bytes, im.size, &es), 0);
	expect(es, TEXT + 0x4f, "entry_in_outer", 0x2f);
	expect(es, TEXT + 0x50, NULL, 0);	/* not behind what it lies in */
	expect(es, TEXT + 0x8f, "aa", 0xf);	/* as long as its longest alias */
	expect(es, TEXT + 0x90, NULL, 0);
	expect(es, TEXT + 0xff, "unsized", 0x5f);
	rp_elf_symbols_free(es);

	/* Exported symbols only, in a long section: what follows is not all of the last. */
	shdrs = (Elf64_Shdr *)(im.bytes + im.shdrs);
	shdrs[1].sh_size = 0x10000;
	shdrs[2].sh_type = SHT_DYNSYM;
	assert_int_equal(load(im.bytes, im.size, &es), 0);
	expect(es, TEXT + 0xa0 + 0xfff, "unsized", 0xfff);
	expect(es, TEXT + 0xa0 + 0x1000, NULL, 0);
	rp_elf_symbols_free(es);
}

static void stripped_files_translate_addresses(void **state)
{
	struct rp_elf_symbols_info info;
	struct rp_elf_symbols *es;
	struct image im;
	uint64_t vaddr;

	(void)state;
	image_build(&im, true, false, EM_X86_64, symbols, NR_SYMBOLS);
	memset(im.bytes + 40, 0, 8);	/* e_shoff */
	assert_int_equal(load(im.bytes, im.shdrs, &es), 0);
	rp_elf_symbols_info(es, &info);
	assert_int_equal(info.symbols, 0);
	assert_int_equal(info.symtab, RP_ELF_SYMTAB_NONE);
	expect(es, TEXT + 0x10, NULL, 0);
	assert_int_equal(rp_elf_symbols_vaddr(es, 0x210, &vaddr), 0);
	assert_int_equal(vaddr, IMAGE_VADDR + 0x210);
	assert_int_equal(rp_elf_symbols_build_id(es)->size, 8);
	rp_elf_symbols_free(es);
}

/* Uses whatever was built from a damaged file: every look-up must stay within it. */
static void use(struct rp_elf_symbols *es)
{
	struct rp_elf_symbol s;
	uint64_t vaddr, offset;

	for (offset = 0; offset < 0x400; offset += 8) {
		if (rp_elf_symbols_vaddr(es, offset, &vaddr) == 0 &&
		    rp_elf_symbols_lookup(es, vaddr, &s) == 0) {
			assert_in_range(s.offset, 0, s.size - 1);
			assert_in_range(strlen(s.name), 1, RP_ELF_NAME_MAX);
		}
	}
	rp_elf_symbols_free(es);
}

static void survives_truncation_at_every_byte(void **state)
{
	struct rp_elf_symbols *es;
	struct image im;
	size_t size;
	int format;

	(void)state;
	for (format = 0; format < 4; format++) {
		image_build(&im, format & 1, format & 2, EM_X86_64, symbols, NR_SYMBOLS);
		for (size = 0; size < im.size; size++)
			if (load(im.bytes, size, &es) == 0)
				use(es);
	}
}

static void survives_any_byte_changed(void **state)
{
	static const uint8_t values[] = { 0, 1, 0x7f, 0x80, 0xff };
	struct rp_elf_symbols *es;
	struct image im;
	size_t at, i;
	int format;
	uint8_t was;

	(void)state;
	for (format = 0; format < 4; format++) {
		image_build(&im, format & 1, format & 2, EM_X86_64, symbols, NR_SYMBOLS);
		for (at = 0; at < im.size; at++) {
			was = im.bytes[at];
			for (i = 0; i < sizeof(values); i++) {
				im.bytes[at] = values[i];
				if (load(im.bytes, im.size, &es) == 0)
					use(es);
			}
			im.bytes[at] = was;
		}
	}
}

static void survives_many_bytes_changed(void **state)
{
	struct rp_elf_symbols *es;
	struct image good, bad;
	unsigned int round, i;

	(void)state;
	srandom(1);
	image_build(&good, true, false, EM_X86_64, symbols, NR_SYMBOLS);
	for (round = 0; round < 3000; round++) {
		bad = good;
		for (i = 0; i < 1 + round % 16; i++)
			bad.bytes[(size_t)random() % bad.size] = random();
		if (load(bad.bytes, bad.size, &es) == 0)
			use(es);
	}
}

static void counts_that_lie_cost_nothing(void **state)
{
	struct rp_elf_symbols_info info;
	struct rp_elf_symbols *es;
	struct image im;

	(void)state;
	/* e_shnum 0 says: the number is in section 0, here 2^32. */
	image_build(&im, true, false, EM_X86_64, symbols, NR_SYMBOLS);
	im.bytes[60] = 0;
	im.bytes[im.shdrs + 36] = 1;
	assert_int_equal(load(im.bytes, im.size, &es), 0);
	rp_elf_symbols_info(es, &info);
	assert_true(info.partial);
	assert_int_equal(info.symbols, 0);
	rp_elf_symbols_free(es);

	/* A table of symbols that claims 2^56 bytes gives those that are there. */
	image_build(&im, true, false, EM_X86_64, symbols, NR_SYMBOLS);
	im.bytes[im.shdrs + 2 * 64 + 39] = 1;
	assert_int_equal(load(im.bytes, im.size, &es), 0);
	rp_elf_symbols_info(es, &info);
	assert_true(info.partial);
	expect(es, TEXT + 0x10, "write", 0);
	rp_elf_symbols_free(es);
}

static void refuses_what_holds_no_code(void **state)
{
	struct rp_elf_symbols *es;
	struct image im;

	(void)state;
	assert_int_equal(load("", 0, &es), -ENOEXEC);
	assert_int_equal(load("#!/bin/sh\nexit 0\n", 17, &es), -ENOEXEC);
	image_build(&im, true, false, EM_X86_64, symbols, NR_SYMBOLS);
	im.bytes[16] = ET_REL;
	assert_int_equal(load(im.bytes, im.size, &es), -ENOEXEC);
	im.bytes[16] = ET_CORE;
	assert_int_equal(load(im.bytes, im.size, &es), -ENOEXEC);
	im.bytes[16] = ET_DYN;
	im.bytes[4] = 3;
	assert_int_equal(load(im.bytes, im.size, &es), -ENOEXEC);
	im.bytes[4] = ELFCLASS64;
	im.bytes[56] = 0;	/* e_phnum */
	assert_int_equal(load(im.bytes, im.size, &es), -EBADMSG);
}

static void opens_regular_files_only(void **state)
{
	char dir[] = "/tmp/test_elf_symbols.XXXXXX", path[64], err[256];
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct rp_elf_symbols *es;
	struct stat st = { 0 };
	int fd;

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(rp_elf_open(dir, &st, err, sizeof(err)), -ENOTSUP);
	assert_int_equal(rp_elf_open("/dev/zero", &st, err, sizeof(err)), -ENOTSUP);
	assert_string_equal(err, "/dev/zero: is not a regular file");
	snprintf(path, sizeof(path), "%s/fifo", dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(rp_elf_open(path, &st, err, sizeof(err)), -ENOTSUP);
	unlink(path);
	snprintf(path, sizeof(path), "%s/socket", dir);
	strcpy(un.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&un, sizeof(un)), 0);
	assert_int_equal(rp_elf_open(path, &st, err, sizeof(err)), -ENOTSUP);
	close(fd);
	unlink(path);
	assert_int_equal(rp_elf_open(path, &st, err, sizeof(err)), -ENOENT);
	assert_int_equal(rp_elf_open(path, NULL, NULL, 0), -ENOENT);
	assert_int_equal(st.st_mode, 0);	/* untouched by failures */

	/* A file that the caller opened himself is looked at again. */
	fd = open("/dev/null", O_RDONLY);
	assert_int_equal(rp_elf_symbols_from_fd(fd, "null", NULL, &es, err, sizeof(err)), -ENOTSUP);
	close(fd);

	/* An ordinary one, through a link, and the sentence for an empty file. */
	snprintf(path, sizeof(path), "%s/empty", dir);
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	assert_true(fd >= 0);
	close(fd);
	fd = rp_elf_open(path, &st, err, sizeof(err));
	assert_true(fd >= 0);
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(rp_elf_symbols_from_fd(fd, path, NULL, &es, err, sizeof(err)), -ENOEXEC);
	assert_non_null(strstr(err, "is not an ELF file"));
	close(fd);
	unlink(path);
	fd = rp_elf_open("/proc/self/exe", &st, err, sizeof(err));
	assert_true(fd >= 0);
	close(fd);
	rmdir(dir);
}

/* A sparse file of 64 GiB whose tables are as long as it says costs no such memory. */
static void sparse_files_are_bounded(void **state)
{
	char path[] = "/tmp/test_elf_symbols.XXXXXX", err[256];
	struct rp_elf_symbols_info info;
	struct rp_elf_symbols *es;
	struct image im;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	unlink(path);
	image_build(&im, true, false, EM_X86_64, symbols, NR_SYMBOLS);
	im.bytes[60] = 0;			/* e_shnum: see section 0 */
	im.bytes[im.shdrs + 32 + 3] = 0x30;	/* 805 million sections */
	assert_int_equal(pwrite(fd, im.bytes, im.size, 0), im.size);
	if (ftruncate(fd, 64ll << 30) < 0) {	/* a file system without such files */
		close(fd);
		skip();
	}
	assert_int_equal(rp_elf_symbols_from_fd(fd, "sparse", NULL, &es, err, sizeof(err)), 0);
	rp_elf_symbols_info(es, &info);
	assert_true(info.partial);
	assert_int_equal(info.symbols, 0);
	rp_elf_symbols_free(es);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(follows_the_rules_in_each_format),
		cmocka_unit_test(thumb_bit_is_no_address),
		cmocka_unit_test(lengths_that_the_file_leaves_open),
		cmocka_unit_test(stripped_files_translate_addresses),
		cmocka_unit_test(survives_truncation_at_every_byte),
		cmocka_unit_test(survives_any_byte_changed),
		cmocka_unit_test(survives_many_bytes_changed),
		cmocka_unit_test(counts_that_lie_cost_nothing),
		cmocka_unit_test(refuses_what_holds_no_code),
		cmocka_unit_test(opens_regular_files_only),
		cmocka_unit_test(sparse_files_are_bounded),
	};

	return cmocka_run_group_tests_name("elf_symbols", tests, NULL, NULL);
}
