// SPDX-License-Identifier: GPL-2.0
/* Address spaces: records in every order, malformed ones, sharing, forgetting. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "records.h"
#include "spaces.h"

static struct {
	unsigned int appeared, mapped, dropped;
} calls;

static void appeared(void *arg, struct rp_aspace *as)
{
	(void)arg;
	as->data = &calls;
	calls.appeared++;
}

static void mapped(void *arg, struct rp_aspace *as, const struct rp_maps *maps)
{
	(void)arg;
	assert_ptr_equal(as->data, &calls);
	assert_non_null(maps);
	calls.mapped++;
}

static void dropped(void *arg, struct rp_aspace *as)
{
	(void)arg;
	assert_ptr_equal(as->data, &calls);
	calls.dropped++;
}

static struct rp_spaces *new_spaces(void)
{
	const struct rp_spaces_options o = {
		.appeared = appeared, .mapped = mapped, .dropped = dropped,
	};
	struct rp_spaces *s = rp_spaces_new(&o);

	memset(&calls, 0, sizeof(calls));
	assert_non_null(s);
	return s;
}

/* One SPACE with one mapping, named path. */
static void add_one(struct rp_spaces *s, struct rp_space_id id, uint32_t map_gen,
		    const char *path)
{
	struct rp_space *rec = make_space(id, map_gen);

	add_map(&rec, 0x1000, 0x2000, 0, path);
	assert_int_equal(rp_spaces_add(s, rec), 0);
	free(rec);
}

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

static void test_lookup(void **state)
{
	struct rp_space_id id = space_id(10, 1, 1);
	struct rp_spaces *s = new_spaces();
	struct rp_space *rec = make_space(id, 7);
	const struct rp_maps *maps;
	const struct rp_mapped *m;

	(void)state;
	/* Not in order, as parts may leave them; two touch, one is apart. */
	add_map(&rec, 0x5000, 0x6000, 0x100, "/b");
	add_map(&rec, 0x1000, 0x2000, 0, "/a")->flags = RP_MAP_EXE;
	add_map(&rec, 0x2000, 0x3000, 0x1000, "/a");
	assert_int_equal(rp_spaces_add(s, rec), 0);
	free(rec);
	assert_int_equal(calls.appeared, 1);
	assert_int_equal(calls.mapped, 1);

	maps = rp_spaces_maps(s, rp_spaces_find(s, &id), 7);
	assert_int_equal(maps->nr, 3);
	assert_null(rp_maps_find(maps, 0xfff));
	assert_int_equal(rp_maps_find(maps, 0x1000)->start, 0x1000);
	assert_int_equal(rp_maps_find(maps, 0x1fff)->start, 0x1000);
	assert_int_equal(rp_maps_find(maps, 0x2000)->start, 0x2000);
	assert_null(rp_maps_find(maps, 0x3000));
	m = rp_maps_find(maps, 0x5fff);
	assert_string_equal(m->file->path, "/b");
	assert_int_equal(m->offset, 0x100);
	assert_null(rp_maps_find(maps, 0x6000));
	assert_null(rp_maps_find(NULL, 0x1000));
	assert_int_equal(rp_maps_exe(maps)->start, 0x1000);
	assert_string_equal(rp_spaces_find(s, &id)->comm, "process");
	rp_spaces_free(s);
	assert_int_equal(calls.dropped, 1);
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

static void add_part(struct rp_spaces *s, uint32_t map_gen, uint16_t part, bool more,
		     int result)
{
	struct rp_space *rec = make_space(space_id(10, 1, 1), map_gen);
	char path[16];

	snprintf(path, sizeof(path), "/part%u", part);
	add_map(&rec, 0x1000u * (part + 1u), 0x1000u * (part + 2u), 0, path);
	rec->part = part;
	rec->flags = more ? RP_SPACE_MORE : 0;
	assert_int_equal(rp_spaces_add(s, rec), result);
	free(rec);
}

static void test_parts(void **state)
{
	struct rp_space_id id = space_id(10, 1, 1);
	struct rp_spaces *s = new_spaces();
	const struct rp_maps *maps;
	struct rp_spaces_stats stats;

	(void)state;
	/* Two map_gens at once, from two rings. */
	add_part(s, 1, 0, true, 0);
	add_part(s, 2, 0, true, 0);
	add_part(s, 1, 1, true, 0);
	assert_null(rp_spaces_maps(s, rp_spaces_find(s, &id), 1));
	add_part(s, 2, 1, false, 0);
	add_part(s, 1, 2, false, 0);
	maps = rp_spaces_maps(s, rp_spaces_find(s, &id), 1);
	assert_int_equal(maps->nr, 3);
	assert_string_equal(rp_maps_find(maps, 0x3500)->file->path, "/part2");
	maps = rp_spaces_maps(s, rp_spaces_find(s, &id), 2);
	assert_int_equal(maps->nr, 2);

	/* A part is missing: what follows is not taken for the whole. */
	add_part(s, 3, 0, true, 0);
	add_part(s, 3, 2, false, -EBADMSG);
	add_part(s, 4, 1, false, -EBADMSG);
	rp_spaces_stats(s, &stats);
	assert_int_equal(stats.bad, 2);
	assert_int_equal(rp_spaces_maps(s, rp_spaces_find(s, &id), 3)->nr, 2);

	/* Many that are never finished hold no memory for ever. */
	for (uint32_t gen = 100; gen < 200; gen++)
		add_part(s, gen, 0, true, 0);
	rp_spaces_free(s);
}

static void test_overlap(void **state)
{
	struct rp_space_id id = space_id(10, 1, 1);
	struct rp_spaces *s = new_spaces();
	struct rp_space *rec = make_space(id, 1);
	const struct rp_maps *maps;

	(void)state;
	add_map(&rec, 0x1000, 0x4000, 0, "/first");
	add_map(&rec, 0x2000, 0x3000, 0, "/inside");
	add_map(&rec, 0x4000, 0x5000, 0, "/after");
	assert_int_equal(rp_spaces_add(s, rec), 0);
	free(rec);
	maps = rp_spaces_maps(s, rp_spaces_find(s, &id), 1);
	assert_int_equal(maps->nr, 2);
	assert_string_equal(rp_maps_find(maps, 0x2500)->file->path, "/first");
	rp_spaces_free(s);
}

/* Equal mappings of two processes, and of two map_gens, are one list in memory. */
static void test_sharing(void **state)
{
	struct rp_space_id a = space_id(10, 1, 1), b = space_id(11, 2, 1);
	struct rp_spaces *s = new_spaces();
	struct rp_spaces_stats stats;

	(void)state;
	add_one(s, a, 1, "/lib");
	add_one(s, a, 2, "/lib");
	add_one(s, b, 3, "/lib");
	add_one(s, b, 4, "/other");
	rp_spaces_stats(s, &stats);
	assert_int_equal(stats.maps, 2);
	assert_int_equal(stats.files, 2);
	assert_int_equal(stats.spaces, 2);
	assert_ptr_equal(rp_spaces_maps(s, rp_spaces_find(s, &a), 1),
			 rp_spaces_maps(s, rp_spaces_find(s, &b), 3));
	rp_spaces_free(s);
}

/* Files differ by each part of their identity. */
static void test_identity(void **state)
{
	struct rp_spaces *s = new_spaces();
	struct rp_space *rec = make_space(space_id(10, 1, 1), 1);
	struct rp_spaces_stats stats;
	struct rp_map *m;

	(void)state;
	add_map(&rec, 0x1000, 0x2000, 0, "/lib");
	add_map(&rec, 0x2000, 0x3000, 0, "/lib")->inode = 5;
	add_map(&rec, 0x3000, 0x4000, 0, "/lib")->dev_minor = 5;
	add_map(&rec, 0x4000, 0x5000, 0, "/lib")->flags = RP_MAP_DELETED;
	m = add_map(&rec, 0x5000, 0x6000, 0, "/lib");
	m->build_id_len = 20;
	m->build_id[19] = 1;
	add_map(&rec, 0x6000, 0x7000, 0, "/lib")->flags = RP_MAP_EXE;	/* as the first */
	assert_int_equal(rp_spaces_add(s, rec), 0);
	free(rec);
	rp_spaces_stats(s, &stats);
	assert_int_equal(stats.files, 5);
	rp_spaces_free(s);
}

/* One with the inode of another one, which was there before. */
static void test_identity_by_stat(void **state)
{
	struct rp_map_stat stat = { .size = 4096, .mtime = 7, .ctime = 8 };
	struct rp_spaces *s = new_spaces();
	struct rp_space *rec = make_space(space_id(10, 1, 1), 1);
	const struct rp_mapped *m;
	struct rp_spaces_stats stats;
	struct rp_map *map;

	(void)state;
	add_map(&rec, 0x1000, 0x2000, 0, "/lib");
	add_stat(&rec, add_map(&rec, 0x2000, 0x3000, 0, "/lib"), &stat);
	add_stat(&rec, add_map(&rec, 0x3000, 0x4000, 0, "/lib"), &stat);
	stat.ctime++;
	add_stat(&rec, add_map(&rec, 0x4000, 0x5000, 0, "/lib"), &stat);
	/* A build id says it all. */
	map = add_stat(&rec, add_map(&rec, 0x5000, 0x6000, 0, "/lib"), &stat);
	map->build_id_len = 20;
	stat.ctime++;
	map = add_stat(&rec, add_map(&rec, 0x6000, 0x7000, 0, "/lib"), &stat);
	map->build_id_len = 20;
	assert_int_equal(rp_spaces_add(s, rec), 0);
	free(rec);
	rp_spaces_stats(s, &stats);
	assert_int_equal(stats.files, 4);
	m = rp_maps_find(rp_aspace_newest(rp_spaces_find(s, &(struct rp_space_id){
		.tgid = 10, .start = 1, .exec = 1 })), 0x2800);
	assert_int_equal(m->file->stat.size, 4096);
	assert_int_equal(m->file->stat.mtime, 7);
	assert_int_equal(m->file->stat.ctime, 8);
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

static void refuse(struct rp_spaces *s, struct rp_space *rec)
{
	struct rp_spaces_stats before, after;

	rp_spaces_stats(s, &before);
	assert_int_equal(rp_spaces_add(s, rec), -EBADMSG);
	rp_spaces_stats(s, &after);
	assert_int_equal(after.bad, before.bad + 1);
	assert_int_equal(after.maps, before.maps);
	assert_int_equal(after.files, before.files);
	free(rec);
}

static struct rp_space *one_map(struct rp_map **ret)
{
	struct rp_space *rec = make_space(space_id(10, 1, 1), 1);

	*ret = add_map(&rec, 0x1000, 0x2000, 0, "/lib/long-enough");
	return rec;
}

#define REFUSE(change) do { \
		struct rp_map *m; \
		struct rp_space *rec = one_map(&m); \
		change; \
		refuse(s, rec); \
	} while (0)

static void test_malformed(void **state)
{
	struct rp_spaces *s = new_spaces();

	(void)state;
	REFUSE((void)m; rec->nr_maps = 2);
	REFUSE((void)m; rec->rec.size -= 8);
	REFUSE((void)m; rec->rec.size = sizeof(*rec) - 8);
	REFUSE((void)m; rec->map_gen = 0);
	REFUSE((void)m; rec->space.tgid = 0);
	REFUSE((void)m; memset(rec->comm, 'x', sizeof(rec->comm)));
	REFUSE(m->size = 0);
	REFUSE(m->size = sizeof(*m) - 8);
	REFUSE(m->size += 8);
	REFUSE(m->size -= 4);
	REFUSE(m->size = UINT32_MAX & ~7u);
	REFUSE(m->path_len = UINT16_MAX);
	REFUSE(m->path_len += 1);
	REFUSE(m->path_len -= 1);
	REFUSE(m->path[3] = '\0');
	REFUSE(memset(m->path, 'x', m->size - sizeof(*m)));
	REFUSE(m->build_id_len = 21);
	REFUSE(m->flags = RP_MAP_STAT);
	REFUSE(m->end = m->start);
	REFUSE(m->end = 0);
	REFUSE(m->offset = UINT64_MAX - 5);
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
		cmocka_unit_test(test_lookup),
		cmocka_unit_test(test_generations),
		cmocka_unit_test(test_same_without_before),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_overlap),
		cmocka_unit_test(test_sharing),
		cmocka_unit_test(test_identity),
		cmocka_unit_test(test_identity_by_stat),
		cmocka_unit_test(test_trim),
		cmocka_unit_test(test_trim_same),
		cmocka_unit_test(test_replaced),
		cmocka_unit_test(test_sweep),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
