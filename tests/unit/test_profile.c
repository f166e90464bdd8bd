// SPDX-License-Identifier: GPL-2.0
/* The profile's tables: interning, adding up, limits, many stacks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "profile.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct rp_profile *new_profile(void)
{
	struct rp_profile *p = rp_profile_new();

	assert_non_null(p);
	assert_int_equal(rp_profile_add_type(p, "samples", "count"), 0);
	assert_int_equal(rp_profile_add_type(p, "cpu", "nanoseconds"), 0);
	return p;
}

static uint32_t named_location(struct rp_profile *p, const char *name)
{
	struct rp_profile_line line = { rp_profile_function(p, name, name, "", 0), 0, 0 };

	return rp_profile_location(p, 0, 0, &line, 1);
}

static void strings(void **state)
{
	struct rp_profile *p = rp_profile_new();
	char text[16];
	uint32_t a;
	int i;

	(void)state;
	assert_int_equal(rp_profile_string(p, ""), 0);
	assert_int_equal(rp_profile_string(p, NULL), 0);
	a = rp_profile_string(p, "a");
	assert_int_equal(a, 1);
	assert_int_equal(rp_profile_string(p, "ab"), 2);
	assert_int_equal(rp_profile_string_n(p, "abc", 1), a);
	assert_int_equal(rp_profile_string_n(p, "a\0b", 3), a);
	assert_int_equal(rp_profile_find_string(p, "ab"), 2);
	assert_int_equal(rp_profile_find_string(p, "abc"), 0);
	assert_string_equal(rp_profile_str(p, 2), "ab");
	assert_string_equal(rp_profile_str(p, 77), "");
	for (i = 0; i < 10000; i++) {
		snprintf(text, sizeof(text), "s%d", i);
		assert_int_equal(rp_profile_string(p, text), 3 + i);
	}
	assert_string_equal(rp_profile_str(p, a), "a");
	assert_int_equal(rp_profile_find_string(p, "s9999"), 10002);
	rp_profile_free(p);
}

static void long_strings(void **state)
{
	struct rp_profile *p = rp_profile_new();
	static char text[200000];
	uint32_t small, big;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	small = rp_profile_string(p, "small");
	big = rp_profile_string(p, text);
	assert_int_equal(rp_profile_string(p, "tail"), big + 1);
	assert_string_equal(rp_profile_str(p, big), text);
	assert_string_equal(rp_profile_str(p, small), "small");
	assert_int_equal(rp_profile_string(p, text), big);
	rp_profile_free(p);
}

static void tables_intern(void **state)
{
	struct rp_profile *p = new_profile();
	struct rp_profile_mapping m = { .start = 4096, .limit = 8192 };
	struct rp_profile_line lines[2] = { { 0 } };
	uint32_t id, f, g, l;

	(void)state;
	m.filename = rp_profile_string(p, "/bin/x");
	id = rp_profile_mapping(p, &m);
	assert_int_equal(id, 1);
	m.has_functions = true;
	assert_int_equal(rp_profile_mapping(p, &m), id);
	assert_true(p->mappings[id].has_functions);
	m.build_id = rp_profile_string(p, "ab");
	assert_int_equal(rp_profile_mapping(p, &m), 2);
	m.build_id = 1000;
	assert_int_equal(rp_profile_mapping(p, &m), 0);
	assert_int_equal(p->error, 0);

	f = rp_profile_function(p, "main", "main", "x.c", 3);
	assert_int_equal(f, 1);
	assert_int_equal(rp_profile_function(p, "main", "main", "x.c", 3), f);
	g = rp_profile_function(p, "main", "main", "x.c", 4);
	assert_int_equal(g, 2);

	lines[0].function = f;
	lines[1].function = g;
	l = rp_profile_location(p, 2, 5000, lines, 2);
	assert_int_equal(l, 1);
	assert_int_equal(rp_profile_location(p, 2, 5000, lines, 1), l);
	assert_int_equal(p->locations[l].nr_lines, 2);
	/* Without a build id another file may have been there: as without a mapping, functions
	 * and lines tell them apart. */
	assert_int_equal(rp_profile_location(p, 1, 5000, NULL, 0), 2);
	assert_int_equal(rp_profile_location(p, 1, 5000, lines, 1), 3);
	assert_int_equal(rp_profile_location(p, 1, 5000, lines + 1, 1), 4);
	assert_int_equal(rp_profile_location(p, 1, 5000, lines, 1), 3);
	assert_int_equal(rp_profile_location(p, 0, 5000, lines, 1), 5);
	assert_int_equal(rp_profile_location(p, 0, 5000, lines + 1, 1), 6);
	assert_int_equal(rp_profile_location(p, 0, 5000, lines, 1), 5);
	lines[0].function = 3;
	assert_int_equal(rp_profile_location(p, 0, 1, lines, 1), 0);
	assert_int_equal(rp_profile_location(p, 3, 1, NULL, 0), 0);
	assert_int_equal(p->error, 0);
	assert_int_equal(rp_profile_set_main_mapping(p, 3), -EINVAL);
	assert_int_equal(rp_profile_set_main_mapping(p, 2), 0);
	rp_profile_free(p);
}

static void samples_add_up(void **state)
{
	struct rp_profile *p = new_profile();
	uint32_t stack[2] = { named_location(p, "leaf"), named_location(p, "root") };
	struct rp_profile_label a[2] = {
		{ .key = rp_profile_string(p, "comm"), .str = rp_profile_string(p, "xz") },
		{ .key = rp_profile_string(p, "cpu"), .num = 1 },
	};
	struct rp_profile_label b[2] = { a[1], a[0] };

	(void)state;
	assert_int_equal(rp_profile_add(p, stack, 2, a, 2, (int64_t[]){ 1, 100 }), 0);
	assert_int_equal(rp_profile_add(p, stack, 2, b, 2, (int64_t[]){ 2, 50 }), 0);
	assert_int_equal(p->nr_samples, 1);
	assert_int_equal(rp_profile_values(p, 1)[0], 3);
	assert_int_equal(rp_profile_values(p, 1)[1], 150);
	/* Other labels: another sample, the same stack. */
	b[0].num = 0;
	assert_int_equal(rp_profile_add(p, stack, 2, b, 2, (int64_t[]){ 1, 1 }), 0);
	assert_int_equal(rp_profile_add(p, stack, 2, NULL, 0, (int64_t[]){ 1, 1 }), 0);
	assert_int_equal(p->nr_samples, 3);
	assert_int_equal(p->nr_stacks, 1);
	assert_int_equal(p->nr_frames, 2);
	assert_int_equal(rp_profile_total(p, 0), 5);
	assert_int_equal(rp_profile_total(p, 1), 152);
	assert_int_equal(rp_profile_find_label(p, 2, a[1].key)->num, 0);
	assert_null(rp_profile_find_label(p, 0, a[1].key));
	assert_null(rp_profile_find_label(p, 1, 0));
	/* An empty stack is one of its own. */
	assert_int_equal(rp_profile_add(p, NULL, 0, NULL, 0, (int64_t[]){ 1, 1 }), 0);
	assert_int_equal(rp_profile_add(p, NULL, 0, NULL, 0, (int64_t[]){ 1, 1 }), 0);
	assert_int_equal(p->nr_stacks, 2);
	assert_int_equal(rp_profile_values(p, 4)[0], 2);
	rp_profile_free(p);
}

static void bad_samples_are_refused(void **state)
{
	struct rp_profile *p = rp_profile_new();
	struct rp_profile_label twice[2] = {
		{ .key = rp_profile_string(p, "cpu"), .num = 1 },
		{ .key = rp_profile_string(p, "cpu"), .num = 2 },
	};
	static struct rp_profile_label many[RP_PROFILE_LABELS_MAX + 1];
	static uint32_t deep[RP_PROFILE_DEPTH_MAX + 1];
	int64_t v[2] = { 1, 1 };

	(void)state;
	assert_int_equal(rp_profile_add(p, NULL, 0, NULL, 0, v), -EINVAL);
	rp_profile_add_type(p, "samples", "count");
	assert_int_equal(rp_profile_add(p, (uint32_t[]){ 1 }, 1, NULL, 0, v), -EINVAL);
	assert_int_equal(rp_profile_add(p, (uint32_t[]){ 0 }, 1, NULL, 0, v), -EINVAL);
	assert_int_equal(rp_profile_add(p, NULL, 0, twice, 2, v), -EINVAL);
	twice[0].key = 0;
	assert_int_equal(rp_profile_add(p, NULL, 0, twice, 1, v), -EINVAL);
	assert_int_equal(rp_profile_add(p, NULL, 0, many, RP_PROFILE_LABELS_MAX + 1, v),
			 -E2BIG);
	assert_int_equal(rp_profile_add(p, deep, RP_PROFILE_DEPTH_MAX + 1, NULL, 0, v),
			 -E2BIG);
	assert_int_equal(p->nr_samples, 0);
	assert_int_equal(p->error, 0);
	rp_profile_free(p);
}

static void values_saturate(void **state)
{
	struct rp_profile *p = new_profile();

	(void)state;
	rp_profile_add(p, NULL, 0, NULL, 0, (int64_t[]){ INT64_MAX - 1, INT64_MIN });
	rp_profile_add(p, NULL, 0, NULL, 0, (int64_t[]){ 5, -5 });
	assert_true(rp_profile_values(p, 1)[0] == INT64_MAX);
	assert_true(rp_profile_values(p, 1)[1] == INT64_MIN);
	assert_true(rp_profile_total(p, 0) == INT64_MAX);
	rp_profile_free(p);
}

static void facts(void **state)
{
	struct rp_profile *p = new_profile();
	int i;

	(void)state;
	/* Without a default the last type is shown, as pprof does. */
	assert_int_equal(rp_profile_find_type(p, NULL), 1);
	assert_int_equal(rp_profile_set_default_type(p, "samples"), 0);
	assert_int_equal(rp_profile_find_type(p, NULL), 0);
	assert_int_equal(rp_profile_find_type(p, "cpu"), 1);
	assert_int_equal(rp_profile_find_type(p, ""), -ENOENT);
	assert_int_equal(rp_profile_set_default_type(p, "wall"), -EINVAL);
	assert_int_equal(rp_profile_set_doc_url(p, "docs/x.html"), -EINVAL);
	assert_int_equal(rp_profile_set_doc_url(p, "https://example.org/"), 0);
	for (i = 0; i < RP_PROFILE_COMMENTS_MAX; i++)
		assert_int_equal(rp_profile_add_comment(p, "one"), 0);
	assert_int_equal(rp_profile_add_comment(p, "more"), -E2BIG);
	for (i = 2; i < RP_PROFILE_TYPES_MAX; i++)
		assert_int_equal(rp_profile_add_type(p, "x", "count"), 0);
	assert_int_equal(rp_profile_add_type(p, "x", "count"), -E2BIG);
	rp_profile_free(p);

	p = new_profile();
	rp_profile_add(p, NULL, 0, NULL, 0, (int64_t[]){ 1, 1 });
	assert_int_equal(rp_profile_add_type(p, "late", "count"), -EBUSY);
	rp_profile_free(p);
}

static void errors_stick(void **state)
{
	struct rp_profile *p = new_profile();

	(void)state;
	p->error = -ENOMEM;
	assert_int_equal(rp_profile_string(p, "new"), 0);
	assert_int_equal(rp_profile_function(p, "f", "f", "", 0), 0);
	assert_int_equal(rp_profile_location(p, 0, 1, NULL, 0), 0);
	assert_int_equal(rp_profile_add(p, NULL, 0, NULL, 0, (int64_t[]){ 1, 1 }), -ENOMEM);
	assert_int_equal(rp_profile_add_comment(p, "new"), -ENOMEM);
	rp_profile_free(p);
	rp_profile_free(NULL);
}

#define MANY 200000

static void many_stacks(void **state)
{
	struct rp_profile *p = new_profile();
	uint32_t stack[24];
	uint32_t i, j;

	(void)state;
	for (i = 0; i < 4096; i++)
		assert_int_equal(rp_profile_location(p, 0, i + 1, NULL, 0), i + 1);
	for (i = 0; i < 2 * MANY; i++) {
		for (j = 0; j < 24; j++)
			stack[j] = 1 + (i % MANY * 2654435761u >> (j % 12)) % 4096;
		stack[0] = 1 + i % MANY % 4096;
		stack[1] = 1 + i % MANY / 4096;
		assert_int_equal(rp_profile_add(p, stack, 24, NULL, 0, (int64_t[]){ 1, 2 }), 0);
	}
	assert_int_equal(p->nr_stacks, MANY);
	assert_int_equal(p->nr_samples, MANY);
	assert_int_equal(p->nr_frames, MANY * 24);
	assert_int_equal(rp_profile_total(p, 1), 4 * MANY);
	for (i = 1; i <= MANY; i++)
		assert_int_equal(rp_profile_values(p, i)[0], 2);
	rp_profile_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings),
		cmocka_unit_test(long_strings),
		cmocka_unit_test(tables_intern),
		cmocka_unit_test(samples_add_up),
		cmocka_unit_test(bad_samples_are_refused),
		cmocka_unit_test(values_saturate),
		cmocka_unit_test(facts),
		cmocka_unit_test(errors_stick),
		cmocka_unit_test(many_stacks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
