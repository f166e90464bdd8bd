// SPDX-License-Identifier: GPL-2.0
/*
 * What a record of an address space says: its mappings, whole and in parts, and their files,
 * which many have in common; and records that are malformed.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>

#include "spaces_fixture.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lookup),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_overlap),
		cmocka_unit_test(test_sharing),
		cmocka_unit_test(test_identity),
		cmocka_unit_test(test_identity_by_stat),
		cmocka_unit_test(test_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
