// SPDX-License-Identifier: GPL-2.0
/*
 * Splitting a profile by resource: nothing is lost or counted twice, names survive,
 * limits hold; and what becomes of a resource in Pyroscope's query.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "pprof_write.h"
#include "publish.h"
#include "pyroscope.h"
#include "split.h"

static struct rp_profile *new_profile(void)
{
	struct rp_profile *p = rp_profile_new();

	assert_non_null(p);
	assert_int_equal(rp_profile_add_type(p, "samples", "count"), 0);
	assert_int_equal(rp_profile_add_type(p, "cpu", "nanoseconds"), 0);
	assert_int_equal(rp_profile_set_period(p, "cpu", "nanoseconds", 1000), 0);
	assert_int_equal(rp_profile_set_default_type(p, "cpu"), 0);
	p->time_nanos = 5000000000;
	p->duration_nanos = 60000000000;
	return p;
}

static uint32_t location(struct rp_profile *p, const char *file, unsigned int number)
{
	struct rp_profile_mapping m = {
		.start = 0x400000, .limit = 0x800000, .has_functions = true,
	};
	struct rp_profile_line line = { 0 };
	char name[32];

	snprintf(name, sizeof(name), "f%u", number);
	m.filename = rp_profile_string(p, file);
	m.build_id = rp_profile_string(p, "abcd");
	line.function = rp_profile_function(p, name, name, "", 0);
	return rp_profile_location(p, rp_profile_mapping(p, &m), 0x400000 + number,
				   &line, 1);
}

struct resources {
	struct rp_publish_keys keys;
	struct rp_attributes of[3];
};

static void make_resources(struct resources *r)
{
	*r = (struct resources){ 0 };
	rp_attributes_set(&r->of[0], "service.name", "cart");
	rp_attributes_set(&r->of[0], "team", "a");
	rp_attributes_set(&r->of[1], "service.name", "cart");
	rp_attributes_set(&r->of[1], "service.version", "2");
	rp_attributes_set(&r->of[1], "pid", "hostile");		/* a label of samples */
	rp_attributes_set(&r->of[1], "pprof::x", "reserved");
	rp_attributes_set(&r->of[2], "service.name", "db");
}

static void free_resources(struct resources *r)
{
	int i;

	for (i = 0; i < 3; i++)
		rp_attributes_free(&r->of[i]);
}

static void add(struct rp_profile *p, struct resources *r, int resource, int64_t pid,
		const uint32_t *stack, uint32_t nr)
{
	struct rp_profile_label labels[16] = {
		{ .key = rp_profile_string(p, "pid"), .num = pid },
	};
	unsigned int n = 1;

	if (resource >= 0)
		n += rp_publish_labels(&r->keys, p, &r->of[resource], labels + 1, 15);
	assert_int_equal(rp_profile_add(p, stack, nr, labels, n,
					(int64_t[]){ 1, 1000 }), 0);
}

struct seen {
	unsigned int parts;
	uint64_t samples;
	int64_t count, ns;
	int64_t last_time;
	char names[512];
	int stop;		/* what the callback returns */
};

static int look(void *arg, const struct rp_attributes *resource,
		const struct rp_profile *part)
{
	const char *team = rp_attributes_get(resource, "team");
	const char *version = rp_attributes_get(resource, "service.version");
	const char *service = rp_attributes_get(resource, "service.name");
	struct seen *s = arg;
	uint64_t i;

	s->parts++;
	s->samples += part->nr_samples;
	s->count += rp_profile_total(part, 0);
	s->ns += rp_profile_total(part, 1);
	assert_int_equal(part->error, 0);
	assert_true(part->duration_nanos == 60000000000);
	assert_int_equal(part->period, 1000);
	assert_string_equal(rp_profile_str(part, part->default_type), "cpu");
	s->last_time = part->time_nanos;
	for (i = 1; i <= part->nr_samples; i++)
		assert_int_equal(part->samples[i].labelset, 0);
	if (s->parts < 10)
		snprintf(s->names + strlen(s->names), sizeof(s->names) - strlen(s->names),
			 "%s/%s/%s:%llu ", service ? service : "-", version ? version : "-",
			 team ? team : "-", (unsigned long long)part->nr_samples);
	return s->stop;
}

static void test_groups(void **state)
{
	static const struct rp_split_limits none;
	struct rp_profile *p = new_profile();
	struct seen s = { 0 };
	struct resources r;
	uint32_t stack[3];
	int i;

	(void)state;
	make_resources(&r);
	for (i = 0; i < 3; i++)
		stack[i] = location(p, i ? "/usr/bin/cart" : "/lib/libc.so", (unsigned int)i);
	add(p, &r, 0, 1, stack, 3);
	add(p, &r, 1, 2, stack, 3);
	add(p, &r, 0, 3, stack, 3);		/* another pid: the same series and stack */
	add(p, &r, 0, 3, stack, 2);
	add(p, &r, 2, 4, stack + 1, 1);
	add(p, &r, -1, 5, stack, 0);		/* without resource and stack */
	assert_int_equal(r.keys.nr, 3);		/* neither pid nor pprof::x */
	assert_int_equal(rp_split(p, r.keys.ids, r.keys.nr, &none, look, &s), 0);
	assert_int_equal(s.parts, 4);
	assert_int_equal(s.count, 6);
	assert_int_equal(s.ns, 6000);
	assert_non_null(strstr(s.names, "cart/-/a:2 "));
	assert_non_null(strstr(s.names, "cart/2/-:1 "));
	assert_non_null(strstr(s.names, "db/-/-:1 "));
	assert_non_null(strstr(s.names, "-/-/-:1 "));
	s = (struct seen){ .stop = -EINTR };
	assert_int_equal(rp_split(p, r.keys.ids, r.keys.nr, &none, look, &s), -EINTR);
	assert_int_equal(s.parts, 1);
	rp_profile_free(p);
	p = new_profile();
	s = (struct seen){ 0 };
	assert_int_equal(rp_split(p, NULL, 0, &none, look, &s), 0);
	assert_int_equal(s.parts, 0);
	rp_profile_free(p);
	free_resources(&r);
}

static int keep_names(void *arg, const struct rp_attributes *resource,
		      const struct rp_profile *part)
{
	const struct rp_profile_location *l;
	const struct rp_profile_stack *stack;
	char *text = arg;
	uint32_t i;

	(void)resource;
	stack = &part->stacks[part->samples[1].stack];
	for (i = 0; i < stack->nr; i++) {
		l = &part->locations[part->frames[stack->first + i]];
		sprintf(text + strlen(text), "%s:%s@%llx ",
			rp_profile_str(part, part->mappings[l->mapping].filename),
			rp_profile_str(part, part->functions[part->lines[l->first_line]
								     .function].name),
			(unsigned long long)l->address);
	}
	return 0;
}

static void test_names(void **state)
{
	static const struct rp_split_limits none;
	struct rp_profile *p = new_profile();
	char text[256] = "";
	uint32_t stack[2];

	(void)state;
	location(p, "/other", 9);		/* so that ids differ */
	stack[0] = location(p, "/lib/libc.so", 1);
	stack[1] = location(p, "/usr/bin/cart", 2);
	add(p, NULL, -1, 1, stack, 2);
	assert_int_equal(rp_split(p, NULL, 0, &none, keep_names, text), 0);
	assert_string_equal(text, "/lib/libc.so:f1@400001 /usr/bin/cart:f2@400002 ");
	rp_profile_free(p);
}

static void fill(struct rp_profile *p, unsigned int nr)
{
	uint32_t stack[2];
	unsigned int i;

	for (i = 0; i < nr; i++) {
		stack[0] = location(p, "/usr/bin/cart", i);
		stack[1] = location(p, "/usr/bin/cart", i / 2);
		add(p, NULL, -1, 1, stack, 2);
	}
}

static void test_limit_samples(void **state)
{
	static const struct rp_split_limits limits = { .samples = 100 };
	struct rp_profile *p = new_profile();
	struct seen s = { 0 };

	(void)state;
	fill(p, 1050);
	assert_int_equal(rp_split(p, NULL, 0, &limits, look, &s), 0);
	assert_int_equal(s.parts, 11);
	assert_int_equal(s.samples, 1050);
	assert_int_equal(s.count, 1050);
	/* No two parts have the same start. */
	assert_true(s.last_time == 5000000000 + 10 * RP_SPLIT_STEP_NS);
	rp_profile_free(p);
}

/* The size that gzip says it had before: its last four bytes. */
static int measure(void *arg, const struct rp_attributes *resource,
		   const struct rp_profile *part)
{
	uint32_t *largest = arg, size;
	char why[RP_WHY_SIZE];
	void *data;
	size_t len;

	(void)resource;
	assert_int_equal(rp_pprof_write_mem(part, &data, &len, why, sizeof(why)), 0);
	memcpy(&size, (char *)data + len - 4, 4);
	if (size > *largest)
		*largest = size;
	free(data);
	return 0;
}

static void test_limit_bytes(void **state)
{
	static const struct rp_split_limits limits = { .bytes = 20000 };
	struct rp_profile *p = new_profile();
	struct seen s = { 0 };
	uint32_t largest = 0;

	(void)state;
	fill(p, 5000);
	assert_int_equal(rp_split(p, NULL, 0, &limits, measure, &largest), 0);
	assert_true(largest > 5000);		/* the estimate is not absurd */
	assert_true(largest <= 20000);
	assert_int_equal(rp_split(p, NULL, 0, &limits, look, &s), 0);
	assert_int_equal(s.count, 5000);
	rp_profile_free(p);
}

static void test_keys_bound(void **state)
{
	struct rp_attributes a = { 0 };
	struct rp_publish_keys keys = { 0 };
	struct rp_profile_label labels[4];
	struct rp_profile *p = new_profile();
	unsigned int i, n, kept = 0;
	char key[32];

	(void)state;
	for (i = 0; i < 1000; i++) {
		snprintf(key, sizeof(key), "key%u", i);
		assert_int_equal(rp_attributes_set(&a, key, "x"), 0);
		n = rp_publish_labels(&keys, p, &a, labels, 4);
		kept += n;
		rp_attributes_free(&a);
	}
	assert_int_equal(kept, RP_PUBLISH_KEYS_MAX);
	rp_profile_free(p);
}

static void test_pyroscope_name(void **state)
{
	struct rp_attributes a = { 0 };
	char *name, *query, key[32];
	int i;

	(void)state;
	name = rp_pyroscope_name(&a);
	assert_string_equal(name, "unknown_service{}");
	free(name);
	rp_attributes_set(&a, "service.name", "my shop/cart-1.x{}\xc3\xa9");
	rp_attributes_set(&a, "service.version", "1.2,3}=x");
	rp_attributes_set(&a, "host.name", "h1");
	name = rp_pyroscope_name(&a);
	assert_string_equal(name,
		"my_shop/cart-1.x____{host_name=h1,service_version=1.2_3_=x}");
	free(name);
	query = rp_pyroscope_query(&a, 1785585600000000000, 1785585660000000000, 19);
	assert_string_equal(query,
		"name=my_shop%2Fcart-1.x____%7Bhost_name%3Dh1%2Cservice_version%3D1.2_3_%3Dx%7D"
		"&from=1785585600000000000&until=1785585660000000000&sampleRate=19"
		"&spyName=ringprof");
	free(query);
	for (i = 0; a.nr < RP_ATTRIBUTES_MAX; i++) {
		snprintf(key, sizeof(key), "a%d", i);
		rp_attributes_set(&a, key, "x");
	}
	name = rp_pyroscope_name(&a);
	for (i = 0; strchr(name, '='); i++)
		*strchr(name, '=') = '.';
	assert_int_equal(i, RP_PYROSCOPE_LABELS_MAX);
	free(name);
	rp_attributes_free(&a);
}

static void test_pyroscope_url(void **state)
{
	static const char *const cases[][2] = {
		{ "http://h:4040", "http://h:4040/ingest" },
		{ "http://h:4040/", "http://h:4040/ingest" },
		{ "http://h/base/", "http://h/base/ingest" },
		{ "http://h/ingest", "http://h/ingest" },
		{ "http://h/base/ingest//", "http://h/base/ingest" },
	};
	size_t i;
	char *url;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		url = rp_pyroscope_url(cases[i][0]);
		assert_string_equal(url, cases[i][1]);
		free(url);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_groups),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_limit_samples),
		cmocka_unit_test(test_limit_bytes),
		cmocka_unit_test(test_keys_bound),
		cmocka_unit_test(test_pyroscope_name),
		cmocka_unit_test(test_pyroscope_url),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
