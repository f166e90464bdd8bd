// SPDX-License-Identifier: GPL-2.0
/* The two formats that say which function is where: whole, in pieces, and wrong. */
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

#include "jit_code_fixture.h"
#include "jit_dump.h"
#include "jit_map.h"

struct file {
	struct rp_jit_input in;
	uint64_t allowance;
	uint8_t buffer[RP_JIT_CHUNK];
	struct rp_jit_map map;
	struct rp_jit_dump dump;
};

static struct file *new_file(void)
{
	struct file *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->allowance = UINT64_MAX;
	f->in = (struct rp_jit_input){ .fd = memfd_create("jit", MFD_CLOEXEC),
				       .allowance = &f->allowance, .buffer = f->buffer };
	assert_true(f->in.fd >= 0);
	return f;
}

static void free_file(struct file *f)
{
	close(f->in.fd);
	free(f);
}

static void append(struct file *f, const void *data, size_t len)
{
	assert_int_equal(pwrite(f->in.fd, data, len, (off_t)f->in.size), len);
	f->in.size += len;
	f->in.len = 0;		/* what was read is old */
}

/* ---- maps ---------------------------------------------------------------------- */

static int read_map(struct file *f, const char *text)
{
	append(f, text, strlen(text));
	return rp_jit_map_read(&f->map, &f->in, code);
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
	assert_int_equal(f->map.lines, 2);
	/* The rest of its last line, and more: only what is new is read. */
	f->allowance = 200;
	assert_int_equal(read_map(f, "yz\n1000 10 reused\n"), 0);
	assert_string_equal(at(0xdeadbeef, 0), "xyz");
	assert_string_equal(at(0x1000, 0), "reused");
	assert_string_equal(at(0x1010, 0), "LazyCompile:~fib /tmp/a b.js:1:2");
	assert_int_equal(f->map.bad, 0);
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
	assert_int_equal(f->map.lines, 0);
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
	assert_int_equal(f->map.lines, 2);
	assert_in_range(strlen(at(0x1000, 0)), RP_JIT_NAME_MAX - 4, RP_JIT_NAME_MAX);
	assert_string_equal(at(0x2000, 0), "next");
	assert_int_equal(f->map.offset, f->in.size);
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
	} while (rp_jit_map_read(&f->map, &f->in, code) == -EAGAIN);
	assert_in_range(turns, 2, 6);
	assert_int_equal(f->map.lines, 20000);
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
	return rp_jit_dump_read(&f->dump, &f->in, code);
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
	assert_int_equal(f->dump.pid, PID);
	assert_true(f->dump.timed);
	assert_int_equal(f->dump.records, 3);
	assert_int_equal(f->dump.bad, 1);
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
	size = whole->in.size;
	for (cut = 0; cut < size; cut++) {
		f = new_file();
		f->in.fd = dup2(whole->in.fd, f->in.fd);
		f->in.size = cut;
		assert_int_equal(read_dump(f), 0);
		assert_true(f->dump.offset <= cut);
		f->in.size = size;
		f->in.len = 0;
		assert_int_equal(read_dump(f), 0);
		assert_int_equal(f->dump.records, 2);
		assert_int_equal(f->dump.offset, size);
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
	assert_int_equal(f->dump.records, 1);
	assert_int_equal(f->dump.bad, 1);
	free_file(f);

	f = new_file();
	put_head(f, 0);
	append(f, empty, sizeof(empty));	/* would be read for ever */
	assert_int_equal(read_dump(f), -EBADMSG);
	free_file(f);
}

int main(void)
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

	return cmocka_run_group_tests(tests, NULL, NULL);
}
