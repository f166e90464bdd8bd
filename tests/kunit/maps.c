// SPDX-License-Identifier: GPL-2.0
/* Lists of mappings with their files (kmod/space_maps.c), and how samples find them. */
#include <linux/atomic.h>
#include <linux/preempt.h>
#include <linux/workqueue.h>

#include "kmod/space_maps.h"
#include "store.h"
#include "suites.h"

#define MAPS_CASES(X) \
	X(finds_by_address) \
	X(kinds_of_files) \
	X(spaces_share_files) \
	X(a_file_outlives_its_table) \
	X(another_list_in_its_place) \
	X(nobody_wants_it) \
	X(forgotten_spaces_go) \
	X(another_space_in_the_slot) \
	X(without_a_limit_there_are_none) \
	X(there_may_not_be_too_many) \
	X(all_go_with_the_session)

static struct rp_space_id space(u32 tgid)
{
	return (struct rp_space_id){ .start = 1000, .tgid = tgid, .exec = 1 };
}

/* A sample of that space; what it finds stays until lists are pruned. */
static const struct rp_space_maps *note(struct rp_session *session, u32 tgid)
{
	const struct rp_space_maps *maps = NULL;
	struct rp_space_id id = space(tgid);
	static u64 now = NSEC_PER_SEC;
	u32 map_gen;

	preempt_disable();
	rcu_read_lock();
	now += NSEC_PER_SEC;
	rp_space_note(session->cpus[raw_smp_processor_id()], &id, now, &map_gen, &maps);
	rcu_read_unlock();
	preempt_enable();
	return maps;
}

/* And what has been taken away is freed. */
static void prune(struct rp_session *session)
{
	rp_space_maps_prune(session);
	flush_work(&session->spaces.reaper);
}

/* Mappings of a page each, a page between them, of the files number, number + 1, ... */
static struct rp_space_maps *list(struct kunit *test, u32 tgid, u64 number, u32 nr)
{
	struct rp_space_id id = space(tgid);
	struct rp_space_maps *maps = rp_space_maps_new(test->priv, &id, nr);
	u32 i;

	KUNIT_ASSERT_TRUE(test, maps != NULL);
	for (i = 0; i < nr; i++) {
		struct rp_map map = { .start = 0x400000 + 0x2000 * i, .offset = 0x1000 * i,
				      .dev_major = 8, .inode = number + i };

		map.end = map.start + 0x1000;
		rp_space_maps_add(test->priv, maps, &map);
	}
	return maps;
}

/* A space that is known, with a list. */
static const struct rp_space_maps *publish(struct kunit *test, u32 tgid, u64 number, u32 nr)
{
	struct rp_space_maps *maps = list(test, tgid, number, nr);
	struct rp_space_id id = space(tgid);

	note(test->priv, tgid);
	rp_space_maps_publish(test->priv, &id, maps);
	return maps;
}

static void load(struct kunit *test, u64 number, s32 mark)
{
	struct rp_file_id id = rp_store_file(number);

	rp_store_load(test, &id, mark);
}

static void finds_by_address(struct kunit *test)
{
	static const u32 sizes[] = { 0, 1, 2, 3, 7, 100 };
	const struct rp_space_maps *maps;
	unsigned long at;
	u32 n, i;

	for (n = 0; n < ARRAY_SIZE(sizes); n++) {
		maps = publish(test, 10 + n, 1, sizes[n]);
		KUNIT_EXPECT_EQ(test, maps->nr, sizes[n]);
		KUNIT_EXPECT_TRUE(test, maps->whole);
		KUNIT_EXPECT_TRUE(test, !rp_space_maps_find(maps, 0));
		KUNIT_EXPECT_TRUE(test, !rp_space_maps_find(maps, 0x3fffff));
		KUNIT_EXPECT_TRUE(test, !rp_space_maps_find(maps, ~0ul));
		for (i = 0; i < sizes[n]; i++) {
			at = 0x400000 + 0x2000 * i;
			KUNIT_EXPECT_PTR_EQ(test, rp_space_maps_find(maps, at), &maps->map[i]);
			KUNIT_EXPECT_PTR_EQ(test, rp_space_maps_find(maps, at + 0xfff),
					    &maps->map[i]);
			KUNIT_EXPECT_TRUE(test, !rp_space_maps_find(maps, at + 0x1000));
			KUNIT_EXPECT_TRUE(test, !rp_space_maps_find(maps, at + 0x1fff));
			KUNIT_EXPECT_EQ(test, maps->map[i].offset, 0x1000ull * i);
		}
	}
}

static void kinds_of_files(struct kunit *test)
{
	struct rp_session *session = test->priv;
	static const char vdso[] = "[vdso]", stack[] = "[stack]";
	const struct rp_file_id vdso_id = { .kind = RP_FILE_VDSO };
	struct rp_file_id build_id = { .kind = RP_FILE_BUILD_ID, .build_id_len = 2,
				       .build_id = { 3, 4 } };
	u8 memory[sizeof(struct rp_map) + 8] __aligned(8) = { };
	struct rp_map *map = (void *)memory;
	struct rp_space_id id = space(1);
	struct rp_space_maps *maps = rp_space_maps_new(session, &id, 3);

	KUNIT_ASSERT_TRUE(test, maps != NULL);
	note(session, 1);
	*map = (struct rp_map){ .start = 0x1000, .end = 0x2000, .build_id_len = 2,
				.build_id = { 3, 4 }, .inode = 77 };
	rp_space_maps_add(session, maps, map);
	*map = (struct rp_map){ .start = 0x3000, .end = 0x4000, .flags = RP_MAP_ANON,
				.path_len = sizeof(vdso) - 1 };
	memcpy(map->path, vdso, sizeof(vdso));
	rp_space_maps_add(session, maps, map);
	*map = (struct rp_map){ .start = 0x5000, .end = 0x6000, .flags = RP_MAP_ANON,
				.path_len = sizeof(stack) - 1 };
	memcpy(map->path, stack, sizeof(stack));
	rp_space_maps_add(session, maps, map);
	rp_space_maps_publish(session, &id, maps);
	KUNIT_EXPECT_PTR_EQ(test, maps->map[0].file, rp_store_find(session, &build_id));
	KUNIT_EXPECT_PTR_EQ(test, maps->map[1].file, rp_store_find(session, &vdso_id));
	KUNIT_EXPECT_TRUE(test, !maps->map[2].file);
	rp_store_load(test, &build_id, 1);
	rp_store_load(test, &vdso_id, 2);
	KUNIT_EXPECT_EQ(test, rp_store_mark(maps->map[0].file), 1);
	KUNIT_EXPECT_EQ(test, rp_store_mark(maps->map[1].file), 2);
}

/* By one pointer, whichever came first, the table or the lists. */
static void spaces_share_files(struct kunit *test)
{
	struct rp_session *session = test->priv;
	const struct rp_space_maps *one, *two;

	load(test, 1, 11);
	one = publish(test, 1, 1, 2);
	two = publish(test, 2, 2, 1);
	KUNIT_EXPECT_EQ(test, one->map[0].file->refs, 1u);
	KUNIT_EXPECT_EQ(test, one->map[1].file->refs, 2u);
	KUNIT_EXPECT_PTR_EQ(test, one->map[1].file, two->map[0].file);
	KUNIT_EXPECT_PTR_EQ(test, note(session, 1), one);
	KUNIT_EXPECT_PTR_EQ(test, note(session, 2), two);
	KUNIT_EXPECT_EQ(test, rp_store_mark(one->map[0].file), 11);
	KUNIT_EXPECT_EQ(test, rp_store_mark(two->map[0].file), 0);
	load(test, 2, 12);
	KUNIT_EXPECT_EQ(test, rp_store_mark(one->map[1].file), 12);
	KUNIT_EXPECT_EQ(test, rp_store_mark(two->map[0].file), 12);
	load(test, 2, 13);
	KUNIT_EXPECT_EQ(test, rp_store_mark(one->map[1].file), 13);
	KUNIT_EXPECT_EQ(test, rp_store_mark(two->map[0].file), 13);
}

static void a_file_outlives_its_table(struct kunit *test)
{
	struct rp_session *session = test->priv;
	const struct rp_space_maps *maps;
	struct rp_file *file;

	load(test, 1, 1);
	maps = publish(test, 1, 1, 1);
	file = maps->map[0].file;
	rp_tables_set_limit(session, 0);
	KUNIT_EXPECT_TRUE(test, !note(session, 1));	/* no table, nothing to look for */
	KUNIT_EXPECT_EQ(test, rp_store_mark(file), 0);
	KUNIT_EXPECT_EQ(test, file->refs, 1u);
	rp_tables_set_limit(session, RP_TABLE_LIMIT_DEFAULT);
	load(test, 1, 2);
	KUNIT_EXPECT_PTR_EQ(test, note(session, 1), maps);
	KUNIT_EXPECT_PTR_EQ(test, maps->map[0].file, file);
	KUNIT_EXPECT_EQ(test, rp_store_mark(file), 2);
}

static void another_list_in_its_place(struct kunit *test)
{
	struct rp_session *session = test->priv;
	const struct rp_space_maps *first, *second;
	struct rp_space_id id = space(1);
	struct rp_file *file;

	load(test, 1, 1);
	first = publish(test, 1, 1, 3);
	file = first->map[0].file;
	second = publish(test, 1, 1, 1);
	KUNIT_EXPECT_PTR_EQ(test, note(session, 1), second);
	KUNIT_EXPECT_EQ(test, file->refs, 2u);		/* samples may still be at it */
	KUNIT_EXPECT_EQ(test, atomic_read(&session->spaces.nr_maps), 4);
	prune(session);
	KUNIT_EXPECT_EQ(test, file->refs, 1u);
	KUNIT_EXPECT_EQ(test, atomic_read(&session->spaces.nr_maps), 1);
	KUNIT_EXPECT_TRUE(test, rp_space_maps_there(session, &id));
	rp_space_maps_publish(session, &id, NULL);
	KUNIT_EXPECT_TRUE(test, !note(session, 1));
	KUNIT_EXPECT_FALSE(test, rp_space_maps_there(session, &id));
	prune(session);
	KUNIT_EXPECT_EQ(test, file->refs, 0u);
	KUNIT_EXPECT_EQ(test, rp_store_mark(file), 1);	/* there for the next one */
}

static void nobody_wants_it(struct kunit *test)
{
	struct rp_session *session = test->priv;
	struct rp_space_id id = space(1);

	rp_space_maps_publish(session, &id, list(test, 1, 1, 5));
	KUNIT_EXPECT_FALSE(test, rp_space_maps_there(session, &id));
	KUNIT_EXPECT_EQ(test, atomic_read(&session->spaces.nr_maps), 0);
}

static void forgotten_spaces_go(struct kunit *test)
{
	struct rp_session *session = test->priv;
	const struct rp_space_maps *two;
	struct rp_space_id id = space(1);

	load(test, 1, 1);
	publish(test, 1, 1, 4);
	two = publish(test, 2, 1, 2);
	preempt_disable();
	rp_space_forget(session, &id);
	preempt_enable();
	KUNIT_EXPECT_EQ(test, atomic_read(&session->spaces.nr_maps), 6);
	prune(session);
	KUNIT_EXPECT_EQ(test, atomic_read(&session->spaces.nr_maps), 2);
	KUNIT_EXPECT_PTR_EQ(test, note(session, 2), two);
	KUNIT_EXPECT_TRUE(test, !note(session, 1));
}

/* Who takes it over does not find the list of whom it was. */
static void another_space_in_the_slot(struct kunit *test)
{
	struct rp_session *session = test->priv;
	struct rp_space_id id = space(1);
	u32 tgid;

	load(test, 1, 1);
	publish(test, 1, 1, 2);
	for (tgid = 2; rp_space_maps_there(session, &id) && tgid < 100 * RP_SPACE_SLOTS; tgid++)
		if (note(session, tgid))
			break;
	KUNIT_EXPECT_FALSE(test, rp_space_maps_there(session, &id));
	KUNIT_EXPECT_TRUE(test, !note(session, tgid - 1));
	KUNIT_EXPECT_EQ(test, atomic_read(&session->spaces.nr_maps), 2);
	prune(session);
	KUNIT_EXPECT_EQ(test, atomic_read(&session->spaces.nr_maps), 0);
}

static void without_a_limit_there_are_none(struct kunit *test)
{
	struct rp_session *session = test->priv;
	struct rp_space_id id = space(1);

	rp_tables_set_limit(session, 0);
	KUNIT_EXPECT_TRUE(test, !rp_space_maps_new(session, &id, 1));
	rp_tables_set_limit(session, 1);
	publish(test, 1, 1, 0);		/* and none of nothing is one */
	KUNIT_EXPECT_TRUE(test, rp_space_maps_there(session, &id));
}

static void there_may_not_be_too_many(struct kunit *test)
{
	struct rp_session *session = test->priv;
	struct rp_space_id id = space(1);
	struct rp_space_maps *maps;

	publish(test, 1, 1, 10);
	KUNIT_EXPECT_TRUE(test, !rp_space_maps_new(session, &id, (1u << 18) - 9));
	KUNIT_EXPECT_TRUE(test, !rp_space_maps_new(session, &id, ~0u));
	maps = rp_space_maps_new(session, &id, (1u << 18) - 10);
	KUNIT_EXPECT_TRUE(test, maps != NULL);
	rp_space_maps_publish(session, &id, maps);
	prune(session);
	KUNIT_EXPECT_EQ(test, atomic_read(&session->spaces.nr_maps), 0);
}

static void all_go_with_the_session(struct kunit *test)
{
	struct rp_session *session = test->priv;
	struct rp_file_id id = rp_store_file(1);
	struct rp_file *file;
	u32 tgid;

	load(test, 1, 1);
	for (tgid = 1; tgid <= 50; tgid++)
		publish(test, tgid % 30, 1, 3);
	file = rp_store_find(session, &id);
	KUNIT_EXPECT_EQ(test, file->refs, 50u);
	rp_space_maps_destroy(session);
	KUNIT_EXPECT_EQ(test, file->refs, 0u);
	KUNIT_EXPECT_EQ(test, atomic_read(&session->spaces.nr_maps), 0);
}

static struct kunit_case maps_cases[] = {
	MAPS_CASES(RP_SUITE_CASE)
	{}
};

struct kunit_suite rp_maps_suite = {
	.name = "ringprof_maps",
	.suite_init = rp_store_suite_init,
	.suite_exit = rp_store_suite_exit,
	.init = rp_store_init,
	.exit = rp_store_exit,
	.test_cases = maps_cases,
};
