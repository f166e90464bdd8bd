// SPDX-License-Identifier: GPL-2.0
/*
 * Large files in the symbol cache, and in the namer: no more of their functions is read than
 * what is asked for, also when the file is gone by then.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include "namer_fixture.h"
#include "symbol_cache.h"
#include "symbol_rest.h"
#include "work_folder.h"
#include "why.h"

#define FUNCTIONS	20000u
#define FUNCTION_SIZE	16u

static struct rp_jail *jail;	/* NULL: files are parsed in this process */
static uint64_t first;		/* address of function f0 in the file; and its offset there */

static int open_path(void *arg, unsigned int n, char *err, size_t err_size)
{
	int fd;

	if (n)
		return -ENODATA;
	fd = rp_elf_open(arg, NULL, err, err_size);
	if (fd >= 0)
		snprintf(err, err_size, "%s", (const char *)arg);
	return fd;
}

static const struct rp_elf_symbols *get(struct rp_symbol_cache *c, const char *path)
{
	const struct rp_symbol_source source = {
		.open = open_path, .arg = (void *)path, .jail = jail,
	};
	struct rp_file_identity id = { .ino = 0 };
	struct stat st;

	if (!stat(path, &st)) {
		id.ino = st.st_ino;
		id.dev = st.st_dev;
	}
	return rp_symbol_cache_get(c, &id, &source, NULL, NULL);
}

static uint64_t address_of(unsigned int function)
{
	return first + (uint64_t)function * FUNCTION_SIZE + 3;
}

static void expect(const struct rp_elf_symbols *es, unsigned int function, bool there)
{
	struct rp_elf_symbol s;
	char name[16];

	snprintf(name, sizeof(name), "f%u", function);
	if (!there) {
		assert_int_equal(rp_elf_symbols_lookup(es, address_of(function), &s), -ENOENT);
		return;
	}
	assert_int_equal(rp_elf_symbols_lookup(es, address_of(function), &s), 0);
	assert_string_equal(s.name, name);
	assert_int_equal(s.size, FUNCTION_SIZE);
}

static size_t symbols_in(const struct rp_elf_symbols *es)
{
	struct rp_elf_symbols_info info;

	rp_elf_symbols_info(es, &info);
	return info.symbols;
}

static uint64_t jobs(void)
{
	struct rp_jail_stats s = { .jobs = 0 };

	if (jail)
		rp_jail_stats(jail, &s);
	return s.jobs;
}

static void what_is_asked_for(void **state)
{
	const uint64_t some[] = { 1, address_of(5), address_of(700), address_of(19999) };
	const uint64_t more[] = { address_of(5), address_of(6), address_of(700) };
	struct rp_symbol_cache *c = rp_symbol_cache_new(1 << 20);
	struct rp_symbol_cache_stats stats;
	const struct rp_elf_symbols *es;
	uint64_t before;

	(void)state;
	run("cp large one");
	es = get(c, in_folder("one"));
	assert_non_null(es);
	assert_true(rp_symbol_cache_asks(c));
	assert_int_equal(symbols_in(es), 0);
	/* It is held. */
	run("rm one");
	assert_int_equal(rp_symbol_cache_find(c, some, 4), 0);
	expect(es, 5, true);
	expect(es, 6, false);
	expect(es, 700, true);
	expect(es, 19999, true);
	assert_int_equal(rp_symbol_cache_find(c, more, 3), 0);
	expect(es, 5, true);
	expect(es, 6, true);
	assert_int_equal(symbols_in(es), 4);
	/* Nothing of it is asked for again, also not what has no name. */
	before = jobs();
	assert_int_equal(rp_symbol_cache_find(c, some, 4), 0);
	assert_int_equal(rp_symbol_cache_find(c, more, 3), 0);
	assert_int_equal(jobs(), before);
	rp_symbol_cache_stats(c, &stats);
	assert_true(stats.bytes < 4096);
	assert_string_equal(rp_symbol_cache_problem(c), "");
	rp_symbol_cache_free(c);
}

/* So that nobody runs out of descriptors by them. */
static void not_too_many_are_open(void **state)
{
	struct rp_symbol_cache *c = rp_symbol_cache_new(64 << 20);
	const struct rp_elf_symbols *es;
	unsigned int i;
	char name[16];

	(void)state;
	for (i = 0; i <= RP_SYMBOL_REST_FILES; i++) {
		snprintf(name, sizeof(name), "copy%u", i);
		run("cp large %s", name);
		es = get(c, in_folder(name));
		assert_non_null(es);
		if (i < RP_SYMBOL_REST_FILES) {
			assert_int_equal(symbols_in(es), 0);
			continue;
		}
		assert_false(rp_symbol_cache_asks(c));
		assert_true(symbols_in(es) >= FUNCTIONS);
		expect(es, 77, true);
	}
	rp_symbol_cache_free(c);
	/* And all of them can be again. */
	c = rp_symbol_cache_new(1 << 20);
	assert_int_equal(symbols_in(get(c, in_folder("copy0"))), 0);
	rp_symbol_cache_free(c);
	run("rm copy*");
}

static void a_file_that_is_damaged_meanwhile(void **state)
{
	const uint64_t some[] = { address_of(5), address_of(6) };
	struct rp_symbol_cache *c = rp_symbol_cache_new(1 << 20);
	const struct rp_elf_symbols *es;

	(void)state;
	run("cp large hurt");
	es = get(c, in_folder("hurt"));
	assert_non_null(es);
	assert_int_equal(rp_symbol_cache_find(c, some, 1), 0);
	run("truncate -s 100 hurt");
	assert_int_equal(rp_symbol_cache_find(c, some, 2), 0);
	expect(es, 5, true);
	expect(es, 6, false);
	assert_non_null(strstr(rp_symbol_cache_problem(c), "hurt"));
	assert_non_null(strstr(rp_symbol_cache_problem(c), "its symbols are not read"));
	assert_false(rp_symbol_cache_asks(c));
	rp_symbol_cache_free(c);
}

/* ---- the namer --------------------------------------------------------------------- */

#define PLACE 0x7f0000000000ull

static void add_program(struct fixture *f, const char *path)
{
	struct rp_space *rec = make_space(f->id, 1);
	struct stat st;
	struct rp_map *m;

	assert_int_equal(stat(path, &st), 0);
	m = add_map(&rec, PLACE, PLACE + (FUNCTIONS + 1) * FUNCTION_SIZE, first, path);
	m->inode = st.st_ino;
	add_space(f, rec);
}

/* Each window's addresses are asked for when it is closed, and the file is gone. */
static void a_window_of_a_large_program(void **state)
{
	const uint64_t addr[] = { PLACE + 3, PLACE + 12345 * FUNCTION_SIZE + 1,
				  PLACE + 9 * FUNCTION_SIZE };
	const uint64_t later[] = { PLACE + 800 * FUNCTION_SIZE + 3 };
	struct rp_namer_options o = { .jail = jail };
	const struct rp_maps *maps;
	struct rp_aspace *as;
	struct fixture f;

	(void)state;
	run("cp large running");
	open_fixture(&f, &o);
	add_program(&f, in_folder("running"));
	as = rp_spaces_get(f.spaces, &f.id);
	maps = rp_spaces_maps(f.spaces, as, 1);
	assert_true(rp_namer_sampled(f.namer, as, maps, addr, 3));
	while (!rp_namer_read(f.namer))
		;
	run("rm running");
	add_user(&f, 3, addr);
	finish(&f);
	assert_string_equal(name(f.p, 1, 0), "f0");
	assert_string_equal(name(f.p, 1, 1), "f12345");
	assert_string_equal(name(f.p, 1, 2), "f8");	/* a return address */
	rp_window_reset(f.window);
	rp_profile_free(f.p);
	f.p = rp_profile_new();
	assert_int_equal(rp_namer_begin(f.p, 1000, 2000, 99), 0);
	add_user(&f, 1, later);
	finish(&f);
	assert_string_equal(name(f.p, 1, 0), "f800");
	close_fixture(&f);
}

/* A shared object whose functions lie at the same offsets as addresses. */
static int make_large(void **state)
{
	if (make_folder(state))
		return -1;
	run("{ echo .text; echo .balign 16; for i in $(seq 0 %u); do echo \".type f$i,@function; "
	    "f$i: .skip %u; .size f$i,%u\"; done; } >large.s && "
	    "%s -nostdlib -shared -Wl,-z,noseparate-code -o large large.s",
	    FUNCTIONS - 1, FUNCTION_SIZE, FUNCTION_SIZE, compiler());
	first = nm_address("large", "f0");
	return 0;
}

static int start_jail(void **state)
{
	char why[RP_WHY_SIZE] = "";

	if (make_large(state))
		return -1;
	if (!rp_jail_start(&jail, NULL, why, sizeof(why)))
		return 0;
	print_error("%s\n", why);
	return -1;
}

/* It has served for all of them, and was never lost. */
static int stop_jail(void **state)
{
	struct rp_jail_stats s;

	rp_jail_stats(jail, &s);
	rp_jail_stop(jail);
	jail = NULL;
	return remove_tree(state) || !s.cpu_ns[RP_JAIL_SYMBOLS] || s.started != 1;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_asked_for),
		cmocka_unit_test(not_too_many_are_open),
		cmocka_unit_test(a_file_that_is_damaged_meanwhile),
		cmocka_unit_test(a_window_of_a_large_program),
	};
	int failed;

	rp_jail_main(argc, argv);
	failed = cmocka_run_group_tests_name("symbol_rest", tests, make_large, remove_tree);
	return failed + cmocka_run_group_tests_name("symbol_rest in a jail", tests, start_jail,
						    stop_jail);
}
