// SPDX-License-Identifier: GPL-2.0
/*
 * What goes from the folder of profiles, and that this is found without reading the folder
 * each time: many windows, what others do meanwhile, clocks, and files that cannot go.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "archive_fixture.h"
#include "archive_oldest.h"

#define NOBODY 65534

static uint64_t scans(const struct rp_archive *a)
{
	struct rp_archive_stats stats;

	rp_archive_stats(a, &stats);
	return stats.scans;
}

static uint64_t removed(const struct rp_archive *a)
{
	struct rp_archive_stats stats;

	rp_archive_stats(a, &stats);
	return stats.removed;
}

static const char *name_of(uint64_t number)
{
	time_t at = (time_t)(START / SECOND + number * 60);
	static char name[64];
	struct tm tm;
	size_t len;

	gmtime_r(&at, &tm);
	len = strftime(name, sizeof(name), "cpu-%Y%m%dT%H%M%SZ-", &tm);
	snprintf(name + len, sizeof(name) - len, "%06llu.pb.gz", (unsigned long long)number);
	return name;
}

static bool is_there(uint64_t number)
{
	return !access(path_of(name_of(number)), F_OK);
}

static void add_some(struct rp_archive *a, uint64_t first, uint64_t end)
{
	for (; first < end; first++)
		assert_int_equal(add(a, first, 10), 0);
}

/* Made by somebody else, all of one second. */
static void touch_some(uint64_t first, uint64_t end, time_t age)
{
	for (; first < end; first++)
		touch(name_of(first), age);
}

/* Only those are there. */
static void check_there(uint64_t first, uint64_t end)
{
	assert_int_equal(count(), end - first);
	for (; first < end; first++)
		assert_true(is_there(first));
}

/* Without an archive: what it remembers, given the limits each time. */
static int open_folder(void)
{
	const struct rp_archive_limits limits = { 0 };
	int fd;

	rp_archive_close(open_archive(&limits));		/* makes it */
	fd = open(folder, O_RDONLY | O_DIRECTORY);
	assert_true(fd >= 0);
	return fd;
}

static void write_aged(struct rp_archive_oldest *o, int fd, uint64_t number, time_t age)
{
	rp_archive_oldest_before(o, fd, name_of(number));
	touch(name_of(number), age);
	rp_archive_oldest_after(o, fd, name_of(number), true);
}

static void close_folder(struct rp_archive_oldest *o, int fd)
{
	close(fd);
	rp_archive_oldest_forget(o);
}

/* ---- few scans ------------------------------------------------------------ */

static void test_few_scans(void **state)
{
	struct rp_archive_limits limits = { .files = 50 };
	struct rp_archive *a = open_archive(&limits);

	(void)state;
	add_some(a, 0, 3000);
	check_there(2950, 3000);
	assert_int_equal(removed(a), 2950);
	assert_int_equal(scans(a), 1);
	rp_archive_close(a);
}

/* More than are remembered: one scan for each time that these are used up. */
static void test_used_up(void **state)
{
	const uint64_t limit = RP_ARCHIVE_OLDEST + 100, end = limit + 2 * RP_ARCHIVE_OLDEST;
	struct rp_archive_limits limits = { .files = limit };
	struct rp_archive *a = open_archive(&limits);

	(void)state;
	add_some(a, 0, end - 1);
	assert_int_equal(scans(a), 2);
	add_some(a, end - 1, end);
	check_there(end - limit, end);
	assert_int_equal(scans(a), 3);
	add_some(a, end, end + 10);
	check_there(end + 10 - limit, end + 10);
	assert_int_equal(scans(a), 3);
	rp_archive_close(a);
}

static void test_bytes(void **state)
{
	struct rp_archive_limits limits = { .bytes = 1000 };
	struct rp_archive *a = open_archive(&limits);
	uint64_t i;

	(void)state;
	for (i = 0; i < 100; i++)
		assert_int_equal(add(a, i, 100), 0);
	check_there(90, 100);
	assert_int_equal(add(a, 100, 901), 0);
	check_there(100, 101);
	assert_int_equal(add(a, 101, 99), 0);
	check_there(100, 102);
	assert_int_equal(add(a, 102, 1), 0);
	check_there(101, 103);
	assert_int_equal(add(a, 103, 5000), 0);
	check_there(103, 104);
	assert_int_equal(scans(a), 1);
	rp_archive_close(a);
}

static void test_no_limit(void **state)
{
	struct rp_archive_limits limits = { 0 };
	struct rp_archive *a = open_archive(&limits);

	(void)state;
	add_some(a, 0, 10);
	check_there(0, 10);
	assert_int_equal(scans(a), 0);
	rp_archive_close(a);
}

static void test_many_over(void **state)
{
	struct rp_archive_limits limits = { .files = 1500 };
	struct rp_archive *a = open_archive(&limits);

	(void)state;
	touch_some(0, 5000, 60);
	add_some(a, 5000, 5001);
	check_there(3501, 5001);
	assert_int_equal(scans(a), 1);
	add_some(a, 5001, 5001 + RP_ARCHIVE_OLDEST - 1);
	check_there(3500 + RP_ARCHIVE_OLDEST, 5000 + RP_ARCHIVE_OLDEST);
	assert_int_equal(scans(a), 1);
	rp_archive_close(a);
}

/* ---- somebody else -------------------------------------------------------- */

static void test_others(void **state)
{
	struct rp_archive_limits limits = { .files = 10, .bytes = 1000 };
	struct rp_archive *a = open_archive(&limits);

	(void)state;
	add_some(a, 100, 110);
	touch(name_of(50), 0);			/* the oldest, and nothing else, goes */
	assert_int_equal(count(), 11);
	add_some(a, 110, 111);
	check_there(101, 111);
	assert_int_equal(scans(a), 2);

	assert_int_equal(unlink(path_of(name_of(101))), 0);
	assert_int_equal(unlink(path_of(name_of(110))), 0);
	add_some(a, 111, 113);			/* nothing goes */
	assert_int_equal(count(), 10);
	assert_true(is_there(102));
	assert_int_equal(scans(a), 3);
	add_some(a, 113, 114);
	assert_false(is_there(102));

	touch("cpu-notes", 0);			/* does not count, but has the rest looked at */
	assert_int_equal(truncate(path_of(name_of(112)), 975), 0);
	add_some(a, 114, 115);
	assert_int_equal(count(), 1 + 3);
	assert_true(is_there(112));
	rp_archive_close(a);
}

/* It goes between being written and being looked at, or as soon as it was. */
static void test_gone_at_once(void **state)
{
	const struct rp_archive_limits limits = { .files = 2 };
	static struct rp_archive_oldest o;
	int fd = open_folder();

	(void)state;
	touch_some(0, 2, 0);
	rp_archive_oldest_trim(&o, fd, &limits);
	rp_archive_oldest_before(&o, fd, name_of(2));
	rp_archive_oldest_after(&o, fd, name_of(2), true);
	rp_archive_oldest_trim(&o, fd, &limits);
	check_there(0, 2);
	assert_int_equal(o.scans, 2);

	write_aged(&o, fd, 2, 0);
	assert_int_equal(unlink(path_of(name_of(2))), 0);
	rp_archive_oldest_after(&o, fd, name_of(3), false);	/* hides it in the ctime */
	rp_archive_oldest_before(&o, fd, name_of(3));
	rp_archive_oldest_trim(&o, fd, &limits);
	check_there(0, 2);
	assert_int_equal(o.scans, 3);
	close_folder(&o, fd);
}

/* A folder whose mtime was set back to what it was, as tools that copy do. */
static void test_mtime_set(void **state)
{
	struct rp_archive_limits limits = { .files = 3 };
	struct rp_archive *a = open_archive(&limits);
	struct timespec times[2];
	struct stat st;

	(void)state;
	add_some(a, 10, 13);
	assert_int_equal(stat(folder, &st), 0);
	touch_some(0, 5, 0);
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	assert_int_equal(utimensat(AT_FDCWD, folder, times, 0), 0);
	add_some(a, 13, 14);
	check_there(11, 14);
	rp_archive_close(a);
}

/* ---- age and clocks ------------------------------------------------------- */

/* Time goes by if the limit becomes shorter. */
static const struct rp_archive_limits hour = { .age_ns = 3600 * SECOND };
static const struct rp_archive_limits half_an_hour = { .age_ns = 1800 * SECOND };

static void test_age(void **state)
{
	static struct rp_archive_oldest o;
	int fd = open_folder();

	(void)state;
	touch_some(0, 5, 3000);
	touch_some(5, 10, 1000);
	rp_archive_oldest_trim(&o, fd, &hour);
	check_there(0, 10);
	touch_some(3, 4, 0);			/* is no change to the folder */
	rp_archive_oldest_trim(&o, fd, &half_an_hour);
	check_there(5, 10);			/* 4 is too old, and so all up to it are */
	assert_int_equal(o.scans, 2);		/* because of 3 */
	close_folder(&o, fd);
}

/* Copies that are younger than what was made after them. */
static void test_age_of_copies(void **state)
{
	static struct rp_archive_oldest o;
	int fd = open_folder();

	(void)state;
	touch_some(0, 5, 0);
	touch_some(5, 6, 3000);
	touch_some(6, 9, 0);
	rp_archive_oldest_trim(&o, fd, &hour);
	check_there(0, 9);
	rp_archive_oldest_trim(&o, fd, &half_an_hour);
	check_there(6, 9);
	assert_int_equal(o.scans, 1);
	close_folder(&o, fd);
}

/* The same of new files: the clock was set back while they were made. */
static void test_age_of_new(void **state)
{
	static struct rp_archive_oldest o;
	int fd = open_folder();

	(void)state;
	touch_some(0, 5, 0);
	touch_some(8, 9, 0);
	rp_archive_oldest_trim(&o, fd, &hour);
	write_aged(&o, fd, 5, 3000);
	write_aged(&o, fd, 6, 0);
	write_aged(&o, fd, 7, 0);
	rp_archive_oldest_trim(&o, fd, &hour);
	check_there(0, 9);
	rp_archive_oldest_trim(&o, fd, &half_an_hour);
	check_there(6, 9);
	write_aged(&o, fd, 9, 3000);
	write_aged(&o, fd, 4, 0);		/* older than what is too old already */
	rp_archive_oldest_trim(&o, fd, &half_an_hour);
	assert_int_equal(count(), 0);
	assert_int_equal(o.scans, 1);
	close_folder(&o, fd);
}

/* What expired is used again: it stays. */
static void test_age_touched(void **state)
{
	static struct rp_archive_oldest o;
	int fd = open_folder();

	(void)state;
	touch_some(0, 3, 3000);
	rp_archive_oldest_trim(&o, fd, &hour);
	touch_some(0, 3, 0);
	rp_archive_oldest_trim(&o, fd, &half_an_hour);
	check_there(0, 3);
	assert_int_equal(o.scans, 2);
	rp_archive_oldest_trim(&o, fd, &half_an_hour);
	assert_int_equal(o.scans, 2);
	close_folder(&o, fd);
}

static void test_clock_set_back(void **state)
{
	struct rp_archive_limits limits = { .files = 5 };
	struct rp_archive *a = open_archive(&limits);

	(void)state;
	add_some(a, 100, 103);
	add_some(a, 50, 52);
	assert_int_equal(count(), 5);
	add_some(a, 103, 104);
	assert_false(is_there(50));
	assert_true(is_there(51));
	add_some(a, 104, 105);
	check_there(100, 105);
	add_some(a, 60, 70);			/* the oldest there are */
	check_there(100, 105);
	assert_int_equal(scans(a), 1);
	rp_archive_close(a);
}

/* As many as are remembered, and one more that is older than they. */
static void test_clock_set_back_full(void **state)
{
	struct rp_archive_limits limits = { .files = RP_ARCHIVE_OLDEST + 20 };
	struct rp_archive *a = open_archive(&limits);
	const uint64_t end = 100 + RP_ARCHIVE_OLDEST + 10;

	(void)state;
	add_some(a, 100, end);
	add_some(a, 0, 10);
	assert_int_equal(count(), RP_ARCHIVE_OLDEST + 20);
	add_some(a, end, end + 15);
	check_there(105, end + 15);
	assert_int_equal(scans(a), 1);
	rp_archive_close(a);
}

static void test_same_name(void **state)
{
	struct rp_archive_limits limits = { .files = 3 };
	struct rp_archive *a = open_archive(&limits);
	int i;

	(void)state;
	add_some(a, 0, 2);
	for (i = 0; i < 5; i++)
		add_some(a, 1, 2);
	check_there(0, 2);
	add_some(a, 2, 3);
	check_there(0, 3);
	add_some(a, 3, 4);
	check_there(1, 4);
	rp_archive_close(a);
}

/* ---- trouble -------------------------------------------------------------- */

static void test_waiting(void **state)
{
	struct rp_archive_limits limits = { .files = 3 };
	struct rp_archive *a = open_archive(&limits);
	char moved[128];

	(void)state;
	add_some(a, 0, 3);
	snprintf(moved, sizeof(moved), "%s.moved", folder);
	assert_int_equal(rename(folder, moved), 0);
	assert_int_equal(add(a, 3, 10), -ENOENT);
	assert_int_equal(add(a, 4, 10), -ENOENT);
	assert_int_equal(rename(moved, folder), 0);
	add_some(a, 5, 6);
	check_there(3, 6);
	add_some(a, 6, 7);
	check_there(4, 7);
	assert_int_equal(scans(a), 2);
	rp_archive_close(a);
}

/* The folder is everybody's, but files of others can only be removed by them. */
static void make_sticky(void)
{
	char *slash;

	for (slash = strchr(folder + 5, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		assert_int_equal(chmod(folder, 0755), 0);
		*slash = '/';
	}
	assert_int_equal(chmod(folder, 01777), 0);
}

static void check_refused(uint64_t old)
{
	struct rp_archive_limits limits = { .files = 10 };
	struct rp_archive *a;
	uint64_t retried;

	if (geteuid())
		skip();
	a = open_archive(&limits);
	make_sticky();
	touch_some(0, old, 60);
	assert_int_equal(seteuid(NOBODY), 0);
	add_some(a, old, old + 50);
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(count(), old + 10);	/* others went in their place */
	assert_int_equal(removed(a), 40);
	assert_int_equal(scans(a), 1);

	add_some(a, old + 50, old + 51);	/* now they can be removed */
	retried = old < RP_ARCHIVE_REFUSED ? old : RP_ARCHIVE_REFUSED;
	assert_int_equal(count(), 10 + old - retried);
	assert_int_equal(scans(a), 1);
	rp_archive_close(a);
}

static void test_refused(void **state)
{
	(void)state;
	check_refused(3);
}

static void test_refused_many(void **state)
{
	(void)state;
	check_refused(RP_ARCHIVE_OLDEST + RP_ARCHIVE_REFUSED + 10);
}

/* They were within the limits when they were read. */
static void test_refused_later(void **state)
{
	struct rp_archive_limits limits = { .files = 200 };
	struct rp_archive *a;

	(void)state;
	if (geteuid())
		skip();
	a = open_archive(&limits);
	make_sticky();
	touch_some(0, 200, 60);
	assert_int_equal(seteuid(NOBODY), 0);
	add_some(a, 200, 500);
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(count(), 200 + 200);
	assert_int_equal(removed(a), 100);
	assert_int_equal(scans(a), 1);
	add_some(a, 500, 501);
	assert_int_equal(count(), 200 + 200 - RP_ARCHIVE_REFUSED);
	rp_archive_close(a);
}

#define IN_FOLDER(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(test_few_scans),
		IN_FOLDER(test_used_up),
		IN_FOLDER(test_bytes),
		IN_FOLDER(test_no_limit),
		IN_FOLDER(test_many_over),
		IN_FOLDER(test_others),
		IN_FOLDER(test_gone_at_once),
		IN_FOLDER(test_mtime_set),
		IN_FOLDER(test_age),
		IN_FOLDER(test_age_of_copies),
		IN_FOLDER(test_age_of_new),
		IN_FOLDER(test_age_touched),
		IN_FOLDER(test_clock_set_back),
		IN_FOLDER(test_clock_set_back_full),
		IN_FOLDER(test_same_name),
		IN_FOLDER(test_waiting),
		IN_FOLDER(test_refused),
		IN_FOLDER(test_refused_many),
		IN_FOLDER(test_refused_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
