// SPDX-License-Identifier: GPL-2.0
/*
 * A ring between two threads: a producer whose "interrupts" come at its own points,
 * and a reader that really runs at the same time. As a unit test it runs under ASan;
 * tests/host/test_ring_threads.sh runs it under ThreadSanitizer, which reports every
 * access that the barriers A to D do not order.
 */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "ring_user.h"

static void interrupt(void);
#define RP_RING_POINT(ring) ((void)(ring), interrupt())
#include "proto/ring_produce.h"

#define SIZE 1024u
#define RECORDS 30000u
#define LEVELS 3u

struct word_record {
	struct rp_rec rec;
	__u32 id, words[];
};

static struct {
	struct rp_ring ring;
	struct rp_ring_control control;
	_Alignas(8) unsigned char data[SIZE];
	/* the producer's */
	__u32 level, random, produced, full;
	/* the reader's */
	__u32 read, last[LEVELS + 1];
	int wrong, done;
} lab;

static __u32 producer_random(void)
{
	__u32 x = lab.random;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return lab.random = x;
}

/* Each level numbers its own records; a number is a level and a count. */
static __u32 next_id(void)
{
	static __u32 counts[LEVELS + 1];

	return lab.level << 24 | ++counts[lab.level];
}

static void produce(void)
{
	__u32 words = 1 + producer_random() % 40 * 2, i;
	__u32 len = sizeof(struct word_record) + words * 4;
	struct word_record *record;
	int wake;

	lab.level++;
	record = rp_ring_reserve(&lab.ring, len, &wake);
	if (record) {
		record->rec = (struct rp_rec){ .size = len, .type = RP_REC_SAMPLE };
		record->id = next_id();
		for (i = 0; i < words; i++)
			record->words[i] = record->id + i;
		interrupt();
		lab.produced++;
		rp_ring_leave(&lab.ring);
	} else {
		lab.full++;
	}
	lab.level--;
}

static void interrupt(void)
{
	if (lab.level < LEVELS && producer_random() % 32 == 0)
		produce();
}

/* Whole, and of its level's records the next one. */
static int is_right(const struct rp_rec *rec)
{
	const struct word_record *record = (const struct word_record *)rec;
	__u32 words, i, level;

	if (rec->type != RP_REC_SAMPLE || rec->size < sizeof(*record) + 4)
		return 0;
	level = record->id >> 24;
	if (!level || level > LEVELS || record->id != lab.last[level] + 1)
		return 0;
	lab.last[level] = record->id;
	words = (rec->size - sizeof(*record)) / 4;
	for (i = 0; i < words; i++)
		if (record->words[i] != record->id + i)
			return 0;
	return 1;
}

static void read_all(struct rp_reader *reader)
{
	const struct rp_rec *rec;

	if (!rp_reader_fetch(reader))
		sched_yield();
	while ((rec = rp_reader_next(reader))) {
		lab.wrong += !is_right(rec);
		lab.read++;
	}
	rp_reader_release(reader);
}

static void *read_until_done(void *arg)
{
	struct rp_reader *reader = arg;

	while (!__atomic_load_n(&lab.done, __ATOMIC_ACQUIRE))
		read_all(reader);
	read_all(reader);
	return NULL;
}

static void test_reader_beside_producer(void **state)
{
	struct rp_reader reader;
	pthread_t thread;
	__u32 level;

	(void)state;
	lab.random = 0x9e3779b9;
	for (level = 1; level <= LEVELS; level++)
		lab.last[level] = level << 24;
	rp_ring_init(&lab.ring, &lab.control, lab.data, SIZE, SIZE / 2, 0);
	rp_reader_init(&reader, &lab.control, lab.data, SIZE);
	assert_int_equal(pthread_create(&thread, NULL, read_until_done, &reader), 0);
	while (lab.produced < RECORDS) {
		__u32 full = lab.full;

		produce();
		if (lab.full != full)
			sched_yield();
	}
	__atomic_store_n(&lab.done, 1, __ATOMIC_RELEASE);
	assert_int_equal(pthread_join(thread, NULL), 0);

	assert_int_equal(lab.wrong, 0);
	assert_int_equal(reader.broken, 0);
	assert_int_equal(lab.read, lab.produced);
	assert_int_equal(lab.control.tail, lab.ring.reserved);
	assert_int_equal(lab.ring.nest, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reader_beside_producer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
