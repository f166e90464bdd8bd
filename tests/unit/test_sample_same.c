// SPDX-License-Identifier: GPL-2.0
/*
 * Which samples the module makes one record of (kmod/sample_same.h), compiled for user space.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "kmod/sample_same.h"

#define FRAMES 5

/* Words, as a record has them in the ring. */
union record {
	struct rp_rec rec;
	__u64 words[sizeof(struct rp_sample) / 8 + FRAMES];
};

static struct rp_sample *of(union record *r)
{
	return (struct rp_sample *)r->words;
}

static union record sample(void)
{
	static const struct rp_sample head = {
		.rec = { .size = sizeof(union record), .type = RP_REC_SAMPLE },
		.time = 1000, .weight = 10, .count = 1,
		.space = { .start = 7, .tgid = 8, .exec = 9 },
		.map_gen = 10, .tid = 11, .kind = RP_KIND_CPU,
		.flags = RP_SAMPLE_USER_MODE | RP_SAMPLE_FP_FRAMES,
		.nr_kernel = 2, .nr_user = 3, .kernel_stop = 1, .user_stop = 2,
		.comm = "thread",
	};
	union record r;
	__u64 i;

	memcpy(r.words, &head, sizeof(head));
	for (i = 0; i < FRAMES; i++)
		r.words[sizeof(head) / 8 + i] = i + 1;
	return r;
}

static bool same(union record *a, union record *b)
{
	return rp_sample_same(&a->rec, of(b), of(b)->addr);
}

/* When they were taken and what they weigh is not looked at. */
static void same_thread_and_stack(void **state)
{
	union record a = sample(), b = sample();

	(void)state;
	of(&b)->time = 2000;
	of(&b)->weight = 77;
	of(&a)->count = 30;
	assert_true(same(&a, &b));
}

static void each_difference_tells(void **state)
{
	union record a = sample(), b;
	unsigned int i;

	(void)state;
#define DIFFERS(field, value) \
	do { \
		b = sample(); \
		of(&b)->field = value; \
		assert_false(same(&a, &b)); \
	} while (0)
	DIFFERS(tid, 12);
	DIFFERS(space.start, 1);
	DIFFERS(space.tgid, 1);
	DIFFERS(space.exec, 1);
	DIFFERS(map_gen, 11);
	DIFFERS(flags, RP_SAMPLE_USER_MODE);
	DIFFERS(kind, 2);
	DIFFERS(nr_kernel, 1);
	DIFFERS(nr_user, 2);
	DIFFERS(kernel_stop, 3);
	DIFFERS(user_stop, 3);
	DIFFERS(comm[0], 'T');
	DIFFERS(comm[15], 'x');
	for (i = 0; i < FRAMES; i++) {
		b = sample();
		of(&b)->addr[i]++;
		assert_false(same(&a, &b));
	}
}

/* The same frames, divided otherwise. */
static void kernel_and_user_frames_differ(void **state)
{
	union record a = sample(), b = sample();

	(void)state;
	of(&b)->nr_kernel = 3;
	of(&b)->nr_user = 2;
	assert_false(same(&a, &b));
}

/* Nothing is read behind the end of a record of another kind. */
static void other_records(void **state)
{
	static const struct rp_rec recs[] = {
		{ .size = sizeof(struct rp_rec), .type = RP_REC_PAD },
		{ .size = sizeof(struct rp_lost), .type = RP_REC_LOST },
	};
	union record b = sample();
	struct rp_rec *rec;
	unsigned int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		rec = calloc(1, recs[i].size);
		assert_non_null(rec);
		*rec = recs[i];
		assert_false(rp_sample_same(rec, of(&b), of(&b)->addr));
		free(rec);
	}
}

/* Nor behind that of a shorter sample. */
static void shorter_samples(void **state)
{
	union record a = sample(), b = sample();

	(void)state;
	a.rec.size = sizeof(struct rp_sample);
	of(&a)->nr_kernel = of(&a)->nr_user = 0;
	assert_false(same(&a, &b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_thread_and_stack),
		cmocka_unit_test(each_difference_tells),
		cmocka_unit_test(kernel_and_user_frames_differ),
		cmocka_unit_test(other_records),
		cmocka_unit_test(shorter_samples),
	};

	return cmocka_run_group_tests_name("sample_same", tests, NULL, NULL);
}
