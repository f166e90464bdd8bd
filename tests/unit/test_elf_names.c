// SPDX-License-Identifier: GPL-2.0
/* Names of ELF symbols: strings that several of them share, and what is not fit to be shown. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "elf_symbols_fixture.h"

/* Symbols may share one long string: the table may not become a multiple of the file. */
static void shared_strings_do_not_multiply(void **state)
{
	struct rp_elf_symbols_info info;
	struct image_symbol *many = calloc(128, sizeof(*many));
	char name[3001];
	struct rp_elf_symbols *es;
	struct image im;
	size_t i, grown;
	uint8_t *file;

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	for (i = 0; i < 128; i++)
		many[i] = (struct image_symbol){ i ? "" : name, i, 1, STT_FUNC, STB_GLOBAL, 1 };
	image_build(&im, true, false, EM_X86_64, many, 128);
	for (i = 0; i < 128; i++)
		im.bytes[im.symtab + 24 * (i + 1)] = 1;	/* all have the first one's name */
	for (i = 0; i < 128; i++)
		im.bytes[im.symtab + 24 * (i + 1) + 1] = 0;
	assert_int_equal(load(im.bytes, im.size, &es), 0);
	rp_elf_symbols_info(es, &info);
	assert_int_equal(info.symbols, 128);		/* few are kept as they are */
	expect(es, TEXT + 127, name, 0);
	rp_elf_symbols_free(es);

	/* A table of 400,000, in a section that long: they share it in the table, too. */
	grown = im.size + 400000 * 24;
	file = calloc(1, grown);
	memcpy(file, im.bytes, im.size);
	for (i = 0; i < 400000; i++) {
		Elf64_Sym s = { .st_name = 1, .st_info = STB_GLOBAL << 4 | STT_FUNC,
				.st_shndx = 1, .st_value = TEXT + i, .st_size = 1 };
		memcpy(file + im.size + i * 24, &s, sizeof(s));
	}
	((Elf64_Shdr *)(file + im.shdrs))[1].sh_size = 500000;
	((Elf64_Shdr *)(file + im.shdrs))[2].sh_offset = im.size;
	((Elf64_Shdr *)(file + im.shdrs))[2].sh_size = 400000 * 24;
	assert_int_equal(load(file, grown, &es), 0);
	rp_elf_symbols_info(es, &info);
	assert_false(info.partial);
	assert_int_equal(info.symbols, 399999);		/* number 0 is none */
	assert_in_range(info.bytes, 1, 400000 * 16 + 8192);
	expect(es, TEXT + 399999, name, 0);
	rp_elf_symbols_free(es);
	free(file);
	free(many);
}

/* Linkers let a name begin within another; a version is cut off of both. */
static void names_within_names(void **state)
{
	const struct image_symbol within[] = {
		{ "what_is_data", 0, 8, STT_OBJECT, STB_GLOBAL, 1 },
		{ "price_of_item@@V_1.0", 0, 16, STT_FUNC, STB_GLOBAL, 1 },
		{ "a_file_name.c", 0, 0, STT_FILE, STB_LOCAL, 0xfff1 },
		{ "x", 16, 16, STT_FUNC, STB_GLOBAL, 1 },
		{ "y", 32, 16, STT_FUNC, STB_GLOBAL, 1 },
		{ "z", 48, 16, STT_FUNC, STB_GLOBAL, 1 },
	};
	struct rp_elf_symbols_info info;
	struct rp_elf_symbols *es;
	const uint8_t *name;
	struct image im;

	(void)state;
	image_build(&im, true, false, EM_X86_64, within, 6);
	name = im.bytes + im.symtab + 24 * 2;
	im.bytes[im.symtab + 24 * 4] = name[0] + 6;		/* "of_item@@..." */
	im.bytes[im.symtab + 24 * 5] = name[0] + 9;		/* "item@@..." */
	assert_int_equal(load(im.bytes, im.size, &es), 0);
	expect(es, TEXT, "price_of_item", 0);
	expect(es, TEXT + 16, "of_item", 0);
	expect(es, TEXT + 32, "item", 0);
	expect(es, TEXT + 63, "z", 15);
	rp_elf_symbols_info(es, &info);
	assert_int_equal(info.symbols, 4);
	rp_elf_symbols_free(es);

	/* One that is nothing but a version ends where the others do, and harms nobody. */
	im.bytes[im.symtab + 24 * 6] = name[0] + 13;
	assert_int_equal(load(im.bytes, im.size, &es), 0);
	expect(es, TEXT, "price_of_item", 0);
	expect(es, TEXT + 16, "of_item", 0);
	rp_elf_symbols_free(es);
}

/* Wherever it stands in the words that are looked at. */
static void control_characters_are_replaced(void **state)
{
	char name[32], wanted[32];
	struct image_symbol one = { name, 0, 16, STT_FUNC, STB_GLOBAL, 1 };
	const char bad[] = { 1, '\n', 27, 31, 127 };
	struct rp_elf_symbols *es;
	struct image im;
	size_t at, i;

	(void)state;
	for (at = 0; at < sizeof(name) - 1; at++) {
		for (i = 0; i < sizeof(bad); i++) {
			memset(name, i & 1 ? 'n' : 0xc3, sizeof(name) - 1);
			name[sizeof(name) - 1] = '\0';
			memcpy(wanted, name, sizeof(name));
			name[at] = bad[i];
			wanted[at] = '?';
			image_build(&im, true, false, EM_X86_64, &one, 1);
			assert_int_equal(load(im.bytes, im.size, &es), 0);
			expect(es, TEXT, wanted, 0);
			rp_elf_symbols_free(es);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shared_strings_do_not_multiply),
		cmocka_unit_test(names_within_names),
		cmocka_unit_test(control_characters_are_replaced),
	};

	return cmocka_run_group_tests_name("elf_names", tests, NULL, NULL);
}
