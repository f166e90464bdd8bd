// SPDX-License-Identifier: GPL-2.0
/* The window: what counts as equal, packed stacks, bounds, malformed samples. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>

#include "records.h"
#include "window.h"

static struct rp_aspace spaces[2];

static int add(struct rp_window *w, struct rp_sample *s)
{
	return rp_window_repeat(w, 0, s) ? 0 : rp_window_add(w, &spaces[0], 0, s);
}

static uint64_t nr_entries(const struct rp_window *w)
{
	uint64_t nr;

	rp_window_entries(w, &nr);
	return nr;
}

static void test_equal(void **state)
{
	const uint64_t addr[] = { 0xffffffff81000010, 0xffffffff81000020, 0x401000, 0x402000 };
	struct rp_window *w = rp_window_new(0);
	struct rp_sample *s = make_sample(space_id(1, 1, 1), 1, 2, 2, addr);
	const struct rp_window_entry *e;
	uint64_t nr, got[RP_DEPTH_MAX];

	(void)state;
	assert_non_null(w);
	assert_int_equal(add(w, s), 0);
	s->weight = 5;
	s->count = 3;
	s->time = 99;
	s->flags |= RP_SAMPLE_USER_MODE;
	assert_int_equal(add(w, s), 0);
	e = rp_window_entries(w, &nr);
	assert_int_equal(nr, 1);
	assert_int_equal(e->count, 4);
	assert_int_equal(e->weight, 1005);
	assert_ptr_equal(e->space, &spaces[0]);
	assert_string_equal(e->comm, "thread");
	assert_int_equal(rp_window_stack(w, e->kernel_stack, got), 2);
	assert_memory_equal(got, addr, 16);
	assert_int_equal(rp_window_stack(w, e->user_stack, got), 2);
	assert_memory_equal(got, addr + 2, 16);
	assert_int_equal(rp_window_stack(w, 0, got), 0);
	assert_int_equal(rp_window_stack(w, 77, got), 0);
	free(s);
	rp_window_free(w);
}

#define OTHER(change) do { \
		struct rp_sample *s = make_sample(id, 1, 1, 2, addr); \
		change; \
		assert_int_equal(add(w, s), 0); \
		assert_int_equal(nr_entries(w), ++n); \
		assert_int_equal(add(w, s), 0); \
		assert_int_equal(nr_entries(w), n); \
		free(s); \
	} while (0)

/* Each part of the key tells entries apart. */
static void test_key(void **state)
{
	const uint64_t addr[] = { 0xffffffff81000010, 0x401000, 0x402000 };
	struct rp_space_id id = space_id(1, 1, 1);
	struct rp_window *w = rp_window_new(0);
	struct rp_sample *plain = make_sample(id, 1, 1, 2, addr);
	uint64_t n = 0;

	(void)state;
	OTHER((void)s);
	OTHER(s->map_gen++);
	OTHER(s->tid++);
	OTHER(s->comm[0] = 'x');
	OTHER(s->comm[5] = '\0');
	OTHER(s->kind++);
	OTHER(s->addr[0]++);
	OTHER(s->addr[1]++);
	OTHER(s->addr[2]++);
	OTHER(s->nr_kernel = 0; s->nr_user = 3);
	OTHER(s->nr_user = 1);
	OTHER(s->kernel_stop = RP_STOP_DEPTH);
	OTHER(s->user_stop = RP_STOP_FAULT);
	OTHER(s->flags = RP_SAMPLE_KTHREAD);
	assert_int_equal(rp_window_add(w, &spaces[0], 1, plain), 0);
	assert_int_equal(nr_entries(w), ++n);
	assert_int_equal(rp_window_add(w, &spaces[1], 0, plain), 0);
	assert_int_equal(nr_entries(w), ++n);
	free(plain);
	rp_window_free(w);
}

static uint64_t count_of(const struct rp_window *w, uint64_t entry)
{
	uint64_t nr;
	const struct rp_window_entry *e = rp_window_entries(w, &nr);

	assert_true(entry < nr);
	return e[entry].count;
}

/* Samples like earlier ones are found by their bytes (repeats.h), and counted no other way. */
static void test_repeats(void **state)
{
	uint64_t addr[RP_DEPTH_MAX], i;
	struct rp_space_id id = space_id(1, 1, 1);
	struct rp_window *w = rp_window_new(0);
	struct rp_sample *same_leaf[2], *deep;

	(void)state;
	for (i = 0; i < RP_DEPTH_MAX; i++)
		addr[i] = 0x401000 + i;
	same_leaf[0] = make_sample(id, 1, 0, 30, addr);
	addr[29]++;
	same_leaf[1] = make_sample(id, 1, 0, 30, addr);
	deep = make_sample(id, 1, 0, RP_DEPTH_MAX, addr);
	for (i = 0; i < 30; i++) {
		same_leaf[0]->time = same_leaf[1]->time = i;
		assert_int_equal(add(w, same_leaf[i % 3 == 0]), 0);
		assert_int_equal(add(w, deep), 0);
	}
	assert_int_equal(nr_entries(w), 3);
	assert_int_equal(count_of(w, 0), 10);
	assert_int_equal(count_of(w, 1), 30);
	assert_int_equal(count_of(w, 2), 20);
	assert_int_equal(rp_window_totals(w)->count, 60);

	/* A window knows nothing of the one before. */
	rp_window_reset(w);
	same_leaf[0]->count = 2;
	assert_int_equal(add(w, same_leaf[0]), 0);
	assert_int_equal(nr_entries(w), 1);
	assert_int_equal(count_of(w, 0), 2);

	/* The beginning of what was well-formed */
	same_leaf[0]->rec.size -= 8;
	assert_int_equal(add(w, same_leaf[0]), -EBADMSG);
	assert_int_equal(rp_window_totals(w)->bad, 1);
	assert_int_equal(count_of(w, 0), 2);
	free(same_leaf[0]);
	free(same_leaf[1]);
	free(deep);
	rp_window_free(w);
}

/* Those that differ little do not drive out each other: most are found by their bytes. */
static void test_almost_alike(void **state)
{
	enum { WAYS = 41, DEPTH = 22 };
	struct rp_sample *s[WAYS];
	struct rp_window *w = rp_window_new(0);
	unsigned int found = 0;

	(void)state;
	for (uint64_t i = 0; i < WAYS; i++) {
		uint64_t addr[DEPTH] = { 0x401000 };

		for (uint64_t at = 1; at < DEPTH; at++)
			addr[at] = 0x402000 + at * 24;
		/* Two calls of one function, or of the leaf */
		addr[1 + i % (DEPTH - 1)] += 8 * (i + 1);
		if (i % (DEPTH - 1))
			addr[i % (DEPTH - 1)] += 8 * (i + 1);
		s[i] = make_sample(space_id(1, 1, 1), 1, 0, DEPTH, addr);
		assert_null(rp_window_repeat(w, 0, s[i]));
		assert_int_equal(rp_window_add(w, &spaces[0], 0, s[i]), 0);
	}
	for (unsigned int i = 0; i < WAYS; i++) {
		found += rp_window_repeat(w, 0, s[i]) != NULL;
		assert_null(rp_window_repeat(w, 1, s[i]));
		free(s[i]);
	}
	assert_true(found > WAYS * 3 / 4);
	assert_int_equal(rp_window_totals(w)->count, WAYS + found);
	rp_window_free(w);
}

/* What stands behind the NUL of a thread's name is no part of it. */
static void test_comm_padding(void **state)
{
	struct rp_sample *s = make_sample(space_id(1, 1, 1), 0, 0, 0, NULL);
	struct rp_window *w = rp_window_new(0);

	(void)state;
	assert_int_equal(add(w, s), 0);
	memset(s->comm + 7, 'x', sizeof(s->comm) - 7);
	assert_int_equal(add(w, s), 0);
	assert_int_equal(nr_entries(w), 1);
	free(s);
	rp_window_free(w);
}

static void test_totals(void **state)
{
	const uint64_t addr[] = { 0x401000 };
	struct rp_sample *s = make_sample(space_id(1, 1, 1), 1, 0, 1, addr);
	struct rp_lost lost = {
		.rec = { .size = sizeof(lost), .type = RP_REC_LOST },
		.count = 7, .weight = 70,
	};
	struct rp_window *w = rp_window_new(0);
	const struct rp_window_totals *t = rp_window_totals(w);

	(void)state;
	s->user_stop = RP_STOP_FRAME;
	s->count = 4;
	assert_int_equal(add(w, s), 0);
	s->user_stop = 250;	/* a newer module's */
	assert_int_equal(add(w, s), 0);
	assert_int_equal(rp_window_lost(w, &lost), 0);
	lost.rec.size -= 8;
	assert_int_equal(rp_window_lost(w, &lost), -EBADMSG);
	assert_int_equal(t->records, 2);
	assert_int_equal(t->count, 8);
	assert_int_equal(t->weight, 2000);
	assert_int_equal(t->lost_count, 7);
	assert_int_equal(t->lost_weight, 70);
	assert_int_equal(t->bad, 1);
	rp_window_reset(w);
	assert_int_equal(t->count + t->lost_count + t->bad, 0);
	assert_int_equal(nr_entries(w), 0);
	free(s);
	rp_window_free(w);
}

/* Addresses of every size and order survive the packing. */
static void test_packing(void **state)
{
	uint64_t addr[RP_DEPTH_MAX], got[RP_DEPTH_MAX], seed = 1;
	struct rp_window *w = rp_window_new(0);
	const struct rp_window_entry *e;
	struct rp_sample *s;
	uint64_t nr;

	(void)state;
	for (unsigned int round = 0; round < 64; round++) {
		for (unsigned int i = 0; i < RP_DEPTH_MAX; i++) {
			seed = seed * 6364136223846793005ull + 1442695040888963407ull;
			addr[i] = seed >> round;
		}
		addr[round] = UINT64_MAX;
		addr[round + 1] = 0;
		s = make_sample(space_id(1, 1, 1), 1, 0, RP_DEPTH_MAX, addr);
		assert_int_equal(add(w, s), 0);
		free(s);
		e = rp_window_entries(w, &nr);
		assert_int_equal(nr, round + 1);
		assert_int_equal(rp_window_stack(w, e[round].user_stack, got), RP_DEPTH_MAX);
		assert_memory_equal(got, addr, sizeof(addr));
	}
	rp_window_free(w);
}

static void test_malformed(void **state)
{
	const uint64_t addr[] = { 1, 2 };
	struct rp_sample *s = make_sample(space_id(1, 1, 1), 1, 1, 1, addr);
	struct rp_window *w = rp_window_new(0);

	(void)state;
	s->nr_user = 2;
	assert_int_equal(add(w, s), -EBADMSG);
	s->nr_user = UINT16_MAX;
	s->nr_kernel = UINT16_MAX;
	assert_int_equal(add(w, s), -EBADMSG);
	s->nr_user = s->nr_kernel = 1;
	s->flags = RP_SAMPLE_TRACE;	/* which is not there */
	assert_int_equal(add(w, s), -EBADMSG);
	s->flags = 0;
	s->rec.size = sizeof(*s) - 8;
	assert_int_equal(add(w, s), -EBADMSG);
	s->rec.size = sizeof(*s) + 16;
	memset(s->comm, 'x', sizeof(s->comm));
	assert_int_equal(add(w, s), -EBADMSG);
	assert_int_equal(rp_window_totals(w)->bad, 5);
	assert_int_equal(nr_entries(w), 0);
	free(s);
	rp_window_free(w);
}

/* Deeper than the protocol allows, though the record is long enough. */
static void test_too_deep(void **state)
{
	uint64_t addr[RP_DEPTH_MAX + 1] = { 0 };
	struct rp_sample *s = make_sample(space_id(1, 1, 1), 1, 0, RP_DEPTH_MAX + 1, addr);
	struct rp_window *w = rp_window_new(0);

	(void)state;
	assert_int_equal(add(w, s), -EBADMSG);
	free(s);
	rp_window_free(w);
}

static void add_different(struct rp_window *w, uint32_t nr, uint32_t *ret_taken)
{
	uint64_t addr[30];
	struct rp_sample *s;

	for (unsigned int i = 0; i < 30; i++)
		addr[i] = 0x7f0000000000 + i * 0x1234;
	s = make_sample(space_id(1, 1, 1), 1, 0, 30, addr);
	*ret_taken = 0;
	for (uint32_t i = 0; i < nr; i++) {
		s->addr[0] = 0x401000 + i;
		*ret_taken += !add(w, s);
	}
	free(s);
}

static void test_million(void **state)
{
	struct rp_window *w = rp_window_new(0);
	uint64_t nr, got[RP_DEPTH_MAX];
	const struct rp_window_entry *e;
	size_t bytes;
	uint32_t taken;

	(void)state;
	add_different(w, 1000000, &taken);
	assert_int_equal(taken, 1000000);
	assert_int_equal(rp_window_nr_stacks(w), 1000000);
	e = rp_window_entries(w, &nr);
	assert_int_equal(nr, 1000000);
	assert_int_equal(rp_window_stack(w, e[765432].user_stack, got), 30);
	assert_int_equal(got[0], 0x401000 + 765432);
	bytes = rp_window_bytes(w);
	/* The next window of the same size finds all its memory there. */
	rp_window_reset(w);
	assert_int_equal(rp_window_nr_stacks(w), 0);
	add_different(w, 1000000, &taken);
	assert_int_equal(taken, 1000000);
	assert_int_equal(rp_window_bytes(w), bytes);
	/* After many small ones it is given back. */
	for (int i = 0; i < 20; i++) {
		rp_window_reset(w);
		add_different(w, 10, &taken);
		assert_int_equal(taken, 10);
	}
	assert_true(rp_window_bytes(w) < (2u << 20));
	rp_window_free(w);
}

static void test_full(void **state)
{
	struct rp_window *w = rp_window_new(4 << 20);
	const struct rp_window_totals *t = rp_window_totals(w);
	uint64_t addr[] = { 0x401000 };
	struct rp_sample *s;
	uint32_t taken;

	(void)state;
	add_different(w, 100000, &taken);
	assert_true(taken > 10000 && taken < 100000);
	assert_true(rp_window_bytes(w) <= 4 << 20);
	assert_int_equal(t->count, taken);
	assert_int_equal(t->overflow_count, 100000 - taken);
	assert_int_equal(t->weight + t->overflow_weight, 100000 * 1000ull);
	/* What is known already is still counted. */
	add_different(w, 1, &taken);
	assert_int_equal(taken, 1);
	s = make_sample(space_id(1, 1, 1), 1, 0, 1, addr);
	rp_window_overflow(w, s);
	assert_int_equal(t->count + t->overflow_count, 100002);
	free(s);
	rp_window_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_equal),
		cmocka_unit_test(test_key),
		cmocka_unit_test(test_repeats),
		cmocka_unit_test(test_almost_alike),
		cmocka_unit_test(test_comm_padding),
		cmocka_unit_test(test_totals),
		cmocka_unit_test(test_packing),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_too_deep),
		cmocka_unit_test(test_million),
		cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
