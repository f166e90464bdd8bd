// SPDX-License-Identifier: GPL-2.0
/* What viewers make of a profile: frames, report, flame tree, folded stacks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "flame_tree.h"
#include "folded.h"
#include "report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t place(struct rp_profile *p, uint32_t mapping, uint64_t address,
		      const char *name)
{
	struct rp_profile_line line = { rp_profile_function(p, name, name, "a.c", 0), 1, 0 };

	return rp_profile_location(p, mapping, address, &line, *name ? 1 : 0);
}

static void add(struct rp_profile *p, const char *comm, int64_t tid, const uint32_t *stack,
		uint32_t nr, int64_t count)
{
	struct rp_profile_label labels[] = {
		{ .key = rp_profile_string(p, "comm"), .str = rp_profile_string(p, comm) },
		{ .key = rp_profile_string(p, "thread_id"), .num = tid },
		{ .key = rp_profile_string(p, "service.name"),
		  .str = rp_profile_string(p, "shop") },
	};

	assert_int_equal(rp_profile_add(p, stack, nr, labels, 3,
					(int64_t[]){ count, count * 10 }), 0);
}

/*
 *	xz/1   main -> fib -> fib -> fib		3
 *	xz/1   main -> fib				2
 *	xz/2   main -> inlined in fib -> read -> [k]	5
 *	cc1/3  main (another address) 			7
 *	cc1/3  no name, module without a name		1
 *	cc1/3  (empty)					4
 */
static struct rp_profile *make_profile(void)
{
	struct rp_profile *p = rp_profile_new();
	struct rp_profile_line inlined[2];
	uint32_t app, kernel, module, main1, main2, fib1, fib2, in, sys, bare, mod;

	rp_profile_add_type(p, "samples", "count");
	rp_profile_add_type(p, "cpu", "nanoseconds");
	app = rp_profile_mapping(p, &(struct rp_profile_mapping){
		.start = 0x1000, .limit = 0x9000, .offset = 0x400,
		.filename = rp_profile_string(p, "/opt/a;b") });
	kernel = rp_profile_mapping(p, &(struct rp_profile_mapping){
		.filename = rp_profile_string(p, RP_KERNEL_MAPPING) });
	module = rp_profile_mapping(p, &(struct rp_profile_mapping){
		.filename = rp_profile_string(p, RP_KERNEL_MAPPING "[ext4]") });
	main1 = place(p, app, 0x1000, "main");
	main2 = place(p, app, 0x1010, "main");
	fib1 = place(p, app, 0x2000, "fib");
	fib2 = place(p, app, 0x2010, "fib");
	inlined[0].function = rp_profile_function(p, "tiny;\n", "", "a.c", 0);
	inlined[1].function = rp_profile_function(p, "fib", "fib", "a.c", 0);
	inlined[0].line = inlined[1].line = inlined[0].column = inlined[1].column = 0;
	in = rp_profile_location(p, app, 0x2020, inlined, 2);
	sys = place(p, kernel, 0xffff000000001000, "vfs_read");
	bare = place(p, app, 0x3000, "");
	mod = place(p, module, 0xffff000000002000, "");

	add(p, "xz", 1, (uint32_t[]){ fib1, fib2, fib1, main1 }, 4, 3);
	add(p, "xz", 1, (uint32_t[]){ fib2, main1 }, 2, 2);
	add(p, "xz", 2, (uint32_t[]){ sys, in, main1 }, 3, 5);
	add(p, "cc1", 3, (uint32_t[]){ main2 }, 1, 7);
	add(p, "cc1", 3, (uint32_t[]){ mod, bare }, 2, 1);
	add(p, "cc1", 3, NULL, 0, 4);
	assert_int_equal(p->error, 0);
	return p;
}

static void classifier(void **state)
{
	static const struct {
		const char *mapping, *name;
		enum rp_frame_kind kind;
	} cases[] = {
		{ "/bin/x", "main", RP_FRAME_USER },
		{ "", "main", RP_FRAME_USER },
		{ "/bin/x", "operator+", RP_FRAME_USER },
		{ "/bin/x", "a+0xzz", RP_FRAME_USER },
		{ "/bin/x", "x+0x12ab", RP_FRAME_UNRESOLVED },
		{ "/bin/x", "0x12ab", RP_FRAME_UNRESOLVED },
		{ "/bin/x", "0x", RP_FRAME_USER },
		{ "/bin/x", "[unknown]", RP_FRAME_UNRESOLVED },
		{ "", "", RP_FRAME_UNRESOLVED },
		{ "[kernel.kallsyms]", "vfs_read", RP_FRAME_KERNEL },
		{ "[kernel.kallsyms][ext4]", "ext4_read", RP_FRAME_KERNEL },
		{ "[kernel.kallsyms]", "[kernel]+0x10", RP_FRAME_KERNEL_UNRESOLVED },
		{ "[vdso]", "clock_gettime", RP_FRAME_USER },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(rp_frame_classify(cases[i].mapping, cases[i].name),
				 cases[i].kind);
	assert_string_equal(rp_frame_kind_name(RP_FRAME_KERNEL), "kernel");
}

static void expect_row(const struct rp_report *r, uint32_t i, const char *name, int64_t flat,
		       int64_t cumulative)
{
	assert_true(i < r->nr);
	assert_string_equal(r->rows[i].name, name);
	assert_int_equal(r->rows[i].flat, flat);
	assert_int_equal(r->rows[i].cumulative, cumulative);
}

static void report_by_function(void **state)
{
	struct rp_report_options o = { .by = "function" };
	struct rp_profile *p = make_profile();
	struct rp_report *r = rp_report_new(p, &o);

	(void)state;
	assert_int_equal(r->total, 22);
	assert_int_equal(r->shown_total, 22);
	assert_int_equal(r->nr, 6);
	expect_row(r, 0, "main", 7, 17);
	/* fib is three times on one stack, which counts once. */
	expect_row(r, 1, "fib", 5, 10);
	expect_row(r, 2, "vfs_read", 5, 5);
	assert_int_equal(r->rows[2].kind, RP_FRAME_KERNEL);
	assert_string_equal(r->rows[2].mapping, RP_KERNEL_MAPPING);
	expect_row(r, 3, "[kernel.kallsyms][ext4]+0xffff000000002000", 1, 1);
	assert_int_equal(r->rows[3].kind, RP_FRAME_KERNEL_UNRESOLVED);
	expect_row(r, 4, "tiny;\n", 0, 5);
	/* Address 0x3000 in a mapping at 0x1000 of the file's offset 0x400. */
	expect_row(r, 5, "a;b+0x2400", 0, 1);
	rp_report_free(r);

	o.by_cumulative = true;
	o.type = 1;
	r = rp_report_new(p, &o);
	assert_int_equal(r->total, 220);
	expect_row(r, 0, "main", 70, 170);
	expect_row(r, 1, "fib", 50, 100);
	expect_row(r, 2, "vfs_read", 50, 50);
	expect_row(r, 3, "tiny;\n", 0, 50);
	rp_report_free(r);
	rp_profile_free(p);
}

static void report_by_others(void **state)
{
	struct rp_profile *p = make_profile();
	struct rp_filters filters = { .nr = 0 };
	struct rp_report_options o = { .by = "mapping" };
	struct rp_report *r = rp_report_new(p, &o);

	(void)state;
	expect_row(r, 0, "/opt/a;b", 12, 18);
	expect_row(r, 1, RP_KERNEL_MAPPING, 5, 5);
	expect_row(r, 2, RP_KERNEL_MAPPING "[ext4]", 1, 1);
	rp_report_free(r);

	o.by = "process";
	r = rp_report_new(p, &o);
	assert_int_equal(r->nr, 2);
	expect_row(r, 0, "cc1", 12, 12);
	expect_row(r, 1, "xz", 10, 10);
	rp_report_free(r);

	o.by = "thread";
	r = rp_report_new(p, &o);
	assert_int_equal(r->nr, 3);
	expect_row(r, 0, "cc1/3", 12, 12);
	expect_row(r, 1, "xz/1", 5, 5);
	rp_report_free(r);

	o.by = "function";
	o.filters = &filters;
	assert_int_equal(rp_filters_add(&filters, "comm"), -EINVAL);
	assert_int_equal(rp_filters_add(&filters, "=x"), -EINVAL);
	assert_int_equal(rp_filters_add(&filters, "comm=xz"), 0);
	assert_int_equal(rp_filters_add(&filters, "thread_id=2"), 0);
	r = rp_report_new(p, &o);
	assert_int_equal(r->total, 5);
	assert_int_equal(r->shown_total, 22);
	expect_row(r, 0, "vfs_read", 5, 5);
	rp_report_free(r);
	assert_int_equal(rp_filters_add(&filters, "nothing="), 0);
	r = rp_report_new(p, &o);
	assert_int_equal(r->total, 5);
	rp_report_free(r);

	o.by = "no.such.label";
	assert_null(rp_report_new(p, &o));
	assert_int_equal(errno, ENOENT);
	rp_profile_free(p);
}

static void common_labels(void **state)
{
	struct rp_profile *p = make_profile();
	struct rp_profile_label l[4];

	(void)state;
	assert_int_equal(rp_report_common_labels(p, l, 4), 1);
	assert_string_equal(rp_profile_str(p, l[0].key), "service.name");
	rp_profile_add(p, NULL, 0, NULL, 0, (int64_t[]){ 1, 1 });
	assert_int_equal(rp_report_common_labels(p, l, 4), 0);
	rp_profile_free(p);
}

static void expect_folded(const struct rp_profile *p, const struct rp_flame_options *o,
			  const char *expected)
{
	struct rp_flame_tree *t = rp_flame_tree_new(p, o);
	char *text;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(t);
	assert_int_equal(rp_folded_write(t, o->type, f), 0);
	fclose(f);
	assert_string_equal(text, expected);
	free(text);
	rp_flame_tree_free(t);
}

static void folded(void **state)
{
	struct rp_profile *p = make_profile();
	struct rp_filters filters = { { "comm=xz" }, 1 };

	(void)state;
	expect_folded(p, &(struct rp_flame_options){ 0 },
		      "main 7\n"
		      "main;fib 2\n"
		      "main;fib;tiny:?;vfs_read_[k] 5\n"
		      "main;fib;fib;fib 3\n"
		      "a:b+0x2400;[kernel.kallsyms][ext4]+0xffff000000002000_[k] 1\n");
	expect_folded(p, &(struct rp_flame_options){ .by_process = true },
		      "cc1 4\n"
		      "cc1;main 7\n"
		      "cc1;a:b+0x2400;[kernel.kallsyms][ext4]+0xffff000000002000_[k] 1\n"
		      "xz;main;fib 2\n"
		      "xz;main;fib;tiny:?;vfs_read_[k] 5\n"
		      "xz;main;fib;fib;fib 3\n");
	expect_folded(p, &(struct rp_flame_options){ .filters = &filters, .type = 1 },
		      "main;fib 20\n"
		      "main;fib;tiny:?;vfs_read_[k] 50\n"
		      "main;fib;fib;fib 30\n");
	rp_profile_free(p);
}

static void tree(void **state)
{
	struct rp_profile *p = make_profile();
	struct rp_flame_tree *t;
	uint32_t i, node;
	int64_t sum = 0;

	(void)state;
	t = rp_flame_tree_new(p, &(struct rp_flame_options){ .by_process = true });
	assert_non_null(t);
	assert_int_equal(rp_flame_total(t, 0, 0), 22);
	assert_int_equal(rp_flame_total(t, 0, 1), 220);
	assert_int_equal(t->depth, 5);
	assert_int_equal(t->order[0], 0);
	for (i = 1; i < t->nr; i++) {
		node = t->order[i];
		sum += rp_flame_self(t, node, 0);
		/* In order: below the one before, or next to one of its parents. */
		assert_true(t->nodes[node].depth <= t->nodes[t->order[i - 1]].depth + 1);
		if (t->nodes[node].depth == t->nodes[t->order[i - 1]].depth + 1)
			assert_int_equal(t->nodes[node].parent, t->order[i - 1]);
	}
	assert_int_equal(sum + rp_flame_self(t, 0, 0), 22);
	rp_flame_tree_free(t);

	t = rp_flame_tree_new(p, &(struct rp_flame_options){ .depth_max = 2 });
	assert_int_equal(t->depth, 2);
	assert_int_equal(t->cut, 2);
	assert_int_equal(rp_flame_total(t, 0, 0), 22);
	rp_flame_tree_free(t);
	rp_profile_free(p);
}

static void empty_and_wide(void **state)
{
	struct rp_profile *p = rp_profile_new();
	struct rp_flame_tree *t;
	uint32_t stack[2], i;

	(void)state;
	rp_profile_add_type(p, "samples", "count");
	t = rp_flame_tree_new(p, &(struct rp_flame_options){ .by_process = true });
	assert_int_equal(t->nr, 1);
	rp_flame_tree_free(t);

	stack[1] = place(p, 0, 1, "main");
	for (i = 0; i < 20000; i++) {
		char name[16];

		snprintf(name, sizeof(name), "f%u", i);
		stack[0] = place(p, 0, 2, name);
		rp_profile_add(p, stack, 2, NULL, 0, (int64_t[]){ 1 });
	}
	t = rp_flame_tree_new(p, &(struct rp_flame_options){ 0 });
	assert_int_equal(t->nr, 20002);
	assert_int_equal(rp_flame_total(t, 1, 0), 20000);
	rp_flame_tree_free(t);
	rp_profile_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classifier),
		cmocka_unit_test(report_by_function),
		cmocka_unit_test(report_by_others),
		cmocka_unit_test(common_labels),
		cmocka_unit_test(folded),
		cmocka_unit_test(tree),
		cmocka_unit_test(empty_and_wide),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
