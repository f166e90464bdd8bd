// SPDX-License-Identifier: GPL-2.0
/*
 * The ring's reader before a control page and data that hold anything: it hands out
 * what lies inside of the ring, comes to an end, and has caught up with the head.
 *
 * Input: a byte for the size of the ring, the tail, then the data (as much of it as
 * there is), then a head and a way to read up to it, as often as there are any.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ring_user.h"

static const uint8_t *input;
static size_t input_left;
static volatile unsigned char sink;

/* The next n bytes of the input; zeroes when there are no more. */
static void take(void *to, size_t n)
{
	size_t have = n < input_left ? n : input_left;

	memset(to, 0, n);
	memcpy(to, input, have);
	input += have;
	input_left -= have;
}

static void require(int ok)
{
	if (!ok)
		abort();
}

/* A caller may stop in the middle of what it fetched. */
static void read_some(struct rp_reader *reader, unsigned int most)
{
	const struct rp_rec *rec;
	unsigned int count = 0;
	uint32_t at, i;

	while (count < most && (rec = rp_reader_next(reader))) {
		at = (const unsigned char *)rec - reader->data;
		require(at < reader->size && at % 8 == 0);
		require(rec->type != RP_REC_PAD);
		require(rec->size >= 8 && rec->size % 8 == 0);
		require(rec->size <= reader->size - at);
		/* not beyond the head */
		require(reader->head - reader->next <= reader->size);
		for (i = 0; i < rec->size; i++)
			sink = ((const unsigned char *)rec)[i];
		count++;
	}
	require(count <= reader->size / 8);
	if (count < most)
		require(reader->next == reader->head);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct rp_ring_control *control = calloc(1, sizeof(*control));
	struct { __u32 head, most; } step;
	struct rp_reader reader;
	unsigned char *data, shift;
	__u32 ring_size, broken;

	input = bytes;
	input_left = size;
	take(&shift, 1);
	ring_size = 16u << shift % 8;
	data = malloc(ring_size);
	require(control && data);
	take(&control->tail, sizeof(control->tail));
	take(data, ring_size);
	rp_reader_init(&reader, control, data, ring_size);
	do {
		take(&step, sizeof(step));
		/* Mostly a head that a ring of this size could have. */
		if (step.most & 0x700)
			step.head = reader.next + step.head % (ring_size + 9);
		control->head = step.head;
		broken = reader.broken;
		require(rp_reader_fetch(&reader) == step.head - reader.next);
		read_some(&reader, step.most % 8 ? ~0u : step.most / 8);
		require(reader.broken - broken <= 1);
		rp_reader_release(&reader);
		require(control->tail == reader.next);
	} while (input_left);
	free(data);
	free(control);
	return 0;
}
