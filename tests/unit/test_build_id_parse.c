// SPDX-License-Identifier: GPL-2.0
/*
 * The module's reading of build ids (kmod/build_id_parse.h), which sees whatever a
 * stranger's file holds: right on real files, and never outside of its bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kmod/build_id_parse.h"

#define PAGE 4096

/* A copy that ends where the bytes end, so that ASan sees a read beyond. */
static unsigned int parse(const unsigned char *bytes, size_t size, unsigned char *ret)
{
	unsigned char *copy = malloc(size ? size : 1);
	unsigned int len;

	assert_non_null(copy);
	memcpy(copy, bytes, size);
	len = rp_build_id_parse(copy, size, ret);
	free(copy);
	return len;
}

static size_t first_page(const char *path, unsigned char *bytes)
{
	FILE *f = fopen(path, "rb");
	size_t size;

	assert_non_null(f);
	size = fread(bytes, 1, PAGE, f);
	fclose(f);
	return size;
}

/* What readelf says of this very program. */
static void own_build_id(void **state)
{
	unsigned char bytes[PAGE], id[RP_BUILD_ID_MAX];
	char command[128], said[64] = "", hex[2 * RP_BUILD_ID_MAX + 1];
	unsigned int len;
	FILE *f;

	(void)state;
	snprintf(command, sizeof(command),
		 "readelf -n /proc/%d/exe | sed -n 's/.*Build ID: //p'", getpid());
	f = popen(command, "r");
	assert_non_null(f);
	assert_non_null(fgets(said, sizeof(said), f));
	pclose(f);
	said[strcspn(said, "\n")] = 0;

	len = parse(bytes, first_page("/proc/self/exe", bytes), id);
	assert_int_equal(len, 20);
	for (unsigned int i = 0; i < len; i++)
		sprintf(hex + 2 * i, "%02x", id[i]);
	assert_string_equal(hex, said);
}

/* A 32-bit file with one note, made by hand. */
static size_t make_elf32(unsigned char *bytes, unsigned int id_len)
{
	Elf32_Ehdr ehdr = { .e_phoff = sizeof(ehdr), .e_phentsize = sizeof(Elf32_Phdr),
			    .e_phnum = 1 };
	Elf32_Phdr phdr = { .p_type = PT_NOTE, .p_offset = sizeof(ehdr) + sizeof(phdr) };
	Elf32_Nhdr note = { .n_namesz = 4, .n_descsz = id_len, .n_type = 3 };
	unsigned int padded = (id_len + 3) & ~3u;

	memset(bytes, 0, PAGE);
	memcpy(ehdr.e_ident, ELFMAG, SELFMAG);
	ehdr.e_ident[EI_CLASS] = ELFCLASS32;
	ehdr.e_ident[EI_DATA] = ELFDATA2LSB;
	phdr.p_filesz = sizeof(note) + 4 + padded;
	memcpy(bytes, &ehdr, sizeof(ehdr));
	memcpy(bytes + sizeof(ehdr), &phdr, sizeof(phdr));
	memcpy(bytes + phdr.p_offset, &note, sizeof(note));
	memcpy(bytes + phdr.p_offset + sizeof(note), "GNU", 4);
	for (unsigned int i = 0; i < id_len; i++)
		bytes[phdr.p_offset + sizeof(note) + 4 + i] = (unsigned char)(i + 1);
	return phdr.p_offset + phdr.p_filesz;
}

static void short_and_long_ids(void **state)
{
	unsigned char bytes[PAGE], id[RP_BUILD_ID_MAX];
	size_t size;

	(void)state;
	size = make_elf32(bytes, 8);
	assert_int_equal(parse(bytes, size, id), 8);
	assert_int_equal(id[7], 8);
	size = make_elf32(bytes, RP_BUILD_ID_MAX);
	assert_int_equal(parse(bytes, size, id), RP_BUILD_ID_MAX);
	size = make_elf32(bytes, RP_BUILD_ID_MAX + 1);
	assert_int_equal(parse(bytes, size, id), 0);
	size = make_elf32(bytes, 0);
	assert_int_equal(parse(bytes, size, id), 0);
}

static void not_an_elf_file(void **state)
{
	unsigned char bytes[PAGE] = { 0 }, id[RP_BUILD_ID_MAX];
	size_t size;

	(void)state;
	assert_int_equal(parse(bytes, 0, id), 0);
	memset(bytes, '#', PAGE);
	assert_int_equal(parse(bytes, PAGE, id), 0);
	size = make_elf32(bytes, 20);
	bytes[EI_DATA] = ELFDATA2MSB;
	assert_int_equal(parse(bytes, size, id), 0);
	bytes[EI_DATA] = ELFDATA2LSB;
	bytes[EI_CLASS] = 7;
	assert_int_equal(parse(bytes, size, id), 0);
}

/* Every length, and every byte set to what is most likely to mislead. */
static void damaged_files(void **state)
{
	static const unsigned char values[] = { 0, 1, 0x7f, 0x80, 0xff };
	unsigned char bytes[PAGE], damaged[PAGE], id[RP_BUILD_ID_MAX];
	size_t size = first_page("/proc/self/exe", bytes);

	(void)state;
	for (size_t cut = 0; cut < size; cut++)
		assert_true(parse(bytes, cut, id) <= RP_BUILD_ID_MAX);
	for (size_t at = 0; at < size; at++) {
		for (size_t v = 0; v < sizeof(values); v++) {
			memcpy(damaged, bytes, size);
			damaged[at] = values[v];
			assert_true(parse(damaged, size, id) <= RP_BUILD_ID_MAX);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(own_build_id),
		cmocka_unit_test(short_and_long_ids),
		cmocka_unit_test(not_an_elf_file),
		cmocka_unit_test(damaged_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
