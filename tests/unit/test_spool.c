// SPDX-License-Identifier: GPL-2.0
/*
 * The spool and its parcels: order, bound, restart, damage; when to try again.
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
#include <unistd.h>
#include <cmocka.h>

#include "backoff.h"
#include "folder_fixture.h"
#include "spool.h"
#include "upload.h"

#define MEGA (1u << 20)

static struct rp_spool *open_spool(const char *directory, uint64_t max)
{
	struct rp_spool *s = NULL;
	char why[256];

	assert_int_equal(rp_spool_open(&s, directory, max, why, sizeof(why)), 0);
	return s;
}

/* A parcel that says its number, len bytes long. */
static int add(struct rp_spool *s, unsigned int number, size_t len)
{
	struct rp_parcel p = { .time_ns = 1000 + number, .len = len };
	char text[32];

	snprintf(text, sizeof(text), "number %u", number);
	p.title = strdup(text);
	p.query = strdup("name=a%7Bb%7D");
	p.data = malloc(len);
	memset(p.data, (int)number, len);
	return rp_spool_add(s, &p);
}

static void expect(struct rp_spool *s, unsigned int number, size_t len)
{
	const struct rp_parcel *p;
	char text[32];
	size_t i;

	snprintf(text, sizeof(text), "number %u", number);
	assert_true(rp_spool_take(s, &p));
	assert_string_equal(p->title, text);
	assert_string_equal(p->query, "name=a%7Bb%7D");
	assert_true(p->time_ns == 1000 + number);
	assert_int_equal(p->len, len);
	for (i = 0; i < len; i++)
		assert_int_equal(((unsigned char *)p->data)[i], number & 255);
}

static void expect_nothing(struct rp_spool *s)
{
	const struct rp_parcel *p;

	assert_false(rp_spool_take(s, &p));
}

static struct rp_spool_stats stats(const struct rp_spool *s)
{
	struct rp_spool_stats got;

	rp_spool_stats(s, &got);
	return got;
}

static void check_order(const char *directory)
{
	struct rp_spool *s = open_spool(directory, MEGA);

	expect_nothing(s);
	add(s, 1, 100);
	add(s, 2, 0);
	add(s, 3, 100);
	expect(s, 1, 100);
	expect_nothing(s);		/* one at a time */
	rp_spool_putback(s);
	expect(s, 1, 100);
	rp_spool_done(s);
	expect(s, 2, 0);
	rp_spool_done(s);
	add(s, 4, 10);
	expect(s, 3, 100);
	rp_spool_done(s);
	expect(s, 4, 10);
	rp_spool_putback(s);		/* the only one */
	add(s, 5, 10);
	expect(s, 4, 10);
	rp_spool_done(s);
	expect(s, 5, 10);
	rp_spool_done(s);
	assert_int_equal(stats(s).waiting, 0);
	assert_int_equal(stats(s).bytes, 0);
	assert_int_equal(stats(s).dropped, 0);
	rp_spool_close(s);
}

static void test_order(void **state)
{
	(void)state;
	check_order(NULL);
	check_order(folder);
	assert_int_equal(each_file(NULL), 0);
}

static void check_bound(const char *directory)
{
	struct rp_spool *s = open_spool(directory, 100000);
	struct rp_spool_stats got;
	unsigned int i;

	for (i = 0; i < 100; i++) {
		assert_int_equal(add(s, i, 9000), 0);
		assert_true(stats(s).bytes <= 100000);
	}
	got = stats(s);
	assert_int_equal(got.waiting + got.dropped, 100);
	assert_true(got.waiting >= 9);
	expect(s, (unsigned int)got.dropped, 9000);	/* the oldest that is left */

	/* What was taken is not driven out, and counts. */
	for (i = 100; i < 200; i++)
		add(s, i, 9000);
	assert_true(stats(s).bytes <= 100000);
	rp_spool_putback(s);
	expect(s, (unsigned int)got.dropped, 9000);
	assert_int_equal(add(s, 200, 99000), -ENOSPC);	/* room only without it */
	rp_spool_done(s);
	assert_int_equal(add(s, 201, 100001), -ENOSPC);
	rp_spool_close(s);
}

static void test_bound(void **state)
{
	(void)state;
	check_bound(NULL);
	check_bound(folder);
}

static void test_restart(void **state)
{
	struct rp_spool *s = open_spool(folder, MEGA);

	(void)state;
	add(s, 300, 5);
	add(s, 100, 5);		/* the clock was set back: the names order them */
	add(s, 200, 50000);
	assert_int_equal(rp_spool_in_memory(s), 0);
	rp_spool_close(s);
	assert_int_equal(each_file(NULL), 3);

	s = open_spool(folder, MEGA);
	assert_int_equal(stats(s).waiting, 3);
	expect(s, 100, 5);
	rp_spool_done(s);
	expect(s, 200, 50000);	/* taken, and the daemon dies */
	rp_spool_close(s);

	s = open_spool(folder, MEGA);
	expect(s, 200, 50000);
	rp_spool_putback(s);
	rp_spool_close(s);

	s = open_spool(folder, 10000);	/* less than there is */
	assert_int_equal(stats(s).dropped, 1);
	expect(s, 300, 5);
	rp_spool_done(s);
	rp_spool_close(s);
	assert_int_equal(each_file(NULL), 0);
}

static void cut(const char *path)
{
	assert_int_equal(truncate(path, 60), 0);
}

static void put_text(const char *name, const char *text)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void test_damage(void **state)
{
	struct rp_spool *s = open_spool(folder, MEGA);
	char path[512];

	(void)state;
	add(s, 1, 100);
	rp_spool_close(s);
	each_file(cut);
	put_text("0.parcel", "");
	put_text("1.parcel", "ringprof parcel 1\ntime=1\ntitle=a\nquery=b\nlength=4\n\nabc");
	put_text("2.parcel", "ringprof parcel 1\ntime=1\ntitle=a\nquery=b\nlength=-1\n\nabc");
	put_text("3.parcel", "ringprof parcel 1\ntime=1\ntitle=a\nquery=b\nlength=3\nabc");
	put_text("4.parcel", "ringprof parcel 2\n\n");
	put_text("5.parcel", "ringprof parcel 1\ntime=99999999999999999999\ntitle=a\nquery=b\nlength=0\n\n");
	put_text("6.parcel", "ringprof parcel 1");
	put_text("7.other", "not ours");
	put_text(".ringprof-1.tmp", "left by a crash");
	snprintf(path, sizeof(path), "%s/8.parcel", folder);
	assert_int_equal(symlink("/etc/passwd", path), 0);

	s = open_spool(folder, MEGA);
	add(s, 2, 100);
	expect(s, 2, 100);	/* what can be sent is, past all the rest */
	rp_spool_done(s);
	expect_nothing(s);
	assert_int_equal(stats(s).damaged, 8);
	assert_int_equal(stats(s).waiting, 0);
	rp_spool_close(s);
	assert_int_equal(each_file(NULL), 2);	/* 7.other, and the link */
	each_file(remove_path);
}

static void test_no_folder(void **state)
{
	struct rp_spool *s;
	char why[256] = "";

	(void)state;
	assert_int_not_equal(rp_spool_open(&s, "/nonexistent/spool", MEGA, why,
					   sizeof(why)), 0);
	assert_non_null(strstr(why, "/nonexistent/spool"));
}

/* A folder that cannot be written to any more: the parcels wait in memory. */
static void test_full_disk(void **state)
{
	struct rp_spool *s = open_spool(folder, 100000);
	char moved[80];
	int i;

	(void)state;
	snprintf(moved, sizeof(moved), "%s.moved", folder);
	add(s, 1, 10);
	assert_int_equal(rename(folder, moved), 0);
	for (i = 2; i < 100; i++)
		add(s, (unsigned int)i, 9000);
	assert_int_equal(stats(s).write_error, -ENOENT);
	assert_true(stats(s).bytes <= 100000);
	assert_true(rp_spool_in_memory(s) >= 9);
	assert_int_equal(rename(moved, folder), 0);
	add(s, 100, 10);
	assert_int_equal(stats(s).write_error, 0);
	expect(s, (unsigned int)stats(s).dropped + 1, 9000);
	rp_spool_close(s);
}

static void test_backoff(void **state)
{
	uint64_t longest, ns;
	unsigned int i;

	(void)state;
	assert_true(rp_backoff_ns(1, 0) == RP_BACKOFF_FIRST_NS);
	assert_true(rp_backoff_ns(3, 0) == 4 * RP_BACKOFF_FIRST_NS);
	for (i = 1; i < 100; i++) {
		longest = rp_backoff_ns(i, 0);
		assert_true(longest <= RP_BACKOFF_LAST_NS);
		assert_true(i == 1 || longest >= rp_backoff_ns(i - 1, 0));
		ns = rp_backoff_ns(i, 0x123456789abcdef * i);
		assert_true(ns <= longest && ns >= longest / 2);
	}
	assert_true(rp_backoff_ns(1000, 0) == RP_BACKOFF_LAST_NS);
}

static void test_verdicts(void **state)
{
	static const struct {
		long status;
		enum rp_upload_verdict verdict;
	} cases[] = {
		{ 200, RP_UPLOAD_DELIVERED }, { 204, RP_UPLOAD_DELIVERED },
		{ 301, RP_UPLOAD_REFUSED }, { 400, RP_UPLOAD_REFUSED },
		{ 401, RP_UPLOAD_REFUSED }, { 404, RP_UPLOAD_REFUSED },
		{ 413, RP_UPLOAD_REFUSED }, { 422, RP_UPLOAD_REFUSED },
		{ 408, RP_UPLOAD_LATER }, { 429, RP_UPLOAD_LATER },
		{ 500, RP_UPLOAD_LATER }, { 502, RP_UPLOAD_LATER },
		{ 503, RP_UPLOAD_LATER }, { 0, RP_UPLOAD_LATER },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(rp_upload_judge(cases[i].status), cases[i].verdict);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_order, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_bound, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_restart, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_damage, make_folder, remove_folder),
		cmocka_unit_test(test_no_folder),
		cmocka_unit_test_setup_teardown(test_full_disk, make_folder, remove_folder),
		cmocka_unit_test(test_backoff),
		cmocka_unit_test(test_verdicts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
