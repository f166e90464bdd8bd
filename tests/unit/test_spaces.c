// SPDX-License-Identifier: GPL-2.0
/* Address spaces as time goes by: records in every order, forgetting, limits. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "spaces_fixture.h"

static void add_same(struct rp_spaces *s, struct rp_space_id id, uint32_t map_gen)
{
	struct rp_space *rec = make_space(id, map_gen);

	rec->flags = RP_SPACE_SAME;
	assert_int_equal(rp_spaces_add(s, rec), 0);
	free(rec);
}

static const char *path_at(struct rp_spaces *s, struct rp_space_id id, uint32_t map_gen)
{
	struct rp_aspace *as = rp_spaces_find(s, &id);
	const struct rp_mapped *m;

	assert_non_null(as);
	m = rp_maps_find(rp_spaces_maps(s, as, map_gen), 0x1800);
	return m ? m->file->path : NULL;
}

static void test_generations(void **state)
{
	struct rp_space_id id = space_id(10, 1, 1);
	struct rp_spaces *s = new_spaces();
	struct rp_spaces_stats stats;

	(void)state;
	/* 6 and 8 come before 3 and 5, and 5 says "as before". 4 and 7 never come. */
	add_one(s, id, 6, "/six");
	add_same(s, id, 5);
	add_same(s, id, 8);
	add_one(s, id, 3, "/three");
	assert_string_equal(path_at(s, id, 3), "/three");
	assert_string_equal(path_at(s, id, 5), "/three");
	assert_string_equal(path_at(s, id, 6), "/six");
	assert_string_equal(path_at(s, id, 8), "/six");
	rp_spaces_stats(s, &stats);
	assert_int_equal(stats.inexact, 0);

	assert_string_equal(path_at(s, id, 4), "/three");	/* 5, which is as 3 */
	assert_string_equal(path_at(s, id, 2), "/three");
	assert_string_equal(path_at(s, id, 7), "/six");
	assert_string_equal(path_at(s, id, 9), "/six");		/* nothing higher */
	rp_spaces_stats(s, &stats);
	assert_int_equal(stats.inexact, 4);
	assert_string_equal(path_at(s, id, 0), "/six");
	rp_spaces_free(s);
}

static void test_same_without_before(void **state)
{
	struct rp_space_id id = space_id(10, 1, 1);
	struct rp_spaces *s = new_spaces();

	(void)state;
	add_same(s, id, 5);
	assert_null(path_at(s, id, 5));
	add_one(s, id, 9, "/nine");
	assert_string_equal(path_at(s, id, 5), "/nine");
	rp_spaces_free(s);
}

static void test_trim(void **state)
{
	struct rp_space_id a = space_id(10, 1, 1), b = space_id(11, 2, 1);
	struct rp_exit gone = make_exit(a);
	struct rp_spaces *s = new_spaces();
	struct rp_spaces_stats stats;

	(void)state;
	add_one(s, a, 1, "/a");
	add_one(s, b, 2, "/b2");
	add_same(s, b, 3);
	add_one(s, b, 5, "/b5");
	assert_int_equal(rp_spaces_exit(s, &gone), 0);
	assert_true(rp_spaces_find(s, &a)->exited);
	rp_spaces_trim(s);
	/* The next window may still get samples that were in the rings. */
	assert_string_equal(path_at(s, a, 1), "/a");
	assert_string_equal(path_at(s, b, 2), "/b2");
	rp_spaces_trim(s);
	assert_null(rp_spaces_find(s, &a));
	assert_int_equal(calls.dropped, 1);
	assert_string_equal(path_at(s, b, 5), "/b5");
	rp_spaces_stats(s, &stats);
	assert_int_equal(stats.maps, 1);
	assert_int_equal(stats.files, 1);
	rp_spaces_free(s);
	assert_int_equal(calls.dropped, 2);
}

/* "As before" stays true when the one before is forgotten. */
static void test_trim_same(void **state)
{
	struct rp_space_id id = space_id(11, 2, 1);
	struct rp_spaces *s = new_spaces();

	(void)state;
	add_one(s, id, 2, "/two");
	add_same(s, id, 3);
	for (int i = 0; i < 4; i++) {
		rp_spaces_trim(s);
		assert_string_equal(path_at(s, id, 3), "/two");
	}
	rp_spaces_free(s);
}

/* A number used again, and an exec, end what was before, without an EXIT. */
static void test_replaced(void **state)
{
	struct rp_space_id old = space_id(10, 1, 1), exec = space_id(10, 1, 2);
	struct rp_space_id reused = space_id(10, 9, 1), late = space_id(10, 5, 1);
	struct rp_exit gone = make_exit(space_id(10, 9, 3));
	struct rp_spaces *s = new_spaces();

	(void)state;
	assert_false(rp_spaces_get(s, &old)->exited);
	assert_false(rp_spaces_get(s, &exec)->exited);
	assert_true(rp_spaces_find(s, &old)->exited);
	assert_false(rp_spaces_get(s, &reused)->exited);
	assert_true(rp_spaces_find(s, &exec)->exited);
	/* Its record came late: it is over already, and ends nobody. */
	assert_true(rp_spaces_get(s, &late)->exited);
	assert_false(rp_spaces_find(s, &reused)->exited);
	/* The EXIT names an exec that was never sampled. */
	assert_int_equal(rp_spaces_exit(s, &gone), 0);
	assert_true(rp_spaces_find(s, &reused)->exited);
	rp_spaces_free(s);
}

static void test_sweep(void **state)
{
	const struct rp_spaces_options o = { .sweep = true };
	struct rp_space_id self = space_id((uint32_t)getpid(), 1, 1);
	/* Above the highest number that a process can have. */
	struct rp_space_id nobody = space_id(0x7ffffff0, 1, 1), kernel = { 0 };
	struct rp_spaces *s = rp_spaces_new(&o);

	(void)state;
	assert_non_null(s);
	rp_spaces_get(s, &self);
	rp_spaces_get(s, &nobody);
	rp_spaces_get(s, &kernel);
	rp_spaces_trim(s);
	assert_false(rp_spaces_find(s, &self)->exited);
	assert_true(rp_spaces_find(s, &nobody)->exited);
	assert_false(rp_spaces_find(s, &kernel)->exited);
	rp_spaces_free(s);
}

static void test_limits(void **state)
{
	const struct rp_spaces_options o = { .spaces_max = 2, .bytes_max = 4000 };
	struct rp_spaces *s = rp_spaces_new(&o);
	struct rp_space_id id = space_id(1, 1, 1);
	struct rp_spaces_stats stats;
	struct rp_space *rec;
	char path[100];

	(void)state;
	assert_non_null(s);
	assert_non_null(rp_spaces_get(s, &id));
	id.tgid = 2;
	assert_non_null(rp_spaces_get(s, &id));
	id.tgid = 3;
	assert_null(rp_spaces_get(s, &id));
	id.tgid = 2;
	rec = make_space(id, 1);
	for (unsigned int i = 0; i < 100; i++) {
		snprintf(path, sizeof(path), "/some/file/with/a/name/%u", i);
		add_map(&rec, i * 4096, i * 4096 + 4096, 0, path);
	}
	assert_int_equal(rp_spaces_add(s, rec), -ENOSPC);
	free(rec);
	rp_spaces_stats(s, &stats);
	assert_int_equal(stats.refused, 2);
	assert_int_equal(stats.files, 0);
	add_one(s, id, 2, "/small");	/* there is room again */
	assert_string_equal(path_at(s, id, 2), "/small");
	rp_spaces_free(s);
}

/* Growth of the tables: everything is found again. */
static void test_many(void **state)
{
	struct rp_spaces *s = new_spaces();
	struct rp_spaces_stats stats;
	struct rp_exit gone;
	char path[32];

	(void)state;
	for (uint32_t i = 1; i <= 3000; i++) {
		snprintf(path, sizeof(path), "/file%u", i);
		add_one(s, space_id(i, i, 1), i, path);
	}
	for (uint32_t i = 1; i <= 3000; i++) {
		snprintf(path, sizeof(path), "/file%u", i);
		assert_string_equal(path_at(s, space_id(i, i, 1), i), path);
		gone = make_exit(space_id(i, i, 1));
		rp_spaces_exit(s, &gone);
	}
	rp_spaces_trim(s);
	rp_spaces_trim(s);
	rp_spaces_stats(s, &stats);
	assert_int_equal(stats.spaces, 0);
	assert_int_equal(stats.bytes, 0);
	assert_int_equal(calls.dropped, 3000);
	rp_spaces_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_generations),
		cmocka_unit_test(test_same_without_before),
		cmocka_unit_test(test_trim),
		cmocka_unit_test(test_trim_same),
		cmocka_unit_test(test_replaced),
		cmocka_unit_test(test_sweep),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
