// SPDX-License-Identifier: GPL-2.0
/* The device's drain over rings in memory, and the collector behind it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "collector.h"
#include "device.h"
#include "records.h"
#include "ring_user.h"
#include "proto/ring_produce.h"

#define CPUS 3
#define BYTES RP_RING_BYTES_MIN

static struct rp_ring rings[CPUS];
static struct rp_ring_control controls[CPUS];
static unsigned char data[CPUS][BYTES] __attribute__((aligned(8)));

static struct rp_device *open_rings(void)
{
	struct rp_device_memory memory[CPUS];
	struct rp_device *d;

	for (unsigned int i = 0; i < CPUS; i++) {
		rp_ring_init(&rings[i], &controls[i], data[i], BYTES, BYTES / 2, i);
		memory[i] = (struct rp_device_memory){ &controls[i], data[i] };
	}
	assert_int_equal(rp_device_open_memory(memory, CPUS, -1, &d), 0);
	return d;
}

static bool put(unsigned int cpu, const void *rec, uint32_t size)
{
	void *to;
	int wake;

	to = rp_ring_reserve(&rings[cpu], size, &wake);
	if (!to)
		return false;
	memcpy(to, rec, size);
	rp_ring_leave(&rings[cpu]);
	return true;
}

/* A record of `size` bytes whose number can be read again. */
static bool put_number(unsigned int cpu, uint64_t number, uint32_t size)
{
	uint64_t rec[64] = { 0 };
	struct rp_rec head = { .size = size, .type = 1000 };

	memcpy(rec, &head, sizeof(head));
	rec[1] = number;
	return put(cpu, rec, size);
}

struct seen {
	uint64_t next[CPUS];
	unsigned int nr, stop_at;
	uint32_t last_cpu;
};

static int see(void *arg, uint32_t cpu, struct rp_device_records *records)
{
	const struct rp_rec *rec;
	struct seen *seen = arg;
	uint64_t number;

	assert_true(cpu >= seen->last_cpu);
	seen->last_cpu = cpu;
	while ((rec = rp_device_next(records))) {
		memcpy(&number, rec + 1, sizeof(number));
		assert_int_equal(number, seen->next[cpu]++);
		if (++seen->nr == seen->stop_at)
			return -ECANCELED;
	}
	return 0;
}

static void test_order(void **state)
{
	struct rp_device *d = open_rings();
	uint64_t next[CPUS] = { 0 };
	struct seen seen = { 0 };

	(void)state;
	/* Around the rings several times, with records that do not fit their ends. */
	for (unsigned int round = 0; round < 200; round++) {
		seen.last_cpu = 0;
		for (unsigned int i = 0; i < 3 + round % 5; i++) {
			for (unsigned int cpu = 0; cpu < CPUS; cpu += 2)
				assert_true(put_number(cpu, next[cpu]++, 16 + 8 * (i * 7 % 30)));
		}
		assert_int_equal(rp_device_drain(d, see, &seen), 2 * (3 + round % 5));
	}
	seen.last_cpu = 0;
	assert_int_equal(rp_device_drain(d, see, &seen), 0);
	assert_int_equal(seen.next[0], next[0]);
	assert_int_equal(seen.next[1], 0);
	assert_int_equal(seen.next[2], next[2]);
	assert_int_equal(rp_device_bytes(d), controls[0].head + controls[2].head);
	assert_int_equal(rp_device_broken(d), 0);
	rp_device_close(d);
}

static int refill(void *arg, uint32_t cpu, struct rp_device_records *records)
{
	unsigned int *nr = arg;

	while (rp_device_next(records)) {
		++*nr;
		put_number(cpu, 0, 16);		/* room or not */
	}
	return 0;
}

/* Records that come while it reads are for the next call: a drain always ends. */
static void test_bounded(void **state)
{
	struct rp_device *d = open_rings();
	unsigned int nr = 0, n;

	(void)state;
	for (n = 0; put_number(0, 0, 16); n++)
		;
	assert_int_equal(rp_device_drain(d, refill, &nr), n);
	assert_int_equal(nr, n);
	/* Room was given back while it was reading. */
	assert_true(rp_device_drain(d, refill, &nr) > 0);
	rp_device_close(d);
}

static void test_handler_ends_it(void **state)
{
	struct rp_device *d = open_rings();
	struct seen seen = { .stop_at = 2 };

	(void)state;
	for (unsigned int i = 0; i < 5; i++)
		put_number(1, i, 16);
	assert_int_equal(rp_device_drain(d, see, &seen), -ECANCELED);
	assert_int_equal(seen.nr, 2);
	seen.stop_at = 0;
	assert_int_equal(rp_device_drain(d, see, &seen), 3);
	rp_device_close(d);
}

static void test_broken(void **state)
{
	struct rp_device *d = open_rings();
	struct seen seen = { 0 };

	(void)state;
	put_number(0, 0, 16);
	put_number(1, 0, 16);
	((struct rp_rec *)data[0])->size = 12;
	assert_int_equal(rp_device_drain(d, see, &seen), 1);
	assert_int_equal(rp_device_broken(d), 1);
	/* It goes on behind it. */
	seen.last_cpu = 0;
	put_number(0, 0, 16);
	assert_int_equal(rp_device_drain(d, see, &seen), 1);
	rp_device_close(d);
}

static void test_bad_size(void **state)
{
	struct rp_ring_control control = { .data_size = 12345 };
	struct rp_device_memory memory = { &control, data[0] };
	struct rp_device *d = NULL;

	(void)state;
	assert_int_equal(rp_device_open_memory(&memory, 1, -1, &d), -EINVAL);
	assert_null(d);
}

static void test_open_errors(void **state)
{
	const struct rp_device_setup setup = { 0 };
	char why[RP_DEVICE_WHY_SIZE] = "";
	struct rp_device *d = NULL;

	(void)state;
	assert_int_equal(rp_device_open("/dev/no-such-device", &setup, &d, why, sizeof(why)),
			 -ENODEV);
	assert_non_null(strstr(why, "modprobe ringprof"));
	/* Something else of that name. */
	assert_int_equal(rp_device_open("/dev/null", &setup, &d, why, sizeof(why)), -ENODEV);
	assert_non_null(strstr(why, "/dev/null"));
	assert_null(d);
	rp_device_close(NULL);
}

/* ---- the collector ------------------------------------------------------------- */

static unsigned int states;

static void on_state(void *arg, const struct rp_state_rec *rec)
{
	(void)arg;
	assert_int_equal(rec->value, 99);
	states++;
}

/* While processes are young, the rings are looked at each second. */
static void test_collector_wait(void **state)
{
	const struct rp_spaces_options options = { 0 };
	struct rp_collector c = {
		.spaces = rp_spaces_new(&options), .window = rp_window_new(0),
	};
	struct rp_space *space = make_space(space_id(10, 1, 1), 1);
	const uint64_t second = 1000000000;
	uint64_t now = rp_collector_clock();

	(void)state;
	assert_int_equal(rp_collector_wait(&c, now, -1), -1);
	assert_int_equal(rp_collector_wait(&c, now, 5), 5);
	add_map(&space, 0x1000, 0x2000, 0, "/lib");
	rp_collector_record(&c, 0, &space->rec);
	assert_in_range(c.mapped_ns, now, now + 600 * second);
	now = c.mapped_ns;
	assert_int_equal(rp_collector_wait(&c, now, -1), 1000);
	assert_int_equal(rp_collector_wait(&c, now, 5), 5);
	assert_int_equal(rp_collector_wait(&c, now, 5000), 1000);
	assert_int_equal(rp_collector_wait(&c, now + 10 * second - 1, -1), 1000);
	assert_int_equal(rp_collector_wait(&c, now + 10 * second, -1), -1);

	/* The same ones once more, after a look at them: nothing is new. */
	c.mapped_ns = 0;
	space->rec.size = sizeof(*space);
	space->flags = RP_SPACE_SAME;
	space->map_gen = 2;
	space->nr_maps = 0;
	rp_collector_record(&c, 0, &space->rec);
	assert_int_equal(c.mapped_ns, 0);
	free(space);
	rp_window_free(c.window);
	rp_spaces_free(c.spaces);
}

static void test_collector(void **state)
{
	const struct rp_spaces_options options = { 0 };
	struct rp_collector c = {
		.spaces = rp_spaces_new(&options), .window = rp_window_new(0),
		.state = on_state,
	};
	struct rp_space_id id = space_id(10, 1, 1), worker = space_id(77, 1, 0), kernel = { 0 };
	struct rp_state_rec running = {
		.rec = { .size = sizeof(running), .type = RP_REC_STATE }, .value = 99,
	};
	struct rp_lost lost = {
		.rec = { .size = sizeof(lost), .type = RP_REC_LOST }, .count = 5,
	};
	const uint64_t addr[] = { 0x1234 };
	struct rp_sample *s = make_sample(id, 1, 0, 1, addr);
	struct rp_space *space = make_space(id, 1);
	struct rp_exit gone = make_exit(id);
	struct rp_device *d = open_rings();
	const struct rp_window_entry *e;
	uint64_t nr;

	(void)state;
	/* The sample in a ring that is read before the one with its SPACE. */
	add_map(&space, 0x1000, 0x2000, 0, "/lib");
	assert_true(put(0, s, s->rec.size));
	s->space = worker;
	s->flags = RP_SAMPLE_KTHREAD;
	assert_true(put(0, s, s->rec.size));
	assert_true(put(0, &gone, sizeof(gone)));
	assert_true(put(1, space, space->rec.size));
	assert_true(put(1, &running, sizeof(running)));
	assert_true(put(2, &lost, sizeof(lost)));
	assert_true(put_number(2, 0, 24));		/* of a newer module */
	running.rec.size = 8;				/* too short for what it is */
	assert_true(put(2, &running, 8));
	s->rec.size = 16;
	assert_true(put(2, s, 16));
	assert_int_equal(rp_device_drain(d, rp_collector_records, &c), 9);

	e = rp_window_entries(c.window, &nr);
	assert_int_equal(nr, 2);
	assert_int_equal(e[0].space->id.tgid, 10);
	assert_true(e[0].space->exited);
	assert_int_equal(rp_maps_find(rp_aspace_newest(e[0].space), 0x1234)->end, 0x2000);
	assert_ptr_equal(e[1].space, rp_spaces_find(c.spaces, &kernel));
	assert_int_equal(rp_window_totals(c.window)->lost_count, 5);
	assert_int_equal(rp_window_totals(c.window)->bad, 2);
	assert_int_equal(states, 1);
	free(s);
	free(space);
	rp_device_close(d);
	rp_window_free(c.window);
	rp_spaces_free(c.spaces);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_bounded),
		cmocka_unit_test(test_handler_ends_it),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_bad_size),
		cmocka_unit_test(test_open_errors),
		cmocka_unit_test(test_collector_wait),
		cmocka_unit_test(test_collector),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
