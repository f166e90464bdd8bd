// SPDX-License-Identifier: GPL-2.0
/*
 * One producer, one consumer, in turn: sizes, ends, fullness, wake-ups. Small rings
 * make every combination of offset and length affordable.
 */
#include "lab.h"

/* Positions shortly before they overflow, so that every case crosses the border. */
#define NEAR_WRAP 0xffffffe0u

static void rp_case_empty(struct rp_lab *lab)
{
	rp_lab_open(lab, 4096, 2048, 0);
	CHECK_EQ(lab, lab->control->magic, RP_RING_MAGIC);
	CHECK_EQ(lab, lab->control->cpu, 5);
	CHECK_EQ(lab, lab->control->data_size, 4096);
	CHECK_EQ(lab, rp_reader_fetch(&lab->reader), 0);
	CHECK(lab, rp_reader_next(&lab->reader) == NULL);
	rp_reader_release(&lab->reader);
	CHECK_EQ(lab, lab->control->head, 0);
	CHECK_EQ(lab, lab->control->tail, 0);
	rp_lab_settle(lab);
}

static void rp_case_one_record(struct rp_lab *lab)
{
	__u32 len;

	for (len = 8; len <= 2048; len += 8) {
		rp_lab_open(lab, 4096, 4096, 0);
		CHECK(lab, rp_lab_produce(lab, len));
		CHECK_EQ(lab, lab->control->head, len);
		CHECK_EQ(lab, lab->control->tail, 0);
		CHECK_EQ(lab, rp_reader_fetch(&lab->reader), len);
		CHECK_EQ(lab, rp_lab_consume(lab, RP_LAB_READ_ONE), 1);
		CHECK_EQ(lab, lab->control->tail, 0);
		rp_lab_consume(lab, RP_LAB_RELEASE);
		CHECK_EQ(lab, lab->control->tail, len);
		rp_lab_settle(lab);
	}
}

/* Every offset, every length: the PAD is there exactly where it must be. */
static void rp_case_pad_at_the_end(struct rp_lab *lab)
{
	const struct rp_rec *pad;
	__u32 offset, len, left;

	for (offset = 0; offset < 128; offset += 8) {
		for (len = 8; len <= 64; len += 8) {
			rp_lab_open(lab, 128, 128, NEAR_WRAP + offset);
			CHECK(lab, rp_lab_produce(lab, len));
			left = 128 - (NEAR_WRAP + offset) % 128;
			if (left < len) {
				pad = (const struct rp_rec *)(lab->data + 128 - left);
				CHECK_EQ(lab, pad->type, RP_REC_PAD);
				CHECK_EQ(lab, pad->size, left);
				CHECK_EQ(lab, pad->reserved, 0);
				CHECK_EQ(lab, rp_reader_fetch(&lab->reader), left + len);
			} else {
				CHECK_EQ(lab, rp_reader_fetch(&lab->reader), len);
			}
			CHECK_EQ(lab, rp_lab_consume(lab, RP_LAB_READ_ALL), 1);
			rp_lab_settle(lab);
		}
	}
}

static void rp_case_exact_fit(struct rp_lab *lab)
{
	__u32 len;

	for (len = 8; len <= 64; len += 8) {
		rp_lab_open(lab, 128, 128, 0u - len);
		CHECK(lab, rp_lab_produce(lab, len));
		CHECK_EQ(lab, lab->ring.reserved, 0);
		CHECK(lab, rp_lab_produce(lab, 8));
		CHECK_EQ(lab, rp_lab_consume(lab, RP_LAB_READ_ALL), 2);
		rp_lab_settle(lab);
	}
}

static void rp_case_full(struct rp_lab *lab)
{
	__u32 offset, len, n, before, round;

	for (offset = 0; offset < 256; offset += 8) {
		for (len = 8; len <= 128; len *= 2) {
			/* Records of this length tile the ring to the last byte. */
			rp_lab_open(lab, 256, 256, (NEAR_WRAP + offset) / len * len);
			for (round = 0; round < 3; round++) {
				for (n = 0; n < 256 / len; n++)
					CHECK(lab, rp_lab_produce(lab, len));
				before = lab->ring.reserved;
				CHECK_EQ(lab, before - lab->control->tail, 256);
				CHECK(lab, !rp_lab_produce(lab, 8));
				CHECK(lab, !rp_lab_produce(lab, 128));
				CHECK_EQ(lab, lab->ring.reserved, before);
				CHECK_EQ(lab, rp_lab_consume(lab, RP_LAB_READ_ALL), 256 / len);
			}
			rp_lab_settle(lab);
		}
	}
}

/* The longest record that may be asked for goes into an empty ring anywhere. */
static void rp_case_half_ring(struct rp_lab *lab)
{
	__u32 offset;

	for (offset = 0; offset < 4096; offset += 8) {
		rp_lab_open(lab, 4096, 4096, NEAR_WRAP + offset);
		CHECK(lab, rp_lab_produce(lab, 2048));
		rp_lab_settle(lab);
	}
}

/* There is room for the record but not for its PAD: nothing may change. */
static void rp_case_too_long_with_pad(struct rp_lab *lab)
{
	rp_lab_open(lab, 128, 128, 0u - 128);
	CHECK(lab, rp_lab_produce(lab, 48));
	CHECK(lab, rp_lab_produce(lab, 48));
	CHECK_EQ(lab, rp_lab_consume(lab, RP_LAB_FETCH), 0);
	CHECK_EQ(lab, rp_lab_consume(lab, RP_LAB_READ_ONE), 1);
	rp_lab_consume(lab, RP_LAB_RELEASE);
	/* 32 bytes at the end and 48 at the beginning are free. */
	CHECK(lab, !rp_lab_produce(lab, 56));
	CHECK_EQ(lab, lab->ring.reserved, 0u - 32);
	CHECK(lab, rp_lab_produce(lab, 48));
	CHECK(lab, !rp_lab_produce(lab, 8));
	rp_lab_settle(lab);
}

static void rp_case_position_wrap(struct rp_lab *lab)
{
	__u32 size, i;

	for (size = 64; size <= 4096; size *= 4) {
		rp_lab_open(lab, size, size / 2, 0u - 8 * size);
		for (i = 0; i < 4000; i++) {
			rp_lab_produce(lab, 8 + rp_lab_random(lab) % (size / 2 - 7) / 8 * 8);
			if (rp_lab_random(lab) % 3 == 0)
				rp_lab_consume(lab, RP_LAB_READ_ALL);
		}
		CHECK(lab, lab->last_head < 0u - 8 * size);
		rp_lab_settle(lab);
	}
}

/* A reader that takes over begins with what the last one did not release. */
static void rp_case_takeover(struct rp_lab *lab)
{
	rp_lab_open(lab, 256, 256, NEAR_WRAP);
	CHECK(lab, rp_lab_produce(lab, 24));
	CHECK(lab, rp_lab_produce(lab, 32));
	rp_lab_consume(lab, RP_LAB_FETCH);
	CHECK_EQ(lab, rp_lab_consume(lab, RP_LAB_READ_ONE), 1);
	rp_lab_consume(lab, RP_LAB_RELEASE);
	CHECK_EQ(lab, rp_lab_consume(lab, RP_LAB_READ_ONE), 1);
	CHECK_EQ(lab, lab->read_id, 2);
	rp_reader_init(&lab->reader, lab->control, lab->data, 256);
	lab->read_id = 1;
	CHECK_EQ(lab, rp_lab_consume(lab, RP_LAB_READ_ALL), 1);
	rp_lab_settle(lab);
}

static void rp_case_watermark(struct rp_lab *lab)
{
	__u32 watermark, i, since;
	__u64 wakes;

	for (watermark = 8; watermark <= 256; watermark += 8) {
		rp_lab_open(lab, 256, watermark, NEAR_WRAP);
		for (i = since = 0; i < 200; i++) {
			wakes = lab->wakes;
			CHECK(lab, rp_lab_produce(lab, 16));
			since += 16;
			CHECK_EQ(lab, lab->wakes - wakes, since >= watermark);
			if (since >= watermark) {
				since = 0;
				rp_lab_consume(lab, RP_LAB_READ_ALL);
			}
		}
		rp_lab_settle(lab);
	}
}

/*
 * A record that finds no room wakes the reader, however high the watermark: it may
 * be waiting for bytes that cannot come any more. But only once: a reader that was
 * told and does not come is told again when there is something new.
 */
static void rp_case_wake_when_full(struct rp_lab *lab)
{
	rp_lab_open(lab, 128, 128, 0u - 128);
	CHECK(lab, rp_lab_produce(lab, 48));
	CHECK_EQ(lab, lab->wakes, 0);
	CHECK(lab, rp_lab_produce(lab, 56));
	CHECK_EQ(lab, lab->wakes, 0);
	CHECK(lab, !rp_lab_produce(lab, 48));
	CHECK_EQ(lab, lab->wakes, 1);
	CHECK(lab, !rp_lab_produce(lab, 48));
	CHECK_EQ(lab, lab->wakes, 1);
	CHECK_EQ(lab, rp_lab_consume(lab, RP_LAB_READ_ALL), 2);
	CHECK(lab, rp_lab_produce(lab, 48));
	CHECK_EQ(lab, lab->wakes, 2);
	CHECK_EQ(lab, rp_lab_consume(lab, RP_LAB_READ_ALL), 1);
	CHECK(lab, rp_lab_produce(lab, 48));
	CHECK_EQ(lab, lab->wakes, 2);
	rp_lab_settle(lab);

	/* Nothing to read: nothing to wake up for. */
	rp_lab_open(lab, 128, 128, NEAR_WRAP);
	lab->hostile = 1;
	lab->control->tail = NEAR_WRAP + 8;
	CHECK(lab, !rp_lab_produce(lab, 48));
	CHECK_EQ(lab, lab->wakes, 0);
}
