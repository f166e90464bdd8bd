// SPDX-License-Identifier: GPL-2.0
/* Symbol cache: one reading a file, bounded bytes, failures with reasons that pass or stay. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "elf_image.h"
#include "hash.h"
#include "symbol_cache.h"
#include "work_folder.h"

static void write_bytes(const char *path, const void *data, size_t size)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, size), size);
	close(fd);
}

/* A file with one function; build_id is eight bytes. */
static const char *write_image(const char *name, const char *function, const char *build_id)
{
	struct image_symbol sym = { function, 0, 16, STT_FUNC, STB_GLOBAL, 1 };
	const char *path = in_folder(name);
	struct image im;
	uint8_t *id;

	image_build(&im, true, false, EM_X86_64, &sym, 1);
	id = memmem(im.bytes, im.size, "build-id", 8);
	assert_non_null(id);
	memcpy(id, build_id, 8);
	write_bytes(path, im.bytes, im.size);
	return path;
}

static struct rp_file_identity by_build_id(const char *id)
{
	struct rp_file_identity identity = { .build_id.size = 8 };

	memcpy(identity.build_id.bytes, id, 8);
	return identity;
}

static struct rp_file_identity by_stat(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return (struct rp_file_identity){ .dev = st.st_dev, .ino = st.st_ino,
					  .size = st.st_size };
}

static void expect_function(const struct rp_elf_symbols *es, const char *name)
{
	struct rp_elf_symbol s;

	assert_non_null(es);
	assert_int_equal(rp_elf_symbols_lookup(es, IMAGE_VADDR + IMAGE_TEXT, &s), 0);
	assert_string_equal(s.name, name);
}

struct paths {
	const char *const *of;
	unsigned int nr;
};

static int open_path(void *arg, unsigned int n, char *err, size_t err_size)
{
	const struct paths *paths = arg;
	int fd;

	if (n >= paths->nr)
		return -ENODATA;
	fd = rp_elf_open(paths->of[n], NULL, err, err_size);
	if (fd >= 0)
		snprintf(err, err_size, "%s", paths->of[n]);
	return fd;
}

/* Paths to try in order; each such list is a place. */
static const struct rp_elf_symbols *
get_of(struct rp_symbol_cache *c, const struct rp_file_identity *id, const char *const *paths,
       unsigned int nr, enum rp_symbol_failure *why, const char **text)
{
	struct paths arg = { paths, nr };
	struct rp_symbol_source source = { .open = open_path, .arg = &arg };
	unsigned int i;

	for (i = 0; i < nr; i++)
		source.place = rp_hash_bytes(source.place, paths[i], strlen(paths[i]));
	return rp_symbol_cache_get(c, id, &source, why, text);
}

static const struct rp_elf_symbols *get(struct rp_symbol_cache *c, struct rp_file_identity id,
					const char *path, enum rp_symbol_failure *why)
{
	return get_of(c, &id, &path, 1, why, NULL);
}

static void reads_once(void **state)
{
	struct rp_symbol_cache *c = rp_symbol_cache_new(1 << 20);
	const char *a = write_image("a", "function_a", "aaaaaaaa"), *copy;
	struct rp_symbol_cache_stats stats;
	const struct rp_elf_symbols *es;
	enum rp_symbol_failure why;

	(void)state;
	es = get(c, by_build_id("aaaaaaaa"), a, &why);
	expect_function(es, "function_a");
	assert_int_equal(why, RP_SYMBOL_OK);
	/* The same build id from another path, and when no path leads there any more. */
	copy = write_image("copy", "function_a", "aaaaaaaa");
	assert_ptr_equal(get(c, by_build_id("aaaaaaaa"), copy, &why), es);
	assert_ptr_equal(get(c, by_build_id("aaaaaaaa"), "/nonexistent", &why), es);
	/* By inode it is another identity. */
	expect_function(get(c, by_stat(a), a, &why), "function_a");
	expect_function(get(c, by_stat(a), a, &why), "function_a");
	rp_symbol_cache_stats(c, &stats);
	assert_int_equal(stats.reads, 2);
	assert_int_equal(stats.hits, 3);
	assert_int_equal(stats.files, 2);
	assert_int_equal(stats.evictions, 0);
	rp_symbol_cache_free(c);
}

/* Without reading, and what had to go is known no more. */
static void knows_what_was_read(void **state)
{
	struct rp_symbol_cache *c = rp_symbol_cache_new(1 << 20);
	const char *paths[] = { write_image("a", "function_a", "aaaaaaaa"),
				write_image("b", "function_b", "bbbbbbbb") };
	struct rp_file_identity a = by_build_id("aaaaaaaa"), b = by_build_id("bbbbbbbb");
	const struct rp_symbol_source here = { .place = 1 };
	struct rp_symbol_cache_stats stats;
	enum rp_symbol_failure why;
	bool all;

	(void)state;
	assert_null(rp_symbol_cache_known(c, &a, &here, &all));
	assert_false(all);
	get(c, a, paths[0], &why);
	get(c, b, paths[1], &why);
	expect_function(rp_symbol_cache_known(c, &a, &here, &all), "function_a");
	assert_true(all);
	/* It was used last. */
	rp_symbol_cache_limit(c, 0);
	expect_function(rp_symbol_cache_known(c, &a, &here, &all), "function_a");
	assert_null(rp_symbol_cache_known(c, &b, &here, &all));
	assert_false(all);
	/* Another version of it is there to be read. */
	rp_symbol_cache_refresh(c, &a.build_id);
	expect_function(rp_symbol_cache_known(c, &a, &here, &all), "function_a");
	assert_false(all);
	/* Elsewhere it may be found. */
	rp_symbol_cache_limit(c, 1 << 20);
	assert_null(get(c, b, "/nonexistent", &why));
	assert_null(rp_symbol_cache_known(c, &b, &here, &all));
	assert_false(all);
	rp_symbol_cache_stats(c, &stats);
	assert_int_equal(stats.reads, 3);
	rp_symbol_cache_free(c);
}

static void tries_candidates_until_one_fits(void **state)
{
	struct rp_symbol_cache *c = rp_symbol_cache_new(1 << 20);
	const char *paths[] = { "/nonexistent/file", "/dev/null",
				write_image("other", "function_b", "bbbbbbbb"),
				write_image("right", "function_a", "aaaaaaaa") };
	struct rp_file_identity id = by_build_id("aaaaaaaa");
	struct rp_symbol_cache_stats stats;
	enum rp_symbol_failure why;
	const char *text;

	(void)state;
	expect_function(get_of(c, &id, paths, 4, &why, &text), "function_a");
	assert_int_equal(why, RP_SYMBOL_OK);

	/* Without the right one: the reason is the first that says something. */
	id = by_build_id("cccccccc");
	assert_null(get_of(c, &id, paths, 4, &why, &text));
	assert_int_equal(why, RP_SYMBOL_NOT_REGULAR);
	assert_string_equal(text, "/dev/null: is not a regular file");
	assert_null(get_of(c, &id, paths + 2, 2, &why, &text));
	assert_int_equal(why, RP_SYMBOL_CHANGED);
	assert_non_null(strstr(text, "other: has another build id"));
	assert_null(get_of(c, &id, paths, 0, &why, &text));
	assert_int_equal(why, RP_SYMBOL_NOT_FOUND);
	/* By inode: another file lies at the path. */
	id = by_stat(paths[3]);
	assert_null(get_of(c, &id, paths + 2, 1, &why, &text));
	assert_int_equal(why, RP_SYMBOL_CHANGED);
	rp_symbol_cache_stats(c, &stats);
	assert_int_equal(stats.failures[RP_SYMBOL_CHANGED], 2);
	assert_int_equal(stats.failures[RP_SYMBOL_NOT_REGULAR], 1);
	assert_int_equal(stats.failures[RP_SYMBOL_NOT_FOUND], 1);
	rp_symbol_cache_free(c);
}

static int open_nameless(void *arg, unsigned int n, char *err, size_t err_size)
{
	if (n)
		return -ENODATA;
	snprintf(err, err_size, "nameless");
	return dup(*(int *)arg);
}

/* By inode: one with the same inode, and as large, and as old, may be another file. */
static void times_tell_files_apart(void **state)
{
	const char *path = write_image("reused", "function_a", "aaaaaaaa");
	struct rp_symbol_cache *c = rp_symbol_cache_new(1 << 20);
	struct rp_file_identity id = by_stat(path), other;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	const struct rp_symbol_source nameless = { .open = open_nameless, .arg = &fd };
	enum rp_symbol_failure why;
	struct stat st;

	(void)state;
	assert_int_equal(fstat(fd, &st), 0);
	id.mtime_ns = st.st_mtim.tv_sec * 1000000000ll + st.st_mtim.tv_nsec;
	id.ctime_ns = st.st_ctim.tv_sec * 1000000000ll + st.st_ctim.tv_nsec;
	expect_function(get(c, id, path, &why), "function_a");
	other = id;
	other.mtime_ns++;
	assert_null(get(c, other, path, &why));
	assert_int_equal(why, RP_SYMBOL_CHANGED);
	other = id;
	other.ctime_ns--;
	assert_null(get(c, other, path, &why));
	assert_int_equal(why, RP_SYMBOL_CHANGED);
	assert_null(rp_symbol_cache_get(c, &other, &nameless, &why, NULL));
	/* Losing its last name changed that. */
	assert_int_equal(unlink(path), 0);
	rp_symbol_cache_retry(c);
	expect_function(rp_symbol_cache_get(c, &other, &nameless, &why, NULL), "function_a");
	other.mtime_ns++;
	assert_null(rp_symbol_cache_get(c, &other, &nameless, &why, NULL));
	assert_int_equal(why, RP_SYMBOL_CHANGED);
	close(fd);
	rp_symbol_cache_free(c);
}

static void failures_are_remembered(void **state)
{
	struct rp_symbol_cache *c = rp_symbol_cache_new(1 << 20);
	const char *text, *bad = in_folder("text"), *late = in_folder("late");
	struct rp_symbol_cache_stats stats;
	struct rp_file_identity id;
	enum rp_symbol_failure why;

	(void)state;
	/* For good: it is no ELF file, and reading it again will not make it one. */
	write_bytes(bad, "#!/bin/sh\n", 10);
	id = by_stat(bad);
	assert_null(get(c, id, bad, &why));
	assert_int_equal(why, RP_SYMBOL_NOT_ELF);
	rp_symbol_cache_retry(c);
	assert_null(get_of(c, &id, &bad, 1, &why, &text));
	assert_int_equal(why, RP_SYMBOL_NOT_ELF);
	assert_non_null(strstr(text, "/text: is not an ELF file"));
	rp_symbol_cache_stats(c, &stats);
	assert_int_equal(stats.reads, 1);
	assert_int_equal(stats.hits, 1);

	/* For now: the file is not there yet. */
	unlink(late);
	assert_null(get(c, by_build_id("aaaaaaaa"), late, &why));
	assert_int_equal(why, RP_SYMBOL_NOT_FOUND);
	write_image("late", "function_a", "aaaaaaaa");
	assert_null(get(c, by_build_id("aaaaaaaa"), late, &why));
	rp_symbol_cache_stats(c, &stats);
	assert_int_equal(stats.reads, 2);
	rp_symbol_cache_retry(c);
	expect_function(get(c, by_build_id("aaaaaaaa"), late, &why), "function_a");

	/* Or not here, but there. */
	assert_null(get(c, by_build_id("dddddddd"), "/nonexistent", &why));
	expect_function(get(c, by_build_id("dddddddd"),
			    write_image("there", "function_d", "dddddddd"), &why), "function_d");
	rp_symbol_cache_free(c);
}

static void evicts_the_least_recently_used(void **state)
{
	struct rp_symbol_cache_stats stats;
	struct rp_symbol_cache *c = rp_symbol_cache_new(1 << 20);
	char id[16], name[16];
	const char *path[20];
	enum rp_symbol_failure why;
	size_t one;
	int i;

	(void)state;
	write_image("first", "function_1", "11111111");
	assert_non_null(get(c, by_build_id("11111111"), in_folder("first"), &why));
	rp_symbol_cache_stats(c, &stats);
	one = stats.bytes;
	rp_symbol_cache_free(c);

	c = rp_symbol_cache_new(4 * one + one / 2);	/* room for four */
	for (i = 0; i < 6; i++) {
		snprintf(id, sizeof(id), "%08d", i);
		snprintf(name, sizeof(name), "file%d", i);
		path[i] = write_image(name, "function_x", id);
		assert_non_null(get(c, by_build_id(id), path[i], &why));
		if (i >= 1)	/* number 0 stays in use */
			assert_non_null(get(c, by_build_id("00000000"), "/nonexistent", &why));
		rp_symbol_cache_stats(c, &stats);
		assert_true(stats.bytes <= stats.max_bytes);
	}
	assert_int_equal(stats.files, 4);
	assert_int_equal(stats.evictions, 2);
	assert_int_equal(stats.reads, 6);
	/* 1 and 2 went; 0, 3, 4 and 5 are there. */
	assert_non_null(get(c, by_build_id("00000003"), "/nonexistent", &why));
	assert_non_null(get(c, by_build_id("00000004"), "/nonexistent", &why));
	assert_non_null(get(c, by_build_id("00000005"), "/nonexistent", &why));
	assert_non_null(get(c, by_build_id("00000000"), "/nonexistent", &why));
	assert_null(get(c, by_build_id("00000001"), "/nonexistent", &why));
	rp_symbol_cache_free(c);

	/* One that is larger than all the room still is there while it is used. */
	c = rp_symbol_cache_new(1);
	expect_function(get(c, by_build_id("00000000"), in_folder("file0"), &why), "function_x");
	expect_function(get(c, by_build_id("00000001"), in_folder("file1"), &why), "function_x");
	rp_symbol_cache_stats(c, &stats);
	assert_int_equal(stats.files, 1);
	rp_symbol_cache_free(c);
}

/* A table that should be read again and cannot be: its lines are not those of another file. */
static void what_stays_is_the_last_one(void **state)
{
	struct rp_symbol_cache *c = rp_symbol_cache_new(1 << 20);
	struct rp_file_identity bare = by_build_id("aaaaaaaa");
	const char *path = write_image("bare", "function_a", "aaaaaaaa");
	const char *lines = in_folder("lines.so");
	enum rp_symbol_failure why;

	(void)state;
	run("echo 'int f(int x) { return x + 1; }' >f.c && %s -g -shared -fPIC -o lines.so f.c",
	    compiler());
	rp_symbol_cache_want(c, RP_DEBUG_LINES);
	expect_function(get(c, bare, path, &why), "function_a");
	assert_null(rp_symbol_cache_places(c));
	assert_non_null(get(c, by_stat(lines), lines, &why));
	assert_non_null(rp_symbol_cache_places(c));
	rp_symbol_cache_refresh(c, &bare.build_id);
	expect_function(get(c, bare, "/nonexistent", &why), "function_a");
	assert_null(rp_symbol_cache_places(c));
	rp_symbol_cache_free(c);
}

static void many_files_in_any_order(void **state)
{
	struct rp_symbol_cache *c = rp_symbol_cache_new(40000);
	struct rp_symbol_cache_stats stats;
	const char *path = write_image("many", "function_m", "mmmmmmmm");
	struct rp_file_identity id = by_stat(path);
	enum rp_symbol_failure why;
	unsigned int i;

	(void)state;
	srandom(3);
	for (i = 0; i < 5000; i++) {
		id.dev = random() % 200;	/* two hundred devices with one file each */
		if (random() % 4 == 0)
			assert_null(get(c, by_build_id("nnnnnnnn"), path, &why));
		else
			expect_function(get(c, id, path, &why), "function_m");
		if (random() % 100 == 0)
			rp_symbol_cache_retry(c);
		rp_symbol_cache_stats(c, &stats);
		assert_true(stats.bytes <= stats.max_bytes);
	}
	assert_in_range(stats.evictions, 100, 5000);
	assert_int_equal(stats.hits + stats.reads, 5000);
	rp_symbol_cache_free(c);
}

struct opener {
	unsigned int calls;
	const char *path;
};

static int open_second(void *arg, unsigned int n, char *err, size_t err_size)
{
	struct opener *o = arg;

	o->calls++;
	if (n == 0)
		return snprintf(err, err_size, "not allowed") > 0 ? -EPERM : 0;
	if (n == 1 && o->path)
		return rp_elf_open(o->path, NULL, err, err_size);
	return -ENODATA;
}

static void takes_any_opener(void **state)
{
	struct rp_symbol_cache *c = rp_symbol_cache_new(1 << 20);
	struct rp_file_identity id = by_build_id("aaaaaaaa");
	struct opener o = { 0 };
	struct rp_symbol_source source = { .open = open_second, .arg = &o, .place = 100 };
	enum rp_symbol_failure why;
	const char *text;

	(void)state;
	assert_null(rp_symbol_cache_get(c, &id, &source, &why, &text));
	assert_int_equal(why, RP_SYMBOL_PERMISSION);
	assert_string_equal(text, "not allowed");
	assert_int_equal(o.calls, 2);
	/* The same place is not asked again, another one is. */
	assert_null(rp_symbol_cache_get(c, &id, &source, &why, &text));
	assert_int_equal(o.calls, 2);
	o.path = write_image("opener", "function_a", "aaaaaaaa");
	source.place = 101;
	expect_function(rp_symbol_cache_get(c, &id, &source, &why, &text), "function_a");
	assert_int_equal(o.calls, 4);
	rp_symbol_cache_free(c);
}

static void reasons_have_names(void **state)
{
	int i, j;

	(void)state;
	for (i = 0; i < RP_SYMBOL_FAILURES_NR; i++) {
		assert_int_not_equal(strlen(rp_symbol_failure_text(i)), 0);
		for (j = 0; j < i; j++)
			assert_string_not_equal(rp_symbol_failure_name(i),
						rp_symbol_failure_name(j));
	}
	assert_string_equal(rp_symbol_failure_name(RP_SYMBOL_NOT_FOUND), "not_found");
	assert_string_equal(rp_symbol_failure_name(RP_SYMBOL_FAILURES_NR), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_once),
		cmocka_unit_test(knows_what_was_read),
		cmocka_unit_test(tries_candidates_until_one_fits),
		cmocka_unit_test(times_tell_files_apart),
		cmocka_unit_test(failures_are_remembered),
		cmocka_unit_test(evicts_the_least_recently_used),
		cmocka_unit_test(what_stays_is_the_last_one),
		cmocka_unit_test(many_files_in_any_order),
		cmocka_unit_test(takes_any_opener),
		cmocka_unit_test(reasons_have_names),
	};

	return cmocka_run_group_tests_name("symbol_cache", tests, make_folder, remove_tree);
}
