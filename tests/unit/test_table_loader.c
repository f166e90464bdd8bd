// SPDX-License-Identifier: GPL-2.0
/*
 * The table loader, with this process's own mappings for a profiled process's, and a
 * function for the module.
 */
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "build_id.h"
#include "folder_fixture.h"
#include "mapped_file.h"
#include "own_budget_fixture.h"
#include "table_loader.h"
#include "tables.h"

#define TRIES 3000		/* of 10 ms */

/* ---- the module ------------------------------------------------------------ */

struct given {
	struct rp_file_id file;
	bool here;			/* not evicted */
	unsigned int times;
};

static struct module {
	struct given given[64];
	unsigned int nr, loads, asked;
	uint64_t evicted;
	uint32_t limits;		/* that it has had */
	int answer;			/* instead of taking a table */
	bool unknown;			/* the call does not exist */
} module;

static struct given *find(const struct rp_file_id *id)
{
	unsigned int i;

	for (i = 0; i < module.nr; i++)
		if (!memcmp(&module.given[i].file, id, sizeof(*id)))
			return &module.given[i];
	return NULL;
}

static int take(struct rp_table_load *load)
{
	const struct rp_unwind_table *t = (const void *)(uintptr_t)load->table;
	struct given *g = find(&load->file);

	assert_true(load->size >= sizeof(*t));
	assert_int_equal(rp_unwind_size(t), load->size);
	assert_true(rp_unwind_check_rules(t));
	assert_true(rp_unwind_check_blocks(t, 0, t->nr_blocks));
	if (module.answer)
		return module.answer;
	if (!g) {
		assert_true(module.nr < 64);
		g = &module.given[module.nr++];
		g->file = load->file;
	}
	g->here = true;
	g->times++;
	__atomic_add_fetch(&module.loads, 1, __ATOMIC_SEQ_CST);
	return 0;
}

static int answer(void *arg, struct rp_table_load *load)
{
	struct given *g;

	assert_ptr_equal(arg, &module);
	load->evicted = module.evicted;
	if (module.unknown)
		return -ENOTTY;
	if (load->size)
		return take(load);
	module.asked++;
	g = find(&load->file);
	return g && g->here ? 0 : -ENOENT;
}

static uint32_t limits(void *arg)
{
	assert_ptr_equal(arg, &module);
	return module.limits;
}

/* ---- mappings --------------------------------------------------------------- */

/* One mapping of a file that this process, or nobody, has mapped. */
struct one {
	struct rp_mapped_file file;
	struct rp_maps *maps;
};

/* Freed by tear_down. */
static struct rp_maps *made[16];
static unsigned int nr_made;

static struct one one_of(const char *path)
{
	struct stat st;
	struct one o = {
		.file.path = path,
		.maps = calloc(1, sizeof(*o.maps) + sizeof(o.maps->map[0])),
	};

	assert_true(o.maps && nr_made < 16);
	made[nr_made++] = o.maps;
	o.maps->nr = 1;
	o.maps->map[0].start = 0x1000;
	o.maps->map[0].end = 0x100000;
	if (!stat(path, &st)) {
		o.file.inode = st.st_ino;
		o.file.dev_major = major(st.st_dev);
		o.file.dev_minor = minor(st.st_dev);
	}
	return o;
}

static const struct rp_maps *maps_of(struct one *o)
{
	o->maps->map[0].file = &o->file;
	return o->maps;
}

static void with_build_id(struct one *o, const char *hex)
{
	unsigned int i, byte;

	o->file.build_id_len = (uint8_t)(strlen(hex) / 2);
	for (i = 0; i < o->file.build_id_len; i++) {
		assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
		o->file.build_id[i] = (uint8_t)byte;
	}
}

/* ---- the loader ------------------------------------------------------------- */

static struct rp_table_loader *loader;
static const struct rp_aspace space = { .id.tgid = 1 };	/* has nothing of ours mapped */
static char self[512];

static struct rp_own_budget *budget;	/* NULL: none */

static void start(const char *cache)
{
	const struct rp_table_loader_options o = {
		.cache_folder = cache, .load = answer, .limit_generation = limits,
		.arg = &module, .budget = budget,
	};
	char why[256] = "";

	if (rp_table_loader_start(&loader, &o, why, sizeof(why)))
		fail_msg("%s", why);
	module.asked = 0;
}

static int set_up(void **state)
{
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	(void)state;
	module = (struct module){ 0 };
	self[n > 0 ? n : 0] = '\0';
	return n > 0 ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	rp_table_loader_stop(loader);
	loader = NULL;
	while (nr_made)
		free(made[--nr_made]);
	return 0;
}

/* Until nothing waits; the one in hand included. */
static struct rp_table_loader_stats settled(void)
{
	const struct timespec nap = { .tv_nsec = 10000000 };
	struct rp_table_loader_stats s;
	uint64_t before = 0, done;
	int i, quiet = 0;

	for (i = 0; i < TRIES && quiet < 10; i++) {
		nanosleep(&nap, NULL);
		rp_table_loader_stats(loader, &s);
		done = s.loaded + s.missing + s.refused + __atomic_load_n(&module.loads,
									__ATOMIC_SEQ_CST);
		quiet = !s.waiting && done == before ? quiet + 1 : 0;
		before = done;
	}
	assert_int_equal(s.waiting, 0);
	return s;
}

static void until_loaded(uint64_t loaded)
{
	const struct timespec nap = { .tv_nsec = 10000000 };
	struct rp_table_loader_stats s = { 0 };
	int i;

	for (i = 0; i < TRIES && s.loaded < loaded; i++) {
		nanosleep(&nap, NULL);
		rp_table_loader_stats(loader, &s);
	}
	assert_int_equal(s.loaded, loaded);
}

/* The limit is looked at now and then. */
static void sample_until_loaded(const struct one *o, uint64_t loaded)
{
	const struct timespec nap = { .tv_nsec = 10000000 };
	struct rp_table_loader_stats s = { 0 };
	int i;

	for (i = 0; i < TRIES && s.loaded < loaded; i++) {
		rp_table_loader_sample(loader, o->maps, 0x2000);
		nanosleep(&nap, NULL);
		rp_table_loader_stats(loader, &s);
	}
	assert_int_equal(s.loaded, loaded);
}

static void test_a_file_is_given_once(void **state)
{
	struct one o = one_of(self), again = one_of(self);
	struct rp_table_loader_stats s;

	(void)state;
	start(NULL);
	rp_table_loader_note(loader, &space, maps_of(&o));
	until_loaded(1);
	rp_table_loader_note(loader, &space, maps_of(&o));
	rp_table_loader_note(loader, &space, maps_of(&again));
	rp_table_loader_sample(loader, again.maps, 0x2000);
	s = settled();
	assert_int_equal(s.loaded, 1);
	assert_int_equal(s.compiled, 1);
	assert_true(s.bytes > 1000);
	assert_true(s.cpu_ns > 0);
	assert_int_equal(module.nr, 1);
	assert_int_equal(module.given[0].file.kind, RP_FILE_INODE);
	assert_int_equal(module.given[0].file.inode, o.file.inode);
}

/* Nothing was begun, and the thread sleeps. */
static void expect_waits(void)
{
	const struct timespec nap = { .tv_nsec = 20000000 };
	struct rp_table_loader_stats s;
	struct rp_own_budget_stats b = { .waited = { 0 } };
	int i;

	for (i = 0; i < TRIES && !b.waited[RP_CPU_AHEAD]; i++) {
		nanosleep(&nap, NULL);
		rp_own_budget_stats(budget, &b);
	}
	assert_int_equal(b.waited[RP_CPU_AHEAD], 1);
	rp_table_loader_stats(loader, &s);
	assert_int_equal(s.waiting, 1);
	assert_int_equal(s.loaded, 0);
}

/* Each file waits for the budget; and until there is memory, however long that takes. */
static void test_files_wait_for_the_budget(void **state)
{
	struct one o = one_of(self), other = one_of("/bin/sh");

	(void)state;
	budget = make_budget();
	spend_budget(1);
	start(NULL);
	rp_table_loader_note(loader, &space, maps_of(&o));
	expect_waits();
	rp_table_loader_stop(loader);
	rp_own_budget_free(budget);

	budget = make_budget();
	rp_own_budget_hold(budget, true);
	start(NULL);
	rp_table_loader_note(loader, &space, maps_of(&other));
	expect_waits();
	rp_own_budget_hold(budget, false);
	rp_table_loader_wake(loader);
	until_loaded(1);
	rp_table_loader_stop(loader);
	loader = NULL;
	rp_own_budget_free(budget);
	budget = NULL;
}

static void test_the_vdso_is_given(void **state)
{
	struct one o = one_of("[vdso]"), other = one_of("[heap]");
	size_t size;

	(void)state;
	if (!rp_vdso_image(&size))
		skip();
	o.file.flags = other.file.flags = RP_MAP_ANON;
	start(NULL);
	rp_table_loader_note(loader, &space, maps_of(&other));
	rp_table_loader_note(loader, &space, maps_of(&o));
	until_loaded(1);
	settled();
	assert_int_equal(module.nr, 1);
	assert_int_equal(module.given[0].file.kind, RP_FILE_VDSO);
}

/* What stands at the path is another file, or is no ELF file, or is not there. */
static void test_files_without_a_table(void **state)
{
	struct one other = one_of(self), text = one_of("/proc/self/status");
	struct one gone = one_of("/nowhere/at/all"), wrong = one_of(self);
	struct rp_table_loader_stats s;

	(void)state;
	start(NULL);
	other.file.inode++;
	gone.file.inode = 5;
	with_build_id(&wrong, "0102030405060708");
	rp_table_loader_note(loader, &space, maps_of(&other));
	rp_table_loader_note(loader, &space, maps_of(&text));
	rp_table_loader_note(loader, &space, maps_of(&gone));
	rp_table_loader_note(loader, &space, maps_of(&wrong));
	s = settled();
	assert_int_equal(s.missing, 4);
	assert_int_equal(module.nr, 0);
}

/* Another process that has mapped it knows the way to it. */
static void test_a_missing_file_is_found_later(void **state)
{
	struct one hidden = one_of(self), shown = one_of(self);
	const struct rp_aspace later = { .id.tgid = (uint32_t)getpid() };
	struct rp_table_loader_stats s;

	(void)state;
	start(NULL);
	hidden.file.path = "/nowhere/at/all";
	rp_table_loader_note(loader, &space, maps_of(&hidden));
	s = settled();
	assert_int_equal(s.missing, 1);
	rp_table_loader_note(loader, &later, maps_of(&shown));
	until_loaded(1);
}

static void test_what_was_evicted_comes_again(void **state)
{
	struct one o = one_of(self), vdso = one_of("[vdso]"), other = one_of("/bin/sh");
	struct rp_table_loader_stats s;
	size_t size;

	(void)state;
	if (!rp_vdso_image(&size))
		skip();
	vdso.file.flags = RP_MAP_ANON;
	start(NULL);
	rp_table_loader_note(loader, &space, maps_of(&vdso));
	until_loaded(1);
	rp_table_loader_note(loader, &space, maps_of(&o));
	until_loaded(2);
	settled();
	module.given[1].here = false;
	module.evicted = 1;
	rp_table_loader_sample(loader, o.maps, 0x2000);	/* nobody knows yet */
	settled();
	assert_int_equal(module.loads, 2);
	rp_table_loader_note(loader, &space, maps_of(&other));
	until_loaded(3);
	s = settled();
	assert_int_equal(s.evicted, 1);
	rp_table_loader_sample(loader, o.maps, 0x2000);
	until_loaded(4);
	settled();
	assert_int_equal(module.given[1].times, 2);
	/* This one is there still: it is asked for, and not given again. */
	assert_int_equal(module.asked, 1);
	rp_table_loader_sample(loader, vdso.maps, 0x2000);
	s = settled();
	assert_int_equal(s.loaded, 4);
	assert_int_equal(module.asked, 2);
}

static void test_a_module_without_room(void **state)
{
	struct one o = one_of(self);
	struct rp_table_loader_stats s;

	(void)state;
	module.answer = -ENOSPC;
	start(NULL);
	rp_table_loader_note(loader, &space, maps_of(&o));
	s = settled();
	assert_int_equal(s.refused, 1);
	assert_int_equal(s.loaded, 0);

	/* Not again for nothing, but when the limit has changed. */
	rp_table_loader_sample(loader, o.maps, 0x2000);
	s = settled();
	assert_int_equal(s.refused, 1);
	module.answer = 0;
	module.limits++;
	rp_table_loader_note(loader, &space, maps_of(&o));
	sample_until_loaded(&o, 1);
}

/* Which drops tables, and tells nobody how many until it is asked. */
static void test_a_limit_that_is_lowered_and_raised(void **state)
{
	struct one o = one_of(self);

	(void)state;
	start(NULL);
	rp_table_loader_note(loader, &space, maps_of(&o));
	until_loaded(1);
	settled();
	module.given[0].here = false;
	module.evicted++;
	module.limits += 2;
	sample_until_loaded(&o, 2);
	assert_int_equal(module.given[0].times, 2);
}

static void test_an_old_module(void **state)
{
	const struct rp_table_loader_options o = { .load = answer, .arg = &module };
	char why[256] = "";

	(void)state;
	module.unknown = true;
	assert_int_equal(rp_table_loader_start(&loader, &o, why, sizeof(why)), -EOPNOTSUPP);
	assert_non_null(strstr(why, "frame pointers"));
}

/* The C library has a build id everywhere: its table comes out of the cache. */
static int find_libc(struct dl_phdr_info *info, size_t size, void *arg)
{
	char *path = arg;

	(void)size;
	if (strstr(info->dlpi_name, "/libc.so"))
		snprintf(path, 256, "%s", info->dlpi_name);
	return 0;
}

static bool build_id_of(const char *path, char hex[static RP_BUILD_ID_HEX])
{
	char command[512];
	FILE *f;
	bool found;

	snprintf(command, sizeof(command), "readelf -n '%s' | sed -n 's/.*Build ID: //p'", path);
	f = popen(command, "r");
	found = f && fscanf(f, "%128[0-9a-f]", hex) == 1;
	if (f)
		pclose(f);
	return found;
}

static void test_the_cache_is_used(void **state)
{
	char path[256] = "", hex[RP_BUILD_ID_HEX];
	struct rp_table_loader_stats s;
	struct one o;

	(void)state;
	dl_iterate_phdr(find_libc, path);
	if (!*path || !build_id_of(path, hex))
		skip();
	assert_int_equal(make_folder(state), 0);
	o = one_of(path);
	with_build_id(&o, hex);
	start(folder);
	rp_table_loader_note(loader, &space, maps_of(&o));
	until_loaded(1);
	s = settled();
	assert_int_equal(s.compiled, 1);
	rp_table_loader_stop(loader);
	start(folder);
	o.file.path = "/nowhere/at/all";
	rp_table_loader_note(loader, &space, maps_of(&o));
	until_loaded(1);
	s = settled();
	assert_int_equal(s.compiled, 0);
	assert_int_equal(s.cache.hits, 1);
	assert_int_equal(remove_folder(state), 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(test_a_file_is_given_once),
		T(test_files_wait_for_the_budget),
		T(test_the_vdso_is_given),
		T(test_files_without_a_table),
		T(test_a_missing_file_is_found_later),
		T(test_what_was_evicted_comes_again),
		T(test_a_module_without_room),
		T(test_a_limit_that_is_lowered_and_raised),
		T(test_an_old_module),
		T(test_the_cache_is_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
