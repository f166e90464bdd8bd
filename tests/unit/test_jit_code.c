// SPDX-License-Identifier: GPL-2.0
/* Which function is where, and when: against a model that has one name for each byte. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jit_code_fixture.h"

static void add(uint64_t start, uint64_t size, const char *name, uint64_t since)
{
	assert_int_equal(rp_jit_code_add(code, start, size, name, strlen(name), since), 0);
}

static void later_ones_replace(void **state)
{
	(void)state;
	add(0x1000, 0x100, "first", 0);
	add(0x1040, 0x20, "middle", 0);
	assert_string_equal(at(0xfff, 0), "");
	assert_string_equal(at(0x1000, 0), "first");
	assert_string_equal(at(0x103f, 0), "first");
	assert_string_equal(at(0x1040, 0), "middle");
	assert_string_equal(at(0x105f, 0), "middle");
	assert_string_equal(at(0x1060, 0), "first");
	assert_string_equal(at(0x10ff, 0), "first");
	assert_string_equal(at(0x1100, 0), "");
	assert_int_equal(rp_jit_code_nr(code), 3);
	add(0x0f00, 0x300, "all", 0);
	assert_string_equal(at(0x1040, 0), "all");
	assert_int_equal(rp_jit_code_nr(code), 1);
	add(0x0f00, 0x300, "again", 0);
	assert_string_equal(at(0x11ff, 0), "again");
}

static void ends_of_the_address_space(void **state)
{
	(void)state;
	assert_int_equal(rp_jit_code_add(code, 16, 0, "none", 4, 0), -EINVAL);
	assert_int_equal(rp_jit_code_add(code, UINT64_MAX - 15, 17, "over", 4, 0), -EINVAL);
	assert_int_equal(rp_jit_code_add(code, 2, UINT64_MAX, "over", 4, 0), -EINVAL);
	add(0, UINT64_MAX, "all", 0);
	assert_string_equal(at(0, 0), "all");
	assert_string_equal(at(UINT64_MAX - 1, 0), "all");
	assert_string_equal(at(UINT64_MAX, 0), "");
}

static void names_are_made_safe(void **state)
{
	char name[5000];

	(void)state;
	assert_int_equal(rp_jit_code_add(code, 16, 16, "", 0, 0), -EINVAL);
	assert_int_equal(rp_jit_code_add(code, 16, 16, "\0x", 2, 0), -EINVAL);
	add(0x10, 1, "a\tb\x1b[31m", 0);
	assert_string_equal(at(0x10, 0), "a?b?[31m");
	add(0x20, 1, "\xff", 0);
	assert_string_equal(at(0x20, 0), "\xef\xbf\xbd");
	memset(name, 'n', sizeof(name));
	assert_int_equal(rp_jit_code_add(code, 0x30, 1, name, sizeof(name), 0), 0);
	assert_in_range(strlen(at(0x30, 0)), RP_JIT_NAME_MAX - 4, RP_JIT_NAME_MAX);
}

static void names_go_by_time(void **state)
{
	(void)state;
	add(0x1000, 0x100, "old", 100);
	add(0x1000, 0x80, "new", 200);
	assert_string_equal(at(0x1000, 150), "old");
	assert_string_equal(at(0x1000, 199), "old");
	assert_string_equal(at(0x1000, 200), "new");
	assert_string_equal(at(0x1090, 150), "old");
	assert_string_equal(at(0x1090, 250), "old");
	/* Before anything is known: what came then. */
	assert_string_equal(at(0x1090, 50), "old");
	add(0x1000, 0x200, "newest", 300);
	assert_string_equal(at(0x1000, 150), "old");
	assert_string_equal(at(0x1000, 250), "new");
	assert_string_equal(at(0x1090, 250), "old");
	assert_string_equal(at(0x1090, 0), "newest");
	rp_jit_code_forget(code, 200);
	assert_string_equal(at(0x1000, 150), "newest");
	assert_string_equal(at(0x1000, 250), "new");
	rp_jit_code_forget(code, 300);
	assert_string_equal(at(0x1000, 250), "newest");
}

static void code_moves(void **state)
{
	(void)state;
	add(0x1000, 0x100, "it", 100);
	assert_int_equal(rp_jit_code_move(code, 0x5000, 0x6000, 0x100, 150), -ENOENT);
	assert_int_equal(rp_jit_code_move(code, 0x1000, 0x2000, 0x100, 200), 0);
	assert_string_equal(at(0x1000, 150), "it");
	assert_string_equal(at(0x1000, 250), "");
	assert_string_equal(at(0x2000, 250), "it");
	add(0x1000, 0x100, "other", 300);
	assert_string_equal(at(0x1000, 150), "it");
	assert_string_equal(at(0x1000, 300), "other");
	assert_string_equal(at(0x20ff, 300), "it");
}

/* As many of the replaced as are kept, and the rest is known as what is there now. */
static void replaced_ones_are_bounded(void **state)
{
	char name[32];
	uint64_t i;

	(void)state;
	for (i = 1; i <= 2 * RP_JIT_REPLACED_MAX; i++) {
		snprintf(name, sizeof(name), "f%llu", (unsigned long long)i);
		add(0x1000, 0x10, name, i * 10);
	}
	snprintf(name, sizeof(name), "f%u", 2 * RP_JIT_REPLACED_MAX - 2);
	assert_string_equal(at(0x1000, i * 10 - 20 - 5), name);
	snprintf(name, sizeof(name), "f%u", 2 * RP_JIT_REPLACED_MAX);
	assert_string_equal(at(0x1000, 15), name);
	assert_int_equal(rp_jit_code_nr(code), 1);
}

static void memory_is_bounded(void **state)
{
	size_t before;
	uint64_t i;
	int err = 0;

	(void)state;
	memory.max = 100000;
	for (i = 0; !err; i++)
		err = rp_jit_code_add(code, i * 16, 16, "some name", 9, 0);
	assert_int_equal(err, -ENOSPC);
	assert_in_range(memory.used, 90000, 100000);
	assert_in_range(rp_jit_code_nr(code), 500, 2000);
	before = memory.used;
	assert_int_equal(rp_jit_code_add(code, i * 16, 16, "other", 5, 0), -ENOSPC);
	assert_string_equal(at(0, 0), "some name");
	assert_int_equal(memory.used, before);
}

/* Any ranges at any times: the answer is that of a list, looked through from its end. */
#define MODEL_SIZE 256
static void agrees_with_a_list(void **state)
{
	static struct { uint64_t start, end, since; } list[600];
	char name[16], want[16];
	unsigned int round, i, j, query;

	(void)state;
	srand(1);
	for (round = 0; round < 20; round++) {
		for (i = 0; i < 600; i++) {
			list[i].start = (unsigned int)rand() % MODEL_SIZE;
			list[i].end = list[i].start + 1 + (unsigned int)rand() % 40;
			list[i].since = 100 + i / 3;
			snprintf(name, sizeof(name), "%u", i);
			add(list[i].start, list[i].end - list[i].start, name, list[i].since);
		}
		for (query = 0; query < 2000; query++) {
			uint64_t address = (unsigned int)rand() % (MODEL_SIZE + 50);
			uint64_t time = 100 + (unsigned int)rand() % 220;

			*want = '\0';
			for (j = 0; j < 600; j++) {
				if (address < list[j].start || address >= list[j].end)
					continue;
				if (list[j].since <= time || !*want)
					snprintf(want, sizeof(want), "%u", j);
			}
			/* Of what comes later only the last is known. */
			if (*want && list[atoi(want)].since > time)
				continue;
			assert_string_equal(at(address, time), want);
		}
		free_code(NULL);
		assert_int_equal(make_code(NULL), 0);
	}
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, make_code, free_code)
	const struct CMUnitTest tests[] = {
		TEST(later_ones_replace),
		TEST(ends_of_the_address_space),
		TEST(names_are_made_safe),
		TEST(names_go_by_time),
		TEST(code_moves),
		TEST(replaced_ones_are_bounded),
		TEST(memory_is_bounded),
		TEST(agrees_with_a_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
