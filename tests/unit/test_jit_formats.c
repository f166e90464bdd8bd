// SPDX-License-Identifier: GPL-2.0
/*
 * The two formats that say which function is where: whole, in pieces, and wrong; parsed in
 * this process, and in a jail.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "jail_fixture.h"
#include "jit_code_fixture.h"
#include "jit_input.h"
#include "jit_read.h"

struct file {
	int fd;
	uint64_t size, allowance;
	struct rp_jit_mark mark;
	struct rp_jit_taken counts;
};

static struct file *new_file(void)
{
	struct file *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->allowance = UINT64_MAX;
	f->fd = memfd_create("jit", MFD_CLOEXEC);
	assert_true(f->fd >= 0);
	return f;
}

static void free_file(struct file *f)
{
	close(f->fd);
	free(f);
}

static void append(struct file *f, const void *data, size_t len)
{
	assert_int_equal(pwrite(f->fd, data, len, (off_t)f->size), len);
	f->size += len;
}

static int read_on(struct file *f, bool is_dump)
{
	const struct rp_jit_source source = {
		.fd = f->fd, .is_dump = is_dump, .size = f->size, .jail = jail,
		.allowance = &f->allowance,
	};

	return rp_jit_read(&source, &f->mark, code, &f->counts);
}

/* ---- maps ---------------------------------------------------------------------- */

static int read_map(struct file *f, const char *text)
{
	append(f, text, strlen(text));
	return read_on(f, false);
}

static void maps_are_read(void **state)
{
	struct file *f = new_file();

	(void)state;
	assert_int_equal(read_map(f, "1000 100 LazyCompile:~fib /tmp/a b.js:1:2\n"
				     "0x2000 0X10 with prefix\r\nDEADBEEF 1 x"), 0);
	assert_string_equal(at(0x10ff, 0), "LazyCompile:~fib /tmp/a b.js:1:2");
	assert_string_equal(at(0x2000, 0), "with prefix");
	assert_string_equal(at(0xdeadbeef, 0), "");
	assert_int_equal(f->counts.taken, 2);
	/* The rest of its last line, and more: only what is new is read. */
	f->allowance = 200;
	assert_int_equal(read_map(f, "yz\n1000 10 reused\n"), 0);
	assert_string_equal(at(0xdeadbeef, 0), "xyz");
	assert_string_equal(at(0x1000, 0), "reused");
	assert_string_equal(at(0x1010, 0), "LazyCompile:~fib /tmp/a b.js:1:2");
	assert_int_equal(f->counts.bad, 0);
	assert_int_equal(f->allowance, 200 - strlen("DEADBEEF 1 xyz\n1000 10 reused\n"));
	free_file(f);
}

static void garbage_lines_are_passed_over(void **state)
{
	static const char *const lines[] = {
		"", " ", "\n", "1000", "1000 ", "1000 10", "1000 10 ", "1000 0 empty", "x 1 y",
		"1000 g y", "10000000000000000 1 y", "ffffffffffffffff 2 y", "-1000 10 y",
		"0x 10 y", "root:x:0:0::/root:/bin/sh", "\xff\xfe",
	};
	struct file *f = new_file();
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_int_equal(read_map(f, lines[i]), 0);
		assert_int_equal(read_map(f, "\n"), 0);
	}
	assert_int_equal(f->counts.taken, 0);
	assert_int_equal(rp_jit_code_nr(code), 0);
	assert_int_equal(read_map(f, "ffffffffffffff00 ff last\n"), 0);
	assert_string_equal(at(UINT64_MAX - 2, 0), "last");
	free_file(f);
}

static void long_lines_are_cut(void **state)
{
	size_t size = 5 * RP_JIT_CHUNK + 7;
	struct file *f = new_file();
	char *text = malloc(size + 1);

	(void)state;
	assert_non_null(text);
	memset(text, 'n', size);
	memcpy(text, "1000 10 ", 8);
	text[size] = '\0';
	assert_int_equal(read_map(f, text), 0);
	f->allowance = RP_JIT_CHUNK;		/* none of it is read again */
	assert_int_equal(read_map(f, "\n2000 10 next\n"), 0);
	assert_int_equal(f->counts.taken, 2);
	assert_in_range(strlen(at(0x1000, 0)), RP_JIT_NAME_MAX - 4, RP_JIT_NAME_MAX);
	assert_string_equal(at(0x2000, 0), "next");
	assert_int_equal(f->mark.offset, f->size);
	free(text);
	free_file(f);
}

/* No more than it may, and it goes on from there. */
static void reading_has_an_allowance(void **state)
{
	struct file *f = new_file();
	unsigned int i, turns = 0;
	char line[64];

	(void)state;
	for (i = 0; i < 20000; i++) {
		snprintf(line, sizeof(line), "%x 10 f%u\n", 0x1000 + i * 16, i);
		append(f, line, strlen(line));
	}
	do {
		f->allowance = RP_JIT_CHUNK + 1;
		turns++;
	} while (read_on(f, false) == -EAGAIN);
	assert_in_range(turns, 2, 6);
	assert_int_equal(f->counts.taken, 20000);
	assert_string_equal(at(0x1000 + 19999 * 16, 0), "f19999");
	free_file(f);
}

/* ---- jitdumps ------------------------------------------------------------------ */

#define PID 77

static void put_head(struct file *f, uint64_t flags)
{
	const uint32_t head[] = { 0x4A695444, 1, 40, 62, 0, PID };
	const uint64_t more[] = { 5, flags };

	append(f, head, sizeof(head));
	append(f, more, sizeof(more));
}

static void put_load(struct file *f, uint64_t time, uint32_t pid, uint64_t address,
		     uint64_t size, const char *name)
{
	uint32_t total = (uint32_t)(56 + strlen(name) + 1 + size);
	const uint32_t rec[] = { 0, total }, who[] = { pid, pid };
	const uint64_t where[] = { address, address, size, 1 };
	char *bytes = calloc(1, size);

	append(f, rec, sizeof(rec));
	append(f, &time, sizeof(time));
	append(f, who, sizeof(who));
	append(f, where, sizeof(where));
	append(f, name, strlen(name) + 1);
	append(f, bytes, size);
	free(bytes);
}

static void put_move(struct file *f, uint64_t time, uint64_t old, uint64_t new, uint64_t size)
{
	const uint32_t rec[] = { 1, 64 }, who[] = { PID, PID };
	const uint64_t where[] = { new, old, new, size, 1 };

	append(f, rec, sizeof(rec));
	append(f, &time, sizeof(time));
	append(f, who, sizeof(who));
	append(f, where, sizeof(where));
}

static int read_dump(struct file *f)
{
	return read_on(f, true);
}

static void dumps_are_read(void **state)
{
	const uint32_t other[] = { 2, 24, 0, 0, 1, 2 };
	struct file *f = new_file();

	(void)state;
	put_head(f, 0);
	put_load(f, 100, PID, 0x1000, 0x100, "old");
	append(f, other, sizeof(other));
	put_load(f, 150, PID + 1, 0x1000, 0x100, "of another process");
	put_load(f, 200, PID, 0x1000, 0x80, "new");
	put_move(f, 300, 0x1000, 0x3000, 0x80);
	assert_int_equal(read_dump(f), 0);
	assert_int_equal(f->mark.pid, PID);
	assert_true(f->mark.timed);
	assert_int_equal(f->counts.taken, 3);
	assert_int_equal(f->counts.bad, 1);
	assert_string_equal(at(0x1000, 150), "old");
	assert_string_equal(at(0x1000, 250), "new");
	assert_string_equal(at(0x1000, 350), "");
	assert_string_equal(at(0x3000, 350), "new");
	put_load(f, 400, PID, 0x1000, 0x20, "newest");
	assert_int_equal(read_dump(f), 0);
	assert_string_equal(at(0x1000, 400), "newest");
	free_file(f);
}

/* Times of a counter are no times: the order counts. */
static void counter_times_are_none(void **state)
{
	struct file *f = new_file();

	(void)state;
	put_head(f, 1);
	put_load(f, 1ull << 60, PID, 0x1000, 0x100, "old");
	put_load(f, 1ull << 61, PID, 0x1000, 0x100, "new");
	assert_int_equal(read_dump(f), 0);
	assert_string_equal(at(0x1000, 5), "new");
	free_file(f);
}

/* Cut anywhere, what is whole is read, and the rest when it comes. */
static void dumps_come_in_pieces(void **state)
{
	struct file *whole = new_file(), *f;
	uint64_t size, cut;

	(void)state;
	put_head(whole, 0);
	put_load(whole, 100, PID, 0x1000, 0x10, "first");
	put_load(whole, 200, PID, 0x2000, 0x10, "second");
	size = whole->size;
	for (cut = 0; cut < size; cut++) {
		f = new_file();
		f->fd = dup2(whole->fd, f->fd);
		f->size = cut;
		assert_int_equal(read_dump(f), 0);
		assert_true(f->mark.offset <= cut);
		f->size = size;
		assert_int_equal(read_dump(f), 0);
		assert_int_equal(f->counts.taken, 2);
		assert_int_equal(f->mark.offset, size);
		free_file(f);
	}
	free_file(whole);
}

static void wrong_dumps_end(void **state)
{
	const uint32_t empty[] = { 0, 0, 0, 0 }, small[] = { 0, 16, 0, 0 };
	const uint32_t huge[] = { 0, 0xffffffff, 0, 0 };
	const uint32_t foreign[] = { 0x4454694A, 1, 40, 62, 0, PID, 0, 0, 0, 0 };
	struct file *f = new_file();

	(void)state;
	append(f, foreign, sizeof(foreign));
	assert_int_equal(read_dump(f), -EBADMSG);
	free_file(f);

	f = new_file();
	put_head(f, 0);
	append(f, small, sizeof(small));	/* no room for what a load is */
	put_load(f, 100, PID, 0x1000, 0x10, "good");
	append(f, huge, sizeof(huge));		/* may still come */
	assert_int_equal(read_dump(f), 0);
	assert_int_equal(f->counts.taken, 1);
	assert_int_equal(f->counts.bad, 1);
	free_file(f);

	f = new_file();
	put_head(f, 0);
	append(f, empty, sizeof(empty));	/* would be read for ever */
	assert_int_equal(read_dump(f), -EBADMSG);
	free_file(f);
}

int main(int argc, char **argv)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, make_code, free_code)
	const struct CMUnitTest tests[] = {
		TEST(maps_are_read),
		TEST(garbage_lines_are_passed_over),
		TEST(long_lines_are_cut),
		TEST(reading_has_an_allowance),
		TEST(dumps_are_read),
		TEST(counter_times_are_none),
		TEST(dumps_come_in_pieces),
		TEST(wrong_dumps_end),
	};

	rp_jail_main(argc, argv);
	return cmocka_run_group_tests_name("jit_formats", tests, NULL, NULL) +
	       cmocka_run_group_tests_name("jit_formats in a jail", tests, start_jail, stop_jail);
}
