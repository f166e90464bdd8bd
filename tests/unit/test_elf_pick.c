// SPDX-License-Identifier: GPL-2.0
/*
 * Functions of a large file that are read for some addresses, with the whole table as the
 * judge: the same name, from the same byte to the same byte, or none.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "elf_image.h"
#include "elf_symbols.h"
#include "jail_symbols.h"
#include "why.h"
#include "work_folder.h"

static char why[RP_WHY_SIZE];

static struct rp_elf_symbols *read_whole(int fd)
{
	struct rp_elf_symbols *es = NULL;

	if (rp_elf_symbols_from_fd(fd, "whole", NULL, &es, why, sizeof(why)))
		fail_msg("%s", why);
	return es;
}

static struct rp_elf_symbols *pick(int fd, const uint64_t *addresses, size_t nr)
{
	const struct rp_elf_wanted wanted = { .addresses = addresses, .nr = nr };
	struct rp_elf_symbols_info info;
	struct rp_elf_symbols *es = NULL;

	if (rp_elf_symbols_pick(fd, "picked", NULL, &wanted, &es, why, sizeof(why)))
		fail_msg("%s", why);
	rp_elf_symbols_info(es, &info);
	assert_true(info.picked);
	return es;
}

/* Returns how many of them have a name. */
static size_t expect_same(const struct rp_elf_symbols *whole, const struct rp_elf_symbols *picked,
			  const uint64_t *addresses, size_t nr)
{
	struct rp_elf_symbol a, b;
	size_t i, named = 0;
	int r;

	for (i = 0; i < nr; i++) {
		r = rp_elf_symbols_lookup(whole, addresses[i], &a);
		if (rp_elf_symbols_lookup(picked, addresses[i], &b) != r)
			fail_msg("%llx is %s in one of them alone",
				 (unsigned long long)addresses[i], r ? b.name : a.name);
		if (r)
			continue;
		named++;
		assert_string_equal(a.name, b.name);
		assert_int_equal(a.start, b.start);
		assert_int_equal(a.size, b.size);
		assert_int_equal(a.offset, b.offset);
	}
	return named;
}

/* All addresses of code that objdump finds in the file, a step apart. */
static uint64_t *addresses_of(const char *path, unsigned int step, size_t *ret_nr)
{
	unsigned long long start, size, at;
	uint64_t *addresses = NULL;
	size_t nr = 0;
	FILE *f = output_of("objdump -h '%s' | awk '/CODE/ { print at, size } "
			    "{ size = $3; at = $4 }'", path);

	while (fscanf(f, "%llx %llx", &start, &size) == 2) {
		addresses = realloc(addresses, (nr + size / step + 1) * sizeof(*addresses));
		assert_non_null(addresses);
		for (at = start; at < start + size; at += step)
			addresses[nr++] = at;
	}
	pclose(f);
	assert_true(nr > 0);
	*ret_nr = nr;
	return addresses;
}

/* In one go; one by one; and in batches that are merged. */
static void expect_all_same(const char *path, unsigned int step)
{
	int fd = rp_elf_open(path, NULL, why, sizeof(why));
	struct rp_elf_symbols *whole, *picked, *more;
	struct rp_elf_symbols_info all, some;
	size_t nr, i, batch, named;
	uint64_t *addresses;

	assert_true(fd >= 0);
	whole = read_whole(fd);
	addresses = addresses_of(path, step, &nr);
	picked = pick(fd, addresses, nr);
	named = expect_same(whole, picked, addresses, nr);
	assert_true(named > nr / 4);
	rp_elf_symbols_free(picked);
	for (i = 0; i < nr; i += nr / 50 + 1) {
		picked = pick(fd, &addresses[i], 1);
		expect_same(whole, picked, &addresses[i], 1);
		rp_elf_symbols_free(picked);
	}
	picked = pick(fd, NULL, 0);
	rp_elf_symbols_info(picked, &some);
	assert_int_equal(some.symbols, 0);
	batch = nr / 7 + 1;
	for (i = 0; i < nr; i += batch) {
		more = pick(fd, &addresses[i], i + batch < nr ? batch : nr - i);
		assert_int_equal(rp_elf_symbols_merge(picked, more), 0);
		rp_elf_symbols_free(more);
	}
	assert_int_equal(expect_same(whole, picked, addresses, nr), named);
	rp_elf_symbols_info(whole, &all);
	rp_elf_symbols_info(picked, &some);
	assert_true(some.symbols <= all.symbols);
	assert_int_equal(all.type, some.type);
	assert_true(rp_build_id_equal(rp_elf_symbols_build_id(whole),
				      rp_elf_symbols_build_id(picked)));
	rp_elf_symbols_free(picked);
	rp_elf_symbols_free(whole);
	free(addresses);
	close(fd);
}

/* It has stubs, labels, and functions of all kinds. */
static void of_this_program(void **state)
{
	(void)state;
	run("cat /proc/%d/exe >program", (int)getpid());
	expect_all_same(in_folder("program"), 3);
}

/* What resolvers are called has to be found, also if nobody asked for them. */
static void of_a_static_program(void **state)
{
	(void)state;
	run("echo 'int main(void) { return 0; }' >s.c && %s -static -o static s.c", compiler());
	expect_all_same(in_folder("static"), 1);
}

/* Labels, aliases, functions within others, as no compiler puts them so close to each other. */
static const struct image_symbol symbols[] = {
	{ "one", 0x10, 0x20, STT_FUNC, STB_GLOBAL, 1 },
	{ "one_short", 0x10, 0x08, STT_FUNC, STB_GLOBAL, 1 },
	{ "_one_long", 0x10, 0x28, STT_FUNC, STB_WEAK, 1 },
	{ "label", 0x18, 0, STT_NOTYPE, STB_LOCAL, 1 },
	{ "entry", 0x1c, 0, STT_FUNC, STB_LOCAL, 1 },
	{ "inner", 0x20, 0x04, STT_FUNC, STB_LOCAL, 1 },
	{ "unsized", 0x40, 0, STT_FUNC, STB_GLOBAL, 1 },
	{ "behind", 0x50, 0x08, STT_FUNC, STB_GLOBAL, 1 },
	{ "untyped", 0x60, 0, STT_NOTYPE, STB_GLOBAL, 1 },
	{ ".Lignored", 0x64, 0x04, STT_FUNC, STB_LOCAL, 1 },
	{ "$x", 0x66, 0, STT_NOTYPE, STB_LOCAL, 1 },
	{ "data", 0x68, 0x10, STT_OBJECT, STB_GLOBAL, 1 },
	{ "untyped2@@V1", 0x70, 0, STT_NOTYPE, STB_GLOBAL, 1 },
	{ "outer", 0x80, 0x40, STT_FUNC, STB_GLOBAL, 1 },
	{ "in_outer", 0x90, 0, STT_FUNC, STB_GLOBAL, 1 },
	{ "ends_it", 0xa0, 0x04, STT_FUNC, STB_LOCAL, 1 },
	{ "undefined", 0, 0, STT_FUNC, STB_GLOBAL, 0 },
	{ "last", 0xf0, 0x1000, STT_GNU_IFUNC, STB_GLOBAL, 1 },
};

static void expect_image_same(bool is_64, bool big, uint16_t machine)
{
	uint64_t addresses[IMAGE_TEXT_SIZE];
	const struct rp_elf_wanted all = { .addresses = addresses, .nr = IMAGE_TEXT_SIZE };
	struct rp_elf_wanted one = { .nr = 1 };
	struct rp_elf_symbols *whole, *picked;
	struct image im;
	size_t i;

	image_build(&im, is_64, big, machine, symbols, sizeof(symbols) / sizeof(*symbols));
	assert_int_equal(rp_elf_symbols_from_memory(im.bytes, im.size, "image", &whole, why,
						    sizeof(why)), 0);
	for (i = 0; i < IMAGE_TEXT_SIZE; i++)
		addresses[i] = IMAGE_VADDR + IMAGE_TEXT + i;
	assert_int_equal(rp_elf_symbols_pick_from_memory(im.bytes, im.size, "image", &all, &picked,
							 why, sizeof(why)), 0);
	assert_true(expect_same(whole, picked, addresses, IMAGE_TEXT_SIZE) > 100);
	rp_elf_symbols_free(picked);
	for (i = 0; i < IMAGE_TEXT_SIZE; i++) {
		one.addresses = &addresses[i];
		assert_int_equal(rp_elf_symbols_pick_from_memory(im.bytes, im.size, "image", &one,
								 &picked, why, sizeof(why)), 0);
		expect_same(whole, picked, &addresses[i], 1);
		rp_elf_symbols_free(picked);
	}
	rp_elf_symbols_free(whole);
}

static void of_all_kinds_of_symbols(void **state)
{
	(void)state;
	expect_image_same(true, false, EM_X86_64);
	expect_image_same(true, false, EM_AARCH64);
	expect_image_same(false, false, EM_ARM);
	expect_image_same(false, true, EM_MIPS);
}

/* What it is for: the larger the file, the less of it. */
static void a_small_file_is_read_as_a_whole(void **state)
{
	const uint64_t nowhere = 1;
	const struct rp_elf_wanted wanted = {
		.addresses = &nowhere, .nr = 1, .more_than = RP_ELF_PICK_FROM,
	};
	struct rp_elf_symbols_info info;
	struct rp_elf_symbols *es;
	int fd;

	(void)state;
	run("echo 'int main(void) { return 0; }' >s.c && %s -o small s.c", compiler());
	fd = rp_elf_open(in_folder("small"), NULL, why, sizeof(why));
	assert_true(fd >= 0);
	assert_int_equal(rp_elf_symbols_pick(fd, "small", NULL, &wanted, &es, why, sizeof(why)),
			 0);
	rp_elf_symbols_info(es, &info);
	assert_false(info.picked);
	assert_true(info.symbols > 0);
	rp_elf_symbols_free(es);
	close(fd);
}

/* What was taken out of .symtab and is in .dynsym: such a file is not picked from. */
static void a_thinned_out_file_is_read_as_a_whole(void **state)
{
	const struct rp_elf_wanted wanted = { .nr = 0 };
	struct rp_elf_symbols_info info;
	struct rp_elf_symbols *es;
	int fd;

	(void)state;
	run("printf 'int %%s(void) { return 0; }\\n' a b c d e f g h i j k l m n o p >t.c && "
	    "%s -shared -fPIC -o thin.so t.c && strip -K a thin.so", compiler());
	fd = rp_elf_open(in_folder("thin.so"), NULL, why, sizeof(why));
	assert_true(fd >= 0);
	assert_int_equal(rp_elf_symbols_pick(fd, "thin", NULL, &wanted, &es, why, sizeof(why)), 0);
	rp_elf_symbols_info(es, &info);
	assert_false(info.picked);
	assert_true(info.symbols >= 16);
	rp_elf_symbols_free(es);
	close(fd);
}

/* One that lacks a few: those have their names from .dynsym. */
static void a_name_that_dynsym_alone_has(void **state)
{
	struct rp_elf_symbols *whole;
	struct rp_elf_symbol s;
	int fd;

	(void)state;
	run("printf 'int %%s(void) { return 0; }\\n' a b c d e f g h i j k l m n o p >t.c && "
	    "%s -shared -fPIC -o less.so t.c && strip -N g less.so", compiler());
	expect_all_same(in_folder("less.so"), 1);
	fd = rp_elf_open(in_folder("less.so"), NULL, why, sizeof(why));
	whole = read_whole(fd);
	for (uint64_t at = 0; rp_elf_symbols_lookup(whole, at, &s) || strcmp(s.name, "g"); at++)
		assert_true(at < 1 << 20);
	rp_elf_symbols_free(whole);
	close(fd);
}

/* More than a jail can be told at once comes in two goes. */
static void by_a_jail(void **state)
{
	struct rp_jail *j = NULL;
	const char *path = in_folder("program");
	struct rp_elf_wanted wanted = { .nr = 0 };
	struct rp_elf_symbols *whole, *picked, *more;
	size_t nr, at, now, asked = 0;
	uint64_t *addresses;
	int fd;

	(void)state;
	assert_int_equal(rp_jail_start(&j, NULL, why, sizeof(why)), 0);
	run("cat /proc/%d/exe >program", (int)getpid());
	fd = rp_elf_open(path, NULL, why, sizeof(why));
	assert_true(fd >= 0);
	whole = read_whole(fd);
	addresses = addresses_of(path, 3, &nr);
	assert_true(nr > 40000);
	assert_int_equal(rp_jail_symbols(j, fd, path, NULL, &wanted, &now, &picked, why,
					 sizeof(why)), 0);
	for (at = 0; at < nr; at += now) {
		wanted = (struct rp_elf_wanted){ .addresses = addresses + at, .nr = nr - at };
		if (rp_jail_symbols(j, fd, path, NULL, &wanted, &now, &more, why, sizeof(why)))
			fail_msg("%s", why);
		assert_in_range(now, 1, nr - at);
		assert_int_equal(rp_elf_symbols_merge(picked, more), 0);
		rp_elf_symbols_free(more);
		asked++;
	}
	assert_true(asked > 1);
	expect_same(whole, picked, addresses, nr);
	rp_elf_symbols_free(picked);
	rp_elf_symbols_free(whole);
	free(addresses);
	close(fd);
	rp_jail_stop(j);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_this_program),
		cmocka_unit_test(of_a_static_program),
		cmocka_unit_test(of_all_kinds_of_symbols),
		cmocka_unit_test(a_small_file_is_read_as_a_whole),
		cmocka_unit_test(a_thinned_out_file_is_read_as_a_whole),
		cmocka_unit_test(a_name_that_dynsym_alone_has),
		cmocka_unit_test(by_a_jail),
	};

	rp_jail_main(argc, argv);
	return cmocka_run_group_tests_name("elf_pick", tests, make_folder, remove_tree);
}
