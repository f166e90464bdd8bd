// SPDX-License-Identifier: GPL-2.0
/*
 * Producers that interrupt producers. First systematically: an interrupt at every
 * point of a task's producer, and within it an NMI at every point of the
 * interrupt's, for all pairs, in rings that begin anywhere and are filled to any
 * level; then several interrupts, a consumer on another CPU at every point, and
 * everything at random for long. What has to hold is checked by the lab.
 */
#include "lab.h"

struct setting {
	__u32 size, watermark;
	__u32 start;
	__u32 filled;		/* bytes in the ring before it begins */
	__u32 len[RP_LAB_LEVELS + 1];
	__u64 inject[RP_LAB_LEVELS];
	unsigned int consume_at;
	enum rp_lab_consume consume_how;
	unsigned int opens, merges;	/* bits of levels, as the lab has them */
};

/* Fewer points than this in a producer would mean that the hooks are gone. */
#define POINTS_MIN 10

static void run(struct rp_lab *lab, const struct setting *s)
{
	__u32 left, len;

	rp_lab_open(lab, s->size, s->watermark, s->start);
	lab->opens = s->opens;
	for (left = s->filled; left; left -= len) {
		len = left < 24 ? left : 16;
		if (!rp_lab_produce(lab, len))
			break;
	}
	/* One record read and not released, the others fetched. */
	rp_lab_consume(lab, RP_LAB_FETCH);
	rp_lab_consume(lab, RP_LAB_READ_ONE);

	memcpy(lab->len, s->len, sizeof(lab->len));
	memcpy(lab->inject, s->inject, sizeof(lab->inject));
	lab->consume_at = s->consume_at;
	lab->consume_how = s->consume_how;
	lab->merges = s->merges;
	memset(lab->seen, 0, sizeof(lab->seen));
	lab->interrupt = rp_lab_planned;
	rp_lab_produce(lab, s->len[1]);
	lab->interrupt = NULL;
	lab->opens = lab->merges = 0;
	rp_lab_settle(lab);

	/* The ring is as good as new. */
	CHECK(lab, rp_lab_produce(lab, s->size / 2));
	rp_lab_settle(lab);
}

/* An interrupt at each point of the task, an NMI at each point of the interrupt. */
static void run_pairs(struct rp_lab *lab, struct setting *s)
{
	unsigned int k, j;

	for (k = 0; k < 64; k++) {
		s->inject[1] = 1ull << k;
		for (j = 0; j < 64; j++) {
			s->inject[2] = 1ull << j;
			run(lab, s);
			if (j >= lab->seen[2])
				break;
		}
		CHECK(lab, j < 64);
		if (k >= lab->seen[1])
			break;
	}
	CHECK(lab, k >= POINTS_MIN && k < 64);
}

static void rp_case_nested_pairs(struct rp_lab *lab)
{
	static const __u32 lens[] = { 16, 40, 128 }, watermarks[] = { 8, 64, 256 };
	struct setting s = { .size = 256, .consume_at = ~0u };
	unsigned int i, w;

	for (s.start = 0u - 256; s.start != 256; s.start += 32)
	for (i = 0; i < 27; i++)
	for (w = 0; w < 3; w++) {
		s.watermark = watermarks[w];
		s.len[1] = lens[i % 3];
		s.len[2] = lens[i / 3 % 3];
		s.len[3] = lens[i / 9];
		s.filled = i % 2 * 48;
		run_pairs(lab, &s);
	}
}

/* Two interrupts of one task at all pairs of points, each with an NMI; then more. */
static void rp_case_nested_storm(struct rp_lab *lab)
{
	struct setting s = { .size = 512, .watermark = 128, .consume_at = ~0u,
		.len = { 0, 24, 16, 40 } };
	unsigned int a, b, i;

	for (s.start = 0u - 512; s.start != 0; s.start += 64)
	for (a = 0; a < 32; a++)
	for (b = a + 1; b < 32; b++) {
		s.inject[1] = 1ull << a | 1ull << b;
		s.inject[2] = 1ull << (a + b) % 20;
		run(lab, &s);
	}

	/* At every point, until the ring is full: the producers still end. */
	s.inject[1] = s.inject[2] = ~0ull;
	for (s.start = 0u - 512; s.start != 0; s.start += 8)
		run(lab, &s);
	CHECK(lab, lab->refused > 0);

	for (i = 0; i < 3000; i++) {
		s.start = rp_lab_random(lab) & ~7u;
		s.filled = rp_lab_random(lab) % 16 * 8;
		s.inject[1] = (__u64)rp_lab_random(lab) << 32 | rp_lab_random(lab);
		s.inject[2] = rp_lab_random(lab) & rp_lab_random(lab);
		s.consume_at = rp_lab_random(lab) % 64;
		run(lab, &s);
	}
}

/* A consumer does each of its steps at each point of all three producers. */
static void rp_case_nested_consumer(struct rp_lab *lab)
{
	struct setting s = { .size = 256, .watermark = 32, .filled = 40,
		.len = { 0, 24, 64, 16 } };
	unsigned int k, j, how;

	for (s.start = 0u - 120; s.start != 0; s.start += 24)
	for (how = 0; how < RP_LAB_CONSUME_NR; how++)
	for (k = 0; k < 24; k++)
	for (j = 0; j < 24; j++) {
		s.inject[1] = 1ull << k;
		s.inject[2] = 1ull << j;
		s.consume_how = (enum rp_lab_consume)how;
		for (s.consume_at = 0; s.consume_at < 256; s.consume_at++) {
			run(lab, &s);
			if (s.consume_at >= lab->points)
				break;
		}
		CHECK(lab, s.consume_at >= POINTS_MIN && s.consume_at < 256);
	}
}

/* A ring so small and so full that reservations fail at every level. */
static void rp_case_nested_full(struct rp_lab *lab)
{
	static const __u32 lens[] = { 8, 24, 32 };
	struct setting s = { .size = 64 };
	unsigned int i;

	for (s.start = 0u - 64; s.start != 0; s.start += 8)
	for (s.filled = 0; s.filled <= 64; s.filled += 8)
	for (i = 0; i < 27; i++) {
		s.watermark = i % 2 ? 16 : 64;
		s.len[1] = lens[i % 3];
		s.len[2] = lens[i / 3 % 3];
		s.len[3] = lens[i / 9];
		s.consume_at = rp_lab_random(lab) % 64;
		s.consume_how = rp_lab_random(lab) % RP_LAB_CONSUME_NR;
		run_pairs(lab, &s);
	}
}

/* Records left open, at each level or not, and merged into, also in a full ring. */
static void rp_case_nested_open(struct rp_lab *lab)
{
	static const __u32 lens[] = { 16, 40, 64 };
	struct setting s = { .size = 256 };
	__u64 merged = 0;
	unsigned int i;

	for (s.start = 0u - 256; s.start != 0; s.start += 64)
	for (s.filled = 0; s.filled <= 256; s.filled += 64)
	for (i = 0; i < 64; i++) {
		s.opens = i % 8 << 1;
		s.merges = i / 8 << 1;
		s.watermark = i % 2 ? 64 : 256;
		s.len[1] = lens[i % 3];
		s.len[2] = lens[i / 3 % 3];
		s.len[3] = lens[i / 9 % 3];
		s.consume_at = rp_lab_random(lab) % 64;
		s.consume_how = rp_lab_random(lab) % RP_LAB_CONSUME_NR;
		run_pairs(lab, &s);
		merged += lab->merged;
	}
	CHECK(lab, merged > 0);
}

static __u32 random_len(struct rp_lab *lab)
{
	return 8 + rp_lab_random(lab) % (lab->ring.size / 16) * 8;
}

static void at_random(struct rp_lab *lab, unsigned int point)
{
	(void)point;
	if (rp_lab_random(lab) % 8 == 0)
		rp_lab_consume(lab, rp_lab_random(lab) % RP_LAB_CONSUME_NR);
	if (lab->level < RP_LAB_LEVELS && rp_lab_random(lab) % 8 == 0)
		rp_lab_produce(lab, random_len(lab));
}

/* open: who leaves records open and who merges is another one each time. */
static void run_random(struct rp_lab *lab, __u32 size, int open)
{
	unsigned int i;

	rp_lab_open(lab, size, size / 4, 0u - 64 * size);
	lab->interrupt = at_random;
	for (i = 0; i < 20000; i++) {
		if (open) {
			lab->opens = rp_lab_random(lab) % 8 << 1 | 2;
			lab->merges = rp_lab_random(lab) % 16;
		}
		rp_lab_produce(lab, random_len(lab));
	}
	lab->interrupt = NULL;
	CHECK(lab, lab->refused > 0 && lab->wakes > 0);
	rp_lab_settle(lab);
}

static void rp_case_nested_random(struct rp_lab *lab)
{
	__u32 size;

	for (size = 64; size <= 1024; size *= 2) {
		run_random(lab, size, 0);
		CHECK(lab, lab->next_id > 20000);
	}
}

static void rp_case_nested_random_open(struct rp_lab *lab)
{
	__u32 size;

	for (size = 128; size <= 1024; size *= 2) {
		run_random(lab, size, 1);
		CHECK(lab, lab->merged > 100);
	}
}

static void at_random_hostile(struct rp_lab *lab, unsigned int point)
{
	move_tail(lab, point);
	if (lab->level < RP_LAB_LEVELS && rp_lab_random(lab) % 8 == 0)
		rp_lab_produce(lab, random_len(lab));
}

/* Nested producers whose tail is garbage at every step. */
static void rp_case_nested_hostile(struct rp_lab *lab)
{
	unsigned int i, n;

	for (i = 0; i < 1000; i++) {
		rp_lab_open(lab, 128, 32, rp_lab_random(lab) & ~7u);
		lab->hostile = 1;
		lab->interrupt = at_random_hostile;
		for (n = 0; n < 12; n++)
			rp_lab_produce(lab, random_len(lab));
		check_recovery(lab);
	}
}
