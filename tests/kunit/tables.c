// SPDX-License-Identifier: GPL-2.0
/* The store of tables (kmod/table.c, table_load.c): what is taken, and what has to go. */
#include "../../kmod/rule_cache.h"
#include "store.h"
#include "suites.h"

#define TABLES_CASES(X) \
	X(gives_and_asks) \
	X(files_are_told_apart) \
	X(refuses_lies) \
	X(refuses_what_is_no_request) \
	X(takes_large_ones) \
	X(replaces) \
	X(a_rule_is_kept_as_long_as_its_table) \
	X(least_used_goes_first) \
	X(what_is_in_use_stays) \
	X(its_own_old_one_makes_room) \
	X(a_lower_limit_evicts) \
	X(a_limit_of_nothing) \
	X(ends_with_nothing)

static void gives_and_asks(struct kunit *test)
{
	struct rp_session *session = test->priv;
	struct rp_file_id one = rp_store_file(1), two = rp_store_file(2);
	u64 size = rp_unwind_size(rp_store_table(test, 1));

	KUNIT_EXPECT_EQ(test, rp_store_ask(session, &one), -ENOENT);
	rp_store_load(test, &one, 7);
	KUNIT_EXPECT_EQ(test, rp_store_ask(session, &one), 0);
	KUNIT_EXPECT_EQ(test, rp_store_ask(session, &two), -ENOENT);
	KUNIT_EXPECT_EQ(test, rp_store_mark(rp_store_find(session, &one)), 7);
	KUNIT_EXPECT_EQ(test, session->tables.nr, 1u);
	KUNIT_EXPECT_EQ(test, session->tables.bytes, size);
	KUNIT_EXPECT_EQ(test, rp_store_count(session, RP_COUNTER_TABLES_LOADED), 1ull);
}

/* By every word that belongs to their kind. */
static void files_are_told_apart(struct kunit *test)
{
	struct rp_session *session = test->priv;
	static const struct rp_file_id ids[] = {
		{ .kind = RP_FILE_INODE }, { .kind = RP_FILE_INODE, .inode = 1 },
		{ .kind = RP_FILE_INODE, .inode = 1ull << 32 },
		{ .kind = RP_FILE_INODE, .dev_major = 1 },
		{ .kind = RP_FILE_INODE, .dev_minor = 1 }, { .kind = RP_FILE_VDSO },
		{ .kind = RP_FILE_BUILD_ID, .build_id_len = 1 },
		{ .kind = RP_FILE_BUILD_ID, .build_id_len = 2 },
		{ .kind = RP_FILE_BUILD_ID, .build_id_len = 2, .build_id = { 0, 1 } },
	};
	s32 i;

	for (i = 0; i < (s32)ARRAY_SIZE(ids); i++) {
		KUNIT_EXPECT_EQ(test, rp_store_ask(session, &ids[i]), -ENOENT);
		rp_store_load(test, &ids[i], i + 1);
	}
	for (i = 0; i < (s32)ARRAY_SIZE(ids); i++)
		KUNIT_EXPECT_EQ(test, rp_store_mark(rp_store_find(session, &ids[i])), i + 1);
	KUNIT_EXPECT_EQ(test, session->tables.nr, (u32)ARRAY_SIZE(ids));
}

/* Nothing is charged for one that is refused, and no file is known by it. */
static void refuse(struct kunit *test, struct rp_unwind_table *table, u64 size, int number)
{
	struct rp_session *session = test->priv;
	struct rp_file_id id = rp_store_file(1);
	int err = rp_store_give(session, &id, table, size);

	KUNIT_EXPECT_EQ_MSG(test, err, -EINVAL, "number %d", number);
	KUNIT_EXPECT_EQ(test, rp_store_ask(session, &id), -ENOENT);
	KUNIT_EXPECT_EQ(test, session->tables.bytes, 0ull);
	KUNIT_EXPECT_EQ(test, session->tables.nr, 0u);
}

static void refuses_lies(struct kunit *test)
{
	const struct rp_unwind_table header =
		rp_table_header(RP_TABLE_MACHINE, RP_LIE_BLOCKS, RP_LIE_ROWS, RP_LIE_RULES);
	u64 size = rp_unwind_size(&header);
	struct rp_unwind_table *table = kunit_kzalloc(test, 2 * size, GFP_KERNEL);
	int i;

	KUNIT_ASSERT_TRUE(test, table != NULL);
	for (i = 0; i < RP_LIES; i++) {
		memset(table, 0, 2 * size);
		rp_table_fill(table, header);
		rp_table_lie(table, i);
		refuse(test, table, size, i);
	}
	memset(table, 0, 2 * size);
	rp_table_fill(table, header);
	refuse(test, table, size - 1, i);
	refuse(test, table, size + 1, i);
	table->machine = RP_UNWIND_X86_64 + RP_UNWIND_ARM64 - RP_TABLE_MACHINE;
	refuse(test, table, size, i);
	KUNIT_EXPECT_EQ(test, rp_store_count(test->priv, RP_COUNTER_TABLES_LOADED), 0ull);
}

static void refuses_what_is_no_request(struct kunit *test)
{
	static const struct rp_file_id wrong[] = {
		{ .kind = 0 }, { .kind = RP_FILE_VDSO + 1 }, { .kind = RP_FILE_BUILD_ID },
		{ .kind = RP_FILE_BUILD_ID, .build_id_len = RP_BUILD_ID_MAX + 1 },
		{ .kind = RP_FILE_BUILD_ID, .build_id_len = 1, .build_id = { 1, 2 } },
		{ .kind = RP_FILE_BUILD_ID, .build_id_len = 1, .inode = 1 },
		{ .kind = RP_FILE_INODE, .build_id_len = 1 },
		{ .kind = RP_FILE_VDSO, .inode = 1 },
	};
	struct rp_session *session = test->priv;
	struct rp_table_load load = { .file = rp_store_file(1), .reserved = 1 };
	struct rp_unwind_table *table = rp_store_table(test, 1);
	u64 size = rp_unwind_size(table);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		KUNIT_EXPECT_EQ(test, rp_store_give(session, &wrong[i], table, size), -EINVAL);
	KUNIT_EXPECT_EQ(test, rp_table_load(session, &load), -EINVAL);
	KUNIT_EXPECT_EQ(test, rp_store_give(session, &load.file, NULL, size), -EFAULT);
	session->set_up = false;
	KUNIT_EXPECT_EQ(test, rp_store_give(session, &load.file, table, size), -EBUSY);
	session->set_up = true;
	KUNIT_EXPECT_EQ(test, session->tables.bytes, 0ull);
	KUNIT_EXPECT_EQ(test, rp_store_give(session, &load.file, table, size), 0);
}

/* More than is copied, and checked, at a time; and what is wrong is wrong at the very end. */
static void takes_large_ones(struct kunit *test)
{
	const struct rp_unwind_table header = rp_table_header(RP_TABLE_MACHINE, 400, 390000, 2);
	struct rp_file_id id = rp_store_file(1);
	u64 size = rp_unwind_size(&header);
	struct rp_unwind_table *table;
	struct rp_unwind_row *last;
	int right, wrong;

	KUNIT_ASSERT_LE(test, size, (u64)RP_STORE_BYTES);
	table = rp_table_alloc(size);
	KUNIT_ASSERT_TRUE(test, table != NULL);
	memset(table, 0, size);
	rp_table_fill(table, header);
	last = (struct rp_unwind_row *)rp_unwind_rows(table) + header.nr_rows - 1;
	last->rule = 2;
	wrong = rp_store_give(test->priv, &id, table, size);
	last->rule = 1;
	right = rp_store_give(test->priv, &id, table, size);
	rp_table_free(table);
	KUNIT_EXPECT_EQ(test, wrong, -EINVAL);
	KUNIT_EXPECT_EQ(test, right, 0);
}

static void replaces(struct kunit *test)
{
	struct rp_session *session = test->priv;
	struct rp_file_id id = rp_store_file(1);
	struct rp_file *file;
	u64 bytes;

	rp_store_load(test, &id, 1);
	file = rp_store_find(session, &id);
	bytes = session->tables.bytes;
	rp_store_load(test, &id, 2);
	KUNIT_EXPECT_PTR_EQ(test, rp_store_find(session, &id), file);
	KUNIT_EXPECT_EQ(test, rp_store_mark(file), 2);
	KUNIT_EXPECT_EQ(test, session->tables.bytes, bytes);
	KUNIT_EXPECT_EQ(test, session->tables.nr, 1u);
	KUNIT_EXPECT_EQ(test, rp_store_count(session, RP_COUNTER_TABLES_LOADED), 2ull);
	KUNIT_EXPECT_EQ(test, session->tables.evicted, 0ull);
}

static s32 cached_mark(struct rp_rule_cache *cache, struct rp_session *session,
		       struct rp_file *file, u64 place)
{
	const struct rp_unwind_table *table;
	s32 mark = 0;

	rcu_read_lock();
	rp_rule_cache_begin(cache, &session->tables);
	table = rp_file_table(file);
	if (table)
		mark = rp_rule_cache_find(cache, table, place)->add;
	rcu_read_unlock();
	return mark;
}

static unsigned int nr_cached(const struct rp_rule_cache *cache)
{
	unsigned int i, nr = 0;

	for (i = 0; i < RP_RULE_CACHE_SIZE; i++)
		nr += cache->rules[i].table != NULL;
	return nr;
}

/* Tables of the same size: a new one may lie where the old one was. */
static void a_rule_is_kept_as_long_as_its_table(struct kunit *test)
{
	struct rp_session *session = test->priv;
	struct rp_rule_cache *cache = kunit_kzalloc(test, sizeof(*cache), GFP_KERNEL);
	struct rp_file_id id = rp_store_file(1), other = rp_store_file(2);
	struct rp_file *file;
	s32 i;

	KUNIT_ASSERT_TRUE(test, cache != NULL);
	rp_store_load(test, &id, 1);
	file = rp_store_find(session, &id);
	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_EQ(test, cached_mark(cache, session, file, 0), 1);
		KUNIT_EXPECT_EQ(test, cached_mark(cache, session, file, 7), 1);
		KUNIT_EXPECT_EQ(test, nr_cached(cache), 2u);
		rp_store_load(test, &other, 5);		/* whose coming changes nothing */
		other = rp_store_file(3 + i);
	}
	/* Another place takes the room. */
	KUNIT_EXPECT_EQ(test, cached_mark(cache, session, file, RP_RULE_CACHE_SIZE), 1);
	KUNIT_EXPECT_EQ(test, nr_cached(cache), 2u);
	KUNIT_EXPECT_EQ(test, cached_mark(cache, session, file, 0), 1);
	for (i = 2; i < 20; i++) {
		rp_store_load(test, &id, i);
		KUNIT_EXPECT_EQ(test, cached_mark(cache, session, file, 0), i);
		KUNIT_EXPECT_EQ(test, nr_cached(cache), 1u);
	}
	rp_tables_set_limit(session, 0);
	rp_rule_cache_begin(cache, &session->tables);
	KUNIT_EXPECT_EQ(test, nr_cached(cache), 0u);
}

/* ---- what has to go ---------------------------------------------------------------- */

/* Files 0, 1, ...: the first ones were used last longest ago. Returns a table's size. */
static u64 load_some(struct kunit *test, u32 nr)
{
	struct rp_session *session = test->priv;
	u32 i;

	for (i = 0; i < nr; i++) {
		struct rp_file_id id = rp_store_file(i);

		rp_store_load(test, &id, i + 1);
		rp_store_find(session, &id)->used = jiffies - (nr - i) * 100 * HZ;
	}
	KUNIT_ASSERT_EQ(test, session->tables.nr, nr);
	return div_u64(session->tables.bytes, nr);
}

/* Which of the first 32 files have a table? */
static u32 there(struct rp_session *session)
{
	u32 i, set = 0;

	for (i = 0; i < 32; i++) {
		struct rp_file_id id = rp_store_file(i);

		if (!rp_store_ask(session, &id))
			set |= 1u << i;
	}
	return set;
}

static void expect_evicted(struct kunit *test, u64 evicted)
{
	struct rp_session *session = test->priv;
	struct rp_table_load load = { .file = rp_store_file(~0ull) };

	KUNIT_EXPECT_EQ(test, rp_table_load(session, &load), -ENOENT);
	KUNIT_EXPECT_EQ(test, load.evicted, evicted);
	KUNIT_EXPECT_EQ(test, rp_store_count(session, RP_COUNTER_TABLES_EVICTED), evicted);
}

static void least_used_goes_first(struct kunit *test)
{
	struct rp_session *session = test->priv;
	u64 size = load_some(test, 5);
	struct rp_file_id more[] = { rp_store_file(5), rp_store_file(6) };
	struct rp_file_id first = rp_store_file(0);

	rp_tables_set_limit(session, 5 * size);
	/* A sample finds it: that is use, and asking for it is not. */
	KUNIT_EXPECT_EQ(test, rp_store_mark(rp_store_find(session, &first)), 1);
	KUNIT_EXPECT_EQ(test, there(session), 0x1fu);
	rp_store_load(test, &more[0], 6);
	KUNIT_EXPECT_EQ(test, there(session), 0x3du);
	rp_store_load(test, &more[1], 7);
	KUNIT_EXPECT_EQ(test, there(session), 0x79u);
	expect_evicted(test, 2);
	KUNIT_EXPECT_EQ(test, session->tables.bytes, 5 * size);
}

/* Others come faster than a mark of use grows old. */
static void what_is_in_use_stays(struct kunit *test)
{
	struct rp_session *session = test->priv;
	u64 size = load_some(test, 4);
	struct rp_file_id second = rp_store_file(1);
	struct rp_file *file = rp_store_find(session, &second);
	u32 i;

	rp_tables_set_limit(session, 4 * size);
	file->used = jiffies - RP_FILE_MARK_AGE / 2;
	for (i = 4; i < 16; i++) {
		struct rp_file_id more = rp_store_file(i);

		rp_store_load(test, &more, i + 1);
		KUNIT_EXPECT_EQ(test, rp_store_mark(file), 2);
	}
	KUNIT_EXPECT_EQ(test, there(session), 0xe002u);
	expect_evicted(test, 12);
}

static void its_own_old_one_makes_room(struct kunit *test)
{
	struct rp_session *session = test->priv;
	u64 size = load_some(test, 3);
	struct rp_file_id last = rp_store_file(2);

	rp_tables_set_limit(session, 3 * size);
	rp_store_load(test, &last, 9);
	KUNIT_EXPECT_EQ(test, rp_store_mark(rp_store_find(session, &last)), 9);
	KUNIT_EXPECT_EQ(test, there(session), 7u);
	expect_evicted(test, 0);
}

static void a_lower_limit_evicts(struct kunit *test)
{
	struct rp_session *session = test->priv;
	u64 size = load_some(test, 6);

	rp_tables_set_limit(session, 6 * size);
	KUNIT_EXPECT_EQ(test, there(session), 0x3fu);
	rp_tables_set_limit(session, 6 * size - 1);
	KUNIT_EXPECT_EQ(test, there(session), 0x3eu);
	rp_tables_set_limit(session, 2 * size);
	KUNIT_EXPECT_EQ(test, there(session), 0x30u);
	KUNIT_EXPECT_EQ(test, session->tables.bytes, 2 * size);
	expect_evicted(test, 4);
}

static void a_limit_of_nothing(struct kunit *test)
{
	struct rp_session *session = test->priv;
	struct rp_unwind_table *table = rp_store_table(test, 5);
	struct rp_file_id id = rp_store_file(1);
	u64 size = load_some(test, 2);

	rp_tables_set_limit(session, 0);
	KUNIT_EXPECT_EQ(test, session->tables.bytes, 0ull);
	KUNIT_EXPECT_EQ(test, session->tables.nr, 0u);
	KUNIT_EXPECT_EQ(test, rp_store_give(session, &id, table, size), -ENOSPC);
	rp_tables_set_limit(session, size - 1);
	KUNIT_EXPECT_EQ(test, rp_store_give(session, &id, table, size), -ENOSPC);
	expect_evicted(test, 2);
	rp_tables_set_limit(session, size);
	KUNIT_EXPECT_EQ(test, rp_store_give(session, &id, table, size), 0);
	expect_evicted(test, 2);
}

static void ends_with_nothing(struct kunit *test)
{
	struct rp_session *session = test->priv;
	u32 i;

	load_some(test, 20);
	rp_tables_destroy(&session->tables);
	KUNIT_EXPECT_EQ(test, session->tables.bytes, 0ull);
	KUNIT_EXPECT_EQ(test, session->tables.nr, 0u);
	KUNIT_EXPECT_TRUE(test, list_empty(&session->tables.loaded));
	for (i = 0; i < RP_FILE_BUCKETS; i++)
		KUNIT_EXPECT_TRUE(test, hlist_empty(&session->tables.files[i]));
}

static struct kunit_case tables_cases[] = {
	TABLES_CASES(RP_SUITE_CASE)
	{}
};

struct kunit_suite rp_tables_suite = {
	.name = "ringprof_tables",
	.suite_init = rp_store_suite_init,
	.suite_exit = rp_store_suite_exit,
	.init = rp_store_init,
	.exit = rp_store_exit,
	.test_cases = tables_cases,
};
