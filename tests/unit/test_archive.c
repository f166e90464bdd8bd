// SPDX-License-Identifier: GPL-2.0
/*
 * The folder of profiles: names, limits, and a folder that cannot be written to.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "archive_fixture.h"

static void test_names(void **state)
{
	struct rp_archive_limits limits = { 0 };
	struct rp_archive *a = open_archive(&limits);
	struct stat st;

	(void)state;
	assert_int_equal(add(a, 0, 10), 0);
	assert_int_equal(add(a, 1, 20), 0);
	assert_int_equal(count(), 2);
	assert_int_equal(access(path_of("cpu-20260801T120000Z-000000.pb.gz"), F_OK), 0);
	assert_int_equal(stat(path_of("cpu-20260801T120100Z-000001.pb.gz"), &st), 0);
	assert_int_equal(st.st_size, 20);
	rp_archive_close(a);
}

static void test_limit_files(void **state)
{
	struct rp_archive_limits limits = { .files = 3 };
	struct rp_archive *a = open_archive(&limits);
	struct rp_archive_stats stats;
	uint64_t i;

	(void)state;
	touch("cpu-notes.pb.gz", 1000000);
	touch("cpu-20200101T000000Z-000001.pb.gz.keep", 1000000);
	touch("cpu-20200101T000000Z-0000012345.pb.gz", 0);	/* ours, the oldest */
	assert_int_equal(mkdir(path_of("cpu-20200101T000000Z-000002.pb.gz"), 0700), 0);
	for (i = 0; i < 10; i++)
		assert_int_equal(add(a, i, 10), 0);
	assert_int_equal(count(), 3 + 3);
	assert_int_equal(access(path_of("cpu-20260801T120900Z-000009.pb.gz"), F_OK), 0);
	assert_int_equal(access(path_of("cpu-20260801T120700Z-000007.pb.gz"), F_OK), 0);
	rp_archive_stats(a, &stats);
	assert_int_equal(stats.written, 10);
	assert_int_equal(stats.removed, 8);
	rp_archive_close(a);
}

static void test_limit_bytes(void **state)
{
	struct rp_archive_limits limits = { .bytes = 1000 };
	struct rp_archive *a = open_archive(&limits);
	uint64_t i;

	(void)state;
	for (i = 0; i < 10; i++)
		assert_int_equal(add(a, i, 300), 0);
	assert_int_equal(count(), 3);
	assert_int_equal(add(a, 10, 5000), 0);	/* the newest stays, whatever its size */
	assert_int_equal(count(), 1);
	rp_archive_close(a);
}

static void test_limit_age(void **state)
{
	struct rp_archive_limits limits = { .age_ns = 3600 * SECOND };
	struct rp_archive *a;

	(void)state;
	a = open_archive(&limits);
	touch("cpu-20200101T000000Z-000001.pb.gz", 7200);
	touch("cpu-20200101T000000Z-000002.pb.gz", 60);
	touch(".ringprof-0000.tmp", 7200);
	touch(".ringprof-0001.tmp", 60);
	rp_archive_close(a);
	a = open_archive(&limits);
	assert_int_equal(count(), 3);		/* the old temporary file has gone */
	assert_int_equal(add(a, 0, 10), 0);
	assert_int_equal(count(), 3);
	assert_int_not_equal(access(path_of("cpu-20200101T000000Z-000001.pb.gz"), F_OK), 0);
	rp_archive_close(a);
}

static void test_trouble(void **state)
{
	struct rp_archive_limits limits = { 0 };
	struct rp_archive *a = open_archive(&limits);
	struct rp_archive_stats stats;
	char moved[128];
	uint64_t i;

	(void)state;
	snprintf(moved, sizeof(moved), "%s.moved", folder);
	assert_int_equal(rename(folder, moved), 0);
	assert_int_equal(add(a, 0, 10), -ENOENT);
	assert_int_equal(add(a, 1, 10), -ENOENT);
	rp_archive_stats(a, &stats);
	assert_int_equal(stats.pending, 2);
	assert_int_equal(rename(moved, folder), 0);
	assert_int_equal(add(a, 2, 10), 0);
	assert_int_equal(count(), 3);

	assert_int_equal(rename(folder, moved), 0);
	for (i = 3; i < 53; i++)		/* 50 MiB, of which 32 may wait */
		assert_int_equal(add(a, i, 1 << 20), -ENOENT);
	rp_archive_stats(a, &stats);
	assert_int_equal(stats.pending, 32);
	assert_int_equal(stats.dropped, 18);
	assert_int_equal(rename(moved, folder), 0);
	assert_int_equal(add(a, 53, 10), 0);
	rp_archive_stats(a, &stats);
	assert_int_equal(stats.pending, 0);
	assert_int_equal(count(), 3 + 32 + 1);
	rp_archive_close(a);
}

static void test_no_folder(void **state)
{
	struct rp_archive_limits limits = { 0 };
	struct rp_archive *a;
	char why[512] = "";

	(void)state;
	assert_int_not_equal(rp_archive_open(&a, "/proc/nothing/here", &limits, why,
					     sizeof(why)), 0);
	assert_non_null(strstr(why, "[output] directory"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_names, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_limit_files, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_limit_bytes, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_limit_age, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_trouble, make_folder, remove_folder),
		cmocka_unit_test(test_no_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
