// SPDX-License-Identifier: GPL-2.0
/*
 * The cache of unwind tables: what is put in comes out, or nothing; its bound; damage.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "folder_fixture.h"
#include "table_cache.h"
#include "tables.h"

static struct rp_table_cache *cache;

static int close_and_remove(void **state)
{
	rp_table_cache_close(cache);
	cache = NULL;
	return remove_folder(state);
}

static void open_cache(uint64_t max_bytes)
{
	char why[256] = "";

	if (rp_table_cache_open(&cache, folder, max_bytes, why, sizeof(why)))
		fail_msg("%s", why);
}

static struct rp_build_id id_of(int n)
{
	struct rp_build_id id = { .size = 20 };

	memset(id.bytes, n, id.size);
	return id;
}

static size_t put(int n)
{
	struct rp_build_id id = id_of(n);
	size_t size;
	void *table = make_table(n, &size);

	rp_table_cache_put(cache, &id, table, size);
	free(table);
	return size;
}

static bool has(int n)
{
	struct rp_build_id id = id_of(n);
	void *table = NULL, *wanted;
	size_t size = 0, wanted_size;
	int err = rp_table_cache_get(cache, &id, &table, &size);

	if (err) {
		assert_int_equal(err, -ENOENT);
		return false;
	}
	wanted = make_table(n, &wanted_size);
	assert_int_equal(size, wanted_size);
	assert_memory_equal(table, wanted, size);
	free(table);
	free(wanted);
	return true;
}

static void test_what_is_put_in_comes_out(void **state)
{
	const struct rp_build_id none = { 0 };
	struct rp_table_cache_stats s;
	void *table = NULL;
	size_t size;

	(void)state;
	open_cache(0);
	assert_false(has(1));
	put(1);
	put(2);
	assert_true(has(1));
	assert_true(has(2));
	assert_false(has(3));
	rp_table_cache_close(cache);
	open_cache(0);
	assert_true(has(1));
	put(1);
	assert_int_equal(each_file(NULL), 2);
	rp_table_cache_stats(cache, &s);
	assert_int_equal(s.hits, 1);
	assert_int_equal(s.misses, 0);
	assert_int_equal(s.written, 1);

	/* A file without a build id is not kept. */
	assert_int_equal(rp_table_cache_get(cache, &none, &table, &size), -ENOENT);
	table = make_table(1, &size);
	rp_table_cache_put(cache, &none, table, size);
	free(table);
	assert_int_equal(each_file(NULL), 2);
}

/* A bit of the byte there, from the start or, if negative, from the end. */
static void flip(const char *path, off_t at)
{
	int fd = open(path, O_RDWR);
	unsigned char c;

	assert_true(fd >= 0);
	assert_true(lseek(fd, at, at < 0 ? SEEK_END : SEEK_SET) > 0);
	assert_int_equal(read(fd, &c, 1), 1);
	c ^= 0x10;
	assert_true(lseek(fd, -1, SEEK_CUR) > 0);
	assert_int_equal(write(fd, &c, 1), 1);
	close(fd);
}

static void flip_last(const char *path)
{
	flip(path, -3);
}

/* Behind magic and checksum: as if another compiler had made the table. */
static void another_compiler(const char *path)
{
	flip(path, 8);
}

static void cut(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(truncate(path, st.st_size - 1), 0);
}

static void cut_to_nothing(const char *path)
{
	assert_int_equal(truncate(path, 0), 0);
}

static void lengthen(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(truncate(path, st.st_size + 1), 0);
}

static void test_what_is_damaged_is_removed(void **state)
{
	void (*const damages[])(const char *) = {
		flip_last, another_compiler, cut, cut_to_nothing, lengthen };
	struct rp_table_cache_stats s;
	size_t i;

	(void)state;
	open_cache(0);
	for (i = 0; i < sizeof(damages) / sizeof(*damages); i++) {
		put(1);
		each_file(damages[i]);
		assert_false(has(1));
		assert_int_equal(each_file(NULL), 0);
		rp_table_cache_stats(cache, &s);
		assert_int_equal(s.damaged, i + 1);
		put(1);
		assert_true(has(1));
	}
}

/* A right checksum over what is no table, or one of another version. */
static void test_what_is_no_table_is_removed(void **state)
{
	struct rp_build_id id = id_of(1);
	struct rp_unwind_table *table;
	size_t size;

	(void)state;
	open_cache(0);
	table = make_table(1, &size);
	table->version++;
	rp_table_cache_put(cache, &id, table, size);
	assert_false(has(1));
	table->version--;
	table->nr_rows++;
	rp_table_cache_put(cache, &id, table, size);
	assert_false(has(1));
	table->nr_rows--;
	rp_table_cache_put(cache, &id, table, size);
	assert_true(has(1));
	free(table);
}

static void age(int n, int seconds)
{
	const struct timespec times[2] = {
		{ .tv_sec = time(NULL) - seconds }, { .tv_sec = time(NULL) - seconds },
	};
	struct rp_build_id id = id_of(n);
	char path[256], hex[RP_BUILD_ID_HEX];

	snprintf(path, sizeof(path), "%s/%s.table", folder, rp_build_id_hex(&id, hex));
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void test_the_least_used_go_first(void **state)
{
	struct rp_table_cache_stats s;
	size_t one;

	(void)state;
	open_cache(0);
	one = put(1) + 16;
	put(2);
	put(3);
	age(1, 20000);
	age(2, 30000);
	age(3, 10000);
	rp_table_cache_close(cache);
	open_cache(3 * one);
	assert_true(has(2));	/* used just now */
	put(4);
	assert_false(has(1));
	assert_true(has(2));
	assert_true(has(3));
	assert_true(has(4));
	rp_table_cache_stats(cache, &s);
	assert_int_equal(s.removed, 1);
	rp_table_cache_close(cache);

	/* Not even one has room: nothing is removed for it. */
	open_cache(one - 1);
	put(5);
	assert_false(has(5));
	assert_int_equal(each_file(NULL), 3);
}

static void test_a_folder_that_cannot_be(void **state)
{
	char path[128], why[256] = "";

	(void)state;
	snprintf(path, sizeof(path), "%s/file", folder);
	close(open(path, O_WRONLY | O_CREAT, 0600));
	strcat(path, "/tables");
	assert_int_equal(rp_table_cache_open(&cache, path, 0, why, sizeof(why)), -ENOTDIR);
	assert_non_null(strstr(why, path));
}

/* A folder that vanished: nothing is kept, and nothing else is wrong. */
static void test_a_folder_that_is_removed(void **state)
{
	struct rp_table_cache_stats s;

	(void)state;
	open_cache(0);
	assert_int_equal(rmdir(folder), 0);
	put(1);
	assert_false(has(1));
	rp_table_cache_stats(cache, &s);
	assert_int_equal(s.unwritten, 1);
	assert_int_equal(mkdir(folder, 0700), 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, make_folder, close_and_remove)
	const struct CMUnitTest tests[] = {
		T(test_what_is_put_in_comes_out),
		T(test_what_is_damaged_is_removed),
		T(test_what_is_no_table_is_removed),
		T(test_the_least_used_go_first),
		T(test_a_folder_that_cannot_be),
		T(test_a_folder_that_is_removed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
