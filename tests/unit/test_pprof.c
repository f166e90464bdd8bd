// SPDX-License-Identifier: GPL-2.0
/* pprof: what is written is read back, foreign forms are read, bad ones refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "pprof_read.h"
#include "pprof_write.h"
#include "profile.pb-c.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

static struct rp_profile *make_profile(void)
{
	struct rp_profile *p = rp_profile_new();
	struct rp_profile_line lines[2];
	struct rp_profile_label labels[3];
	uint32_t stack[3], m, k;

	assert_non_null(p);
	rp_profile_add_type(p, "samples", "count");
	rp_profile_add_type(p, "cpu", "nanoseconds");
	rp_profile_set_period(p, "cpu", "nanoseconds", 52631579);
	rp_profile_set_default_type(p, "cpu");
	rp_profile_add_comment(p, "first");
	rp_profile_add_comment(p, "second");
	rp_profile_set_doc_url(p, "https://example.org/doc");
	p->time_nanos = 1700000000123456789;
	p->duration_nanos = 10000000000;
	k = rp_profile_mapping(p, &(struct rp_profile_mapping){
		.start = 0xffffffff81000000, .limit = 0xffffffff82000000,
		.filename = rp_profile_string(p, RP_KERNEL_MAPPING), .has_functions = true });
	m = rp_profile_mapping(p, &(struct rp_profile_mapping){
		.start = 0x400000, .limit = 0x500000, .offset = 0x1000,
		.filename = rp_profile_string(p, "/usr/bin/xz"),
		.build_id = rp_profile_string(p, "c0ffee"), .has_functions = true,
		.has_lines = true });
	rp_profile_set_main_mapping(p, m);
	lines[0] = (struct rp_profile_line){
		rp_profile_function(p, "inner", "_Zinner", "x.c", 7), 9, 3 };
	lines[1] = (struct rp_profile_line){
		rp_profile_function(p, "outer", "outer", "x.c", 20), 25, 0 };
	stack[0] = rp_profile_location(p, k, 0xffffffff81001234, NULL, 0);
	stack[1] = rp_profile_location(p, m, 0x400100, lines, 2);
	stack[2] = rp_profile_location(p, m, 0x400200, lines + 1, 1);
	labels[0] = (struct rp_profile_label){ .key = rp_profile_string(p, "cpu"), .num = 0 };
	labels[1] = (struct rp_profile_label){ .key = rp_profile_string(p, "comm"),
		.str = rp_profile_string(p, "xz \xff <b>") };
	labels[2] = (struct rp_profile_label){ .key = rp_profile_string(p, "bytes"),
		.num = 512, .unit = rp_profile_string(p, "bytes_unit") };
	assert_int_equal(rp_profile_add(p, stack, 3, labels, 3, (int64_t[]){ 3, 300 }), 0);
	assert_int_equal(rp_profile_add(p, stack + 1, 2, labels, 2, (int64_t[]){ 1, 99 }), 0);
	assert_int_equal(rp_profile_add(p, stack + 1, 2, NULL, 0, (int64_t[]){ 0, -5 }), 0);
	assert_int_equal(rp_profile_add(p, NULL, 0, NULL, 0, (int64_t[]){ 7, 7 }), 0);
	return p;
}

/* One line per fact, so that two profiles can be compared whatever their ids. */
static char *describe(const struct rp_profile *p)
{
	static const char *const keys[] = { "bytes", "comm", "cpu" };
	const struct rp_profile_location *l;
	const struct rp_profile_function *f;
	const struct rp_profile_stack *s;
	const struct rp_profile_label *label;
	struct rp_profile_mapping *m;
	char *text;
	size_t len;
	FILE *to = open_memstream(&text, &len);
	uint64_t id, i, j;

	fprintf(to, "%lld %lld %lld %s %s %s %s\n", (long long)p->time_nanos,
		(long long)p->duration_nanos, (long long)p->period,
		rp_profile_str(p, p->period_type.type), rp_profile_str(p, p->period_type.unit),
		rp_profile_str(p, p->default_type), rp_profile_str(p, p->doc_url));
	for (i = 0; i < p->nr_comments; i++)
		fprintf(to, "comment %s\n", rp_profile_str(p, p->comments[i]));
	for (i = 0; i < p->nr_types; i++)
		fprintf(to, "type %s %s\n", rp_profile_str(p, p->types[i].type),
			rp_profile_str(p, p->types[i].unit));
	for (id = 1; id <= p->nr_samples; id++) {
		fprintf(to, "sample");
		for (i = 0; i < p->nr_types; i++)
			fprintf(to, " %lld", (long long)rp_profile_values(p, id)[i]);
		/* By name, not by id: ids change on the way. */
		for (i = 0; i < 3; i++) {
			label = rp_profile_find_label(p, p->samples[id].labelset,
						      rp_profile_find_string(p, keys[i]));
			if (label)
				fprintf(to, " %s=%s/%lld/%s", keys[i],
					rp_profile_str(p, label->str), (long long)label->num,
					rp_profile_str(p, label->unit));
		}
		s = &p->stacks[p->samples[id].stack];
		for (i = 0; i < s->nr; i++) {
			l = &p->locations[p->frames[s->first + i]];
			m = &p->mappings[l->mapping];
			fprintf(to, "\n  %llx %llx-%llx+%llx %s %s %d%d%d%d",
				(unsigned long long)l->address, (unsigned long long)m->start,
				(unsigned long long)m->limit, (unsigned long long)m->offset,
				rp_profile_str(p, m->filename), rp_profile_str(p, m->build_id),
				m->has_functions, m->has_filenames, m->has_lines,
				m->has_inlines);
			for (j = 0; j < l->nr_lines; j++) {
				f = &p->functions[p->lines[l->first_line + j].function];
				fprintf(to, " | %s %s %s:%lld:%lld+%lld",
					rp_profile_str(p, f->name),
					rp_profile_str(p, f->system_name),
					rp_profile_str(p, f->filename),
					(long long)p->lines[l->first_line + j].line,
					(long long)p->lines[l->first_line + j].column,
					(long long)f->start_line);
			}
		}
		fprintf(to, "\n");
	}
	fclose(to);
	return text;
}

static void *inflate_all(const void *data, size_t len, size_t *ret_len)
{
	size_t room = 1 << 20;
	unsigned char *plain = malloc(room);
	z_stream z = { 0 };

	z.next_in = (unsigned char *)data;
	z.avail_in = (unsigned int)len;
	z.next_out = plain;
	z.avail_out = (unsigned int)room;
	assert_int_equal(inflateInit2(&z, 16 + 15), Z_OK);
	assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
	*ret_len = z.total_out;
	inflateEnd(&z);
	return plain;
}

static void roundtrip(void **state)
{
	struct rp_profile *p = make_profile(), *q;
	char why[RP_WHY_SIZE] = "";
	char *a, *b;
	size_t len;
	void *data;

	(void)state;
	assert_int_equal(rp_pprof_write_mem(p, &data, &len, why, sizeof(why)), 0);
	q = rp_pprof_read_mem(data, len, 0, why, sizeof(why));
	if (!q)
		fail_msg("%s", why);
	a = describe(p);
	b = describe(q);
	assert_string_equal(a, b);
	assert_string_equal(rp_profile_str(q, q->mappings[1].filename), "/usr/bin/xz");
	free(a);
	free(b);
	free(data);
	rp_profile_free(p);
	rp_profile_free(q);
}

/* The rules that other readers enforce, seen with protobuf-c's own eyes. */
static void rules(void **state)
{
	struct rp_profile *p = make_profile();
	Perftools__Profiles__Profile *m;
	size_t len, i, j, k;
	void *data, *plain;

	(void)state;
	assert_int_equal(rp_pprof_write_mem(p, &data, &len, NULL, 0), 0);
	assert_memory_equal(data, "\x1f\x8b", 2);
	plain = inflate_all(data, len, &len);
	m = perftools__profiles__profile__unpack(NULL, len, plain);
	assert_non_null(m);
	assert_string_equal(m->string_table[0], "");
	assert_string_equal(m->string_table[m->sample_type[0]->unit], "count");
	assert_string_equal(m->string_table[m->default_sample_type], "cpu");
	assert_int_equal(m->n_mapping, 2);
	assert_string_equal(m->string_table[m->mapping[0]->filename], "/usr/bin/xz");
	for (i = 0; i < m->n_mapping; i++)
		assert_int_equal(m->mapping[i]->id, i + 1);
	for (i = 0; i < m->n_location; i++) {
		assert_int_equal(m->location[i]->id, i + 1);
		assert_string_equal(
			m->string_table[m->mapping[m->location[i]->mapping_id - 1]->filename],
			m->location[i]->address >> 32 ? RP_KERNEL_MAPPING : "/usr/bin/xz");
	}
	for (i = 0; i < m->n_function; i++)
		assert_int_equal(m->function[i]->id, i + 1);
	for (i = 0; i < m->n_sample; i++) {
		assert_int_equal(m->sample[i]->n_value, 2);
		for (j = 0; j < m->sample[i]->n_label; j++) {
			Perftools__Profiles__Label *l = m->sample[i]->label[j];

			assert_true(l->str || l->num || l->num_unit);
			for (k = 0; k < j; k++)
				assert_int_not_equal(m->sample[i]->label[k]->key, l->key);
		}
	}
	perftools__profiles__profile__free_unpacked(m, NULL);
	free(plain);
	free(data);
	rp_profile_free(p);
}

/* Ids far apart and out of order, numbers unpacked, fields that nobody knows. */
static void foreign_forms(void **state)
{
	static const uint8_t file[] = {
		/* unknown field 99 varint, field 98 bytes, field 97 fixed32, 96 fixed64 */
		0x98, 0x06, 0x07, 0x92, 0x06, 0x02, 'h', 'i',
		0x8d, 0x06, 1, 2, 3, 4, 0x81, 0x06, 1, 2, 3, 4, 5, 6, 7, 8,
		/* sample { location_id 900 location_id 5 value 2 value 20 }, all unpacked */
		0x12, 9, 0x08, 0x84, 0x07, 0x08, 0x05, 0x10, 2, 0x10, 20,
		/* the same stack again, packed; adds up */
		0x12, 9, 0x0a, 3, 0x84, 0x07, 0x05, 0x12, 2, 1, 10,
		/* sample types a/count, b/count */
		0x0a, 4, 0x08, 1, 0x10, 2, 0x0a, 4, 0x08, 3, 0x10, 2,
		/* locations 900 {line function 70000}, 5 {line function 0: dropped} */
		0x22, 9, 0x08, 0x84, 0x07, 0x22, 4, 0x08, 0xf0, 0xa2, 0x04,
		0x22, 6, 0x08, 5, 0x22, 2, 0x10, 3,
		/* function 70000 name 1 */
		0x2a, 6, 0x08, 0xf0, 0xa2, 0x04, 0x10, 1,
		/* comments: one packed field, one unpacked */
		0x6a, 2, 1, 2, 0x68, 3,
		/* strings "", a, count, b */
		0x32, 0, 0x32, 1, 'a', 0x32, 5, 'c', 'o', 'u', 'n', 't', 0x32, 1, 'b',
	};
	char why[RP_WHY_SIZE] = "";
	struct rp_profile *p;

	(void)state;
	p = rp_pprof_read_mem(file, sizeof(file), 0, why, sizeof(why));
	if (!p)
		fail_msg("%s", why);
	assert_int_equal(p->nr_types, 2);
	assert_int_equal(p->nr_samples, 1);
	assert_int_equal(rp_profile_values(p, 1)[0], 3);
	assert_int_equal(rp_profile_values(p, 1)[1], 30);
	assert_int_equal(p->nr_locations, 2);
	assert_int_equal(p->stacks[1].nr, 2);
	assert_int_equal(p->locations[p->frames[0]].nr_lines, 1);
	assert_int_equal(p->locations[p->frames[1]].nr_lines, 0);
	assert_int_equal(p->nr_comments, 3);
	assert_string_equal(rp_profile_str(p, p->comments[2]), "b");
	rp_profile_free(p);
}

/* A location without lines is the only entry: what a fuzzer made of it. */
static void nearly_nothing(void **state)
{
	static const uint8_t file[] = { 0x22, 4, 8, 16, 0x10, 0, 0x0a, 0 };
	struct rp_profile *p, *q;
	size_t len;
	void *data;

	(void)state;
	p = rp_pprof_read_mem(file, sizeof(file), 0, NULL, 0);
	assert_non_null(p);
	assert_int_equal(rp_pprof_write_mem(p, &data, &len, NULL, 0), 0);
	q = rp_pprof_read_mem(data, len, 0, NULL, 0);
	assert_non_null(q);
	assert_int_equal(q->nr_locations, 1);
	assert_int_equal(q->nr_samples, 0);
	free(data);
	rp_profile_free(p);
	rp_profile_free(q);
}

static void expect_bad(const void *data, size_t len, int error, const char *sentence)
{
	char why[RP_WHY_SIZE] = "";
	struct rp_profile *p;

	errno = 0;
	p = rp_pprof_read_mem(data, len, 0, why, sizeof(why));
	assert_null(p);
	assert_int_equal(errno, error);
	if (!strstr(why, sentence))
		fail_msg("\"%s\" does not say \"%s\"", why, sentence);
}

#define TYPES	0x32, 0, 0x32, 1, 'a', 0x0a, 4, 0x08, 1, 0x10, 1
#define BAD_FILE(sentence, ...) \
	expect_bad((const uint8_t[]){ __VA_ARGS__ }, sizeof((uint8_t[]){ __VA_ARGS__ }), \
		   EBADMSG, sentence)

static void hostile_files(void **state)
{
	(void)state;
	expect_bad("", 0, EBADMSG, "empty");
	expect_bad("#!/bin/sh\necho", 14, EBADMSG, "not pprof");
	BAD_FILE("no sample type", 0x32, 0);
	BAD_FILE("string 9 is named, but there are only 2", TYPES, 0x0a, 2, 0x08, 9);
	BAD_FILE("string -1 is named", TYPES, 0x3a, 0, 0x0a, 11, 0x08, 0xff, 0xff, 0xff, 0xff,
		 0xff, 0xff, 0xff, 0xff, 0xff, 1);
	BAD_FILE("does not begin with an empty string", 0x32, 1, 'a');
	BAD_FILE("mapping number 1 has the id 0", TYPES, 0x1a, 0);
	BAD_FILE("two mappings with the id 3", TYPES, 0x1a, 2, 8, 3, 0x1a, 2, 8, 3);
	BAD_FILE("location 1 names mapping 4", TYPES, 0x22, 4, 8, 1, 0x10, 4);
	BAD_FILE("location 1 names function 7", TYPES, 0x22, 6, 8, 1, 0x22, 2, 8, 7);
	BAD_FILE("sample number 1 names location 1", TYPES, 0x12, 4, 8, 1, 0x10, 1);
	BAD_FILE("sample number 1 has 2 values for 1 sample types", TYPES, 0x12, 4, 0x10, 1,
		 0x10, 1);
	BAD_FILE("sample number 1 is no protobuf", TYPES, 0x12, 2, 0x0a, 99);
	BAD_FILE("cut off", TYPES, 0x12, 99, 0x0a);
	BAD_FILE("not pprof", TYPES, 0x12 | 3, 1);
	BAD_FILE("wire type", TYPES, 0x10, 1);
	/* A comment as a fixed 32-bit number. */
	BAD_FILE("field 13 has wire type 5", TYPES, 0x6d, 1, 2, 3, 4);
	BAD_FILE("field 9 has wire type 2", TYPES, 0x4a, 0);
	/* A length that would wrap around the end. */
	BAD_FILE("cut off", TYPES, 0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1);
}

static void cut_and_damaged_gzip(void **state)
{
	struct rp_profile *p = make_profile();
	char why[RP_WHY_SIZE];
	size_t len, i;
	uint8_t *data;

	(void)state;
	assert_int_equal(rp_pprof_write_mem(p, (void **)&data, &len, NULL, 0), 0);
	for (i = 2; i < len; i += 5)
		expect_bad(data, i, EBADMSG, "cut off");
	data[len - 6] ^= 0x40;
	expect_bad(data, len, EBADMSG, "damaged");
	data[len - 6] ^= 0x40;
	/* The limit of what it may grow to. */
	errno = 0;
	assert_null(rp_pprof_read_mem(data, len, 50, why, sizeof(why)));
	assert_int_equal(errno, EFBIG);
	assert_non_null(strstr(why, "limit"));
	free(data);
	rp_profile_free(p);
}

static int count_entries(const char *folder)
{
	DIR *d = opendir(folder);
	int n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

static void files_are_whole_or_absent(void **state)
{
	char folder[] = "/tmp/test_pprof.XXXXXX", path[64], missing[64];
	struct rp_profile *p = make_profile(), *q;
	struct rlimit old, small = { 20, 20 };
	char why[RP_WHY_SIZE];
	struct stat st;
	int fd;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/cpu.pb.gz", folder);
	snprintf(missing, sizeof(missing), "%s/none/cpu.pb.gz", folder);

	/* As if the disk was full after 20 bytes. */
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	small.rlim_max = old.rlim_max;
	setrlimit(RLIMIT_FSIZE, &small);
	assert_int_equal(rp_pprof_write_file(p, path, false, why, sizeof(why)), -EFBIG);
	setrlimit(RLIMIT_FSIZE, &old);
	assert_non_null(strstr(why, path));
	assert_non_null(strstr(why, "no part of it was kept"));
	assert_int_equal(count_entries(folder), 0);

	assert_int_equal(rp_pprof_write_file(p, path, true, why, sizeof(why)), 0);
	assert_int_equal(rp_pprof_write_file(p, path, false, why, sizeof(why)), 0);
	assert_int_equal(count_entries(folder), 1);
	q = rp_pprof_read_file(path, why, sizeof(why));
	assert_non_null(q);
	rp_profile_free(q);

	assert_int_equal(rp_pprof_write_file(p, missing, false, why, sizeof(why)), -ENOENT);
	assert_null(rp_pprof_read_file(missing, why, sizeof(why)));
	assert_non_null(strstr(why, missing));
	assert_int_equal(rp_pprof_write_file(p, folder, false, why, sizeof(why)), -EISDIR);

	/* A device is written, never replaced. */
	assert_int_equal(rp_pprof_write_file(p, "/dev/null", true, why, sizeof(why)), 0);
	assert_int_equal(stat("/dev/null", &st), 0);
	assert_true(S_ISCHR(st.st_mode));
	fd = open("/dev/full", O_WRONLY);
	assert_int_equal(rp_pprof_write_fd(p, fd, why, sizeof(why)), -ENOSPC);
	assert_non_null(strstr(why, "No space left"));
	close(fd);

	p->error = -ENOMEM;
	assert_int_equal(rp_pprof_write_file(p, path, false, why, sizeof(why)), -ENOMEM);
	unlink(path);
	rmdir(folder);
	rp_profile_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(roundtrip),
		cmocka_unit_test(rules),
		cmocka_unit_test(foreign_forms),
		cmocka_unit_test(nearly_nothing),
		cmocka_unit_test(hostile_files),
		cmocka_unit_test(cut_and_damaged_gzip),
		cmocka_unit_test(files_are_whole_or_absent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
