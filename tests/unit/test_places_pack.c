// SPDX-License-Identifier: GPL-2.0
/*
 * Places in one piece: what goes in comes out, beside what was there before; and a piece that
 * somebody made up is refused, or does no harm.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "debug_places_pack.h"
#include "why.h"

#define FRAMES 600

static char said[RP_WHY_SIZE];

static uint32_t string(struct rp_debug_places *p, const char *s)
{
	return rp_string_pool_add(&p->strings, s, strlen(s));
}

static uint32_t node(struct rp_debug_places *p, uint32_t parent, const char *name,
		     const char *file, uint32_t line)
{
	const struct rp_debug_node n = {
		.parent = parent, .name = string(p, name), .file = string(p, file), .line = line,
	};
	uint32_t id = rp_debug_places_node(p, &n);

	assert_int_not_equal(id, 0);
	return id;
}

static void place(struct rp_debug_places *p, uint64_t address, uint32_t in, const char *file,
		  uint32_t line)
{
	const struct rp_debug_place made = {
		.address = address, .node = in, .file = string(p, file), .line = line,
	};
	struct rp_debug_place *at = rp_debug_places_add(p, 1);

	assert_non_null(at);
	*at = made;
}

static void expect(const struct rp_debug_places *p, uint64_t address, unsigned int nr,
		   const struct rp_debug_frame *frames)
{
	struct rp_debug_frame f[FRAMES];
	unsigned int n, i;

	assert_true(rp_debug_places_get(p, address, f, FRAMES, &n));
	assert_int_equal(n, nr);
	for (i = 0; i < nr; i++) {
		assert_string_equal(f[i].function, frames[i].function);
		assert_string_equal(f[i].file, frames[i].file);
		assert_int_equal(f[i].line, frames[i].line);
	}
}

static const uint64_t first_addresses[] = { 0x1000, 0x2000, 0x8000000000001000 };
static const struct rp_debug_frame first_frames[] = {
	{ "in", "in.h", 7 }, { "between", "a.c", 20 }, { "out", "a.c", 30 },
};

/* The piece of three addresses, one with nothing, one inlined twice, one with a line. */
static void *first_piece(size_t *ret_size)
{
	struct rp_debug_places p = { 0 };
	uint32_t out = node(&p, 0, "out", "", 0), between = node(&p, out, "between", "a.c", 30);
	void *data;

	place(&p, first_addresses[0], node(&p, between, "in", "a.c", 20), "in.h", 7);
	place(&p, first_addresses[1], 0, "b.c", 99);
	place(&p, first_addresses[2], 0, "", 0);
	assert_int_equal(rp_debug_places_pack(&p, "is\nhalf read", &data, ret_size), 0);
	rp_debug_places_free(&p);
	return data;
}

static void *piece_of_nothing(size_t *ret_size)
{
	struct rp_debug_places p = { 0 };
	void *data;

	assert_int_equal(rp_debug_places_pack(&p, "", &data, ret_size), 0);
	rp_debug_places_free(&p);
	return data;
}

static void what_goes_in_comes_out(void **state)
{
	const struct rp_debug_frame line = { "", "b.c", 99 }, nothing = { "", "", 0 };
	struct rp_debug_places p = { 0 };
	size_t size;
	void *data = first_piece(&size);

	(void)state;
	assert_int_equal(rp_debug_places_unpack(&p, data, size, first_addresses, 3, said,
						sizeof(said)), 0);
	assert_string_equal(said, "is?half read");
	expect(&p, first_addresses[0], 3, first_frames);
	expect(&p, first_addresses[1], 1, &line);
	expect(&p, first_addresses[2], 1, &nothing);
	assert_false(rp_debug_places_has(&p, 0x1001));
	free(data);

	data = piece_of_nothing(&size);
	assert_int_equal(rp_debug_places_unpack(&p, data, size, NULL, 0, said, sizeof(said)), 0);
	assert_string_equal(said, "");
	assert_int_equal(p.nr, 3);
	free(data);
	rp_debug_places_free(&p);
}

static void what_was_there_stays(void **state)
{
	static const uint64_t addresses[] = { 0x1800, 0x3000 };
	const struct rp_debug_frame other[] = { { "hot", "b.c", 5 }, { "cold", "b.c", 8 } };
	const struct rp_debug_frame alone = { "cold", "c.c", 1 };
	struct rp_debug_places p = { 0 }, q = { 0 };
	uint32_t cold = node(&q, 0, "cold", "", 0);
	size_t size;
	void *data;

	(void)state;
	data = first_piece(&size);
	assert_int_equal(rp_debug_places_unpack(&p, data, size, first_addresses, 3, said,
						sizeof(said)), 0);
	free(data);
	place(&q, addresses[0], node(&q, cold, "hot", "b.c", 8), "b.c", 5);
	place(&q, addresses[1], cold, "c.c", 1);
	assert_int_equal(rp_debug_places_pack(&q, "", &data, &size), 0);
	assert_int_equal(rp_debug_places_unpack(&p, data, size, addresses, 2, said, sizeof(said)),
			 0);
	free(data);
	expect(&p, first_addresses[0], 3, first_frames);
	expect(&p, addresses[0], 2, other);
	expect(&p, addresses[1], 1, &alone);
	assert_int_equal(p.nr, 5);
	rp_debug_places_free(&p);
	rp_debug_places_free(&q);
}

static void too_much_is_not_packed(void **state)
{
	struct rp_debug_places p = { 0 };
	const size_t nr = RP_DEBUG_PLACES_PACK_MAX / 12;
	struct rp_debug_place *at = rp_debug_places_add(&p, nr);
	void *data = NULL;
	size_t size;

	(void)state;
	assert_non_null(at);
	memset(at, 0, nr * sizeof(*at));
	assert_int_equal(rp_debug_places_pack(&p, "", &data, &size), -EFBIG);
	assert_null(data);
	rp_debug_places_free(&p);
}

/* ---- made up ----------------------------------------------------------------------- */

/* Its 32-bit words by number; as debug_places_pack.c has them. */
enum {
	NR, NR_HIGH, STRINGS, STRINGS_HIGH, NODES, NR_STRINGS, SAID, UNUSED,
	PLACE, FILE_ = 1 + PLACE, NODE = PLACE + 3 * 3, NAME = 1 + NODE, NODE_FILE,
	SECOND_NODE = NODE + 4, TEXT = NODE + 3 * 4,
};

static void no_number_is_believed(void **state)
{
	static const struct {
		unsigned int word;
		uint32_t value;
	} cases[] = {
		{ NR, 2 }, { NR, 4 }, { NR_HIGH, 1 }, { STRINGS, 1 }, { STRINGS, UINT32_MAX },
		{ STRINGS_HIGH, 1 }, { NODES, 2 }, { NODES, 4 }, { NODES, UINT32_MAX },
		{ NR_STRINGS, 0 }, { NR_STRINGS, 1 }, { NR_STRINGS, UINT32_MAX },
		{ SAID, 1000 }, { SAID, UINT32_MAX },
		{ PLACE, 4 }, { PLACE, UINT32_MAX }, { FILE_, 1000 }, { FILE_, UINT32_MAX },
		/* Inlined into itself, and into one behind it. */
		{ NODE, 1 }, { NODE, 2 }, { NODE, 3 }, { NODE, UINT32_MAX },
		{ SECOND_NODE, 2 }, { SECOND_NODE, 3 },
		{ NAME, 1000 }, { NAME, UINT32_MAX }, { NODE_FILE, 1000 },
		/* Not "" first. */
		{ TEXT, 0x41414141 },
	};
	struct rp_debug_places p = { 0 };
	size_t size, i;
	uint32_t *data = first_piece(&size), was;
	char last;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		was = data[cases[i].word];
		data[cases[i].word] = cases[i].value;
		if (rp_debug_places_unpack(&p, data, size, first_addresses, 3, said,
					   sizeof(said)) != -EBADMSG)
			fail_msg("word %u: %x", cases[i].word, cases[i].value);
		data[cases[i].word] = was;
	}
	last = ((char *)data)[size - 1];
	((char *)data)[size - 1] = 'x';
	assert_int_equal(rp_debug_places_unpack(&p, data, size, first_addresses, 3, said,
						sizeof(said)), -EBADMSG);
	((char *)data)[size - 1] = last;
	for (i = 0; i < size; i++)
		assert_int_equal(rp_debug_places_unpack(&p, data, i, first_addresses, 3, said,
							sizeof(said)), -EBADMSG);
	/* All of it was refused before any of it was taken. */
	assert_int_equal(p.nr + p.nr_nodes + p.strings.size, 0);
	assert_int_equal(rp_debug_places_unpack(&p, data, size, first_addresses, 3, said,
						sizeof(said)), 0);
	rp_debug_places_free(&p);
	free(data);
}

static int unpack_chain(uint32_t length)
{
	static const uint64_t address = 0x1000;
	struct rp_debug_places p = { 0 }, q = { 0 };
	struct rp_debug_frame f[FRAMES];
	unsigned int n;
	uint32_t in = 0, i;
	void *data;
	size_t size;
	int r;

	for (i = 0; i < length; i++)
		in = node(&q, in, "f", "f.c", i);
	place(&q, address, in, "f.c", 1);
	assert_int_equal(rp_debug_places_pack(&q, "", &data, &size), 0);
	r = rp_debug_places_unpack(&p, data, size, &address, 1, said, sizeof(said));
	if (!r) {
		assert_true(rp_debug_places_get(&p, address, f, FRAMES, &n));
		assert_int_equal(n, length);
	}
	free(data);
	rp_debug_places_free(&p);
	rp_debug_places_free(&q);
	return r;
}

/* Each look at such an address would take as long as its chain is. */
static void no_chain_is_endless(void **state)
{
	(void)state;
	assert_int_equal(unpack_chain(500), 0);
	assert_int_equal(unpack_chain(100000), -EBADMSG);
}

/* Refused as too many, which is its own fault; there is memory. */
static void nodes_do_not_grow_for_ever(void **state)
{
	struct rp_debug_places p = { 0 };
	size_t size;
	void *data = first_piece(&size);

	(void)state;
	node(&p, 0, "f", "", 0);
	p.nr_nodes = RP_DEBUG_NODES_MAX - 2;	/* so many are not there, and not looked at */
	assert_int_equal(rp_debug_places_unpack(&p, data, size, first_addresses, 3, said,
						sizeof(said)), -EFBIG);
	free(data);
	rp_debug_places_free(&p);
}

static void any_flipped_bit_is_safe(void **state)
{
	struct rp_debug_frame f[FRAMES];
	size_t size, bit, i;
	char *data = first_piece(&size);
	unsigned int n, taken = 0;

	(void)state;
	for (bit = 0; bit < 8 * size; bit++) {
		struct rp_debug_places p = { 0 };
		int r;

		data[bit / 8] ^= 1 << bit % 8;
		r = rp_debug_places_unpack(&p, data, size, first_addresses, 3, said,
					   sizeof(said));
		data[bit / 8] ^= 1 << bit % 8;
		assert_true(r == 0 || r == -EBADMSG);
		for (i = 0; !r && i < 3; i++) {
			assert_true(rp_debug_places_get(&p, first_addresses[i], f, FRAMES, &n));
			while (n--)
				assert_true(strlen(f[n].function) + strlen(f[n].file) < size);
		}
		taken += !r;
		rp_debug_places_free(&p);
	}
	assert_true(taken > 0 && taken < 8 * size);
	free(data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_goes_in_comes_out),
		cmocka_unit_test(what_was_there_stays),
		cmocka_unit_test(too_much_is_not_packed),
		cmocka_unit_test(no_number_is_believed),
		cmocka_unit_test(no_chain_is_endless),
		cmocka_unit_test(nodes_do_not_grow_for_ever),
		cmocka_unit_test(any_flipped_bit_is_safe),
	};

	return cmocka_run_group_tests_name("places_pack", tests, NULL, NULL);
}
