// SPDX-License-Identifier: GPL-2.0
/*
 * Records that are left open, one producer at a time.
 */
#include "lab.h"

static void open_lab(struct rp_lab *lab, __u32 size, __u32 watermark, __u32 start)
{
	rp_lab_open(lab, size, watermark, start);
	lab->opens = lab->merges = 1u << 1;
}

/* All that are merged are one record, which the reader does not see before it is closed. */
static void rp_case_open_merged(struct rp_lab *lab)
{
	__u32 start, n;

	for (start = 0u - 256; start != 256; start += 8) {
		open_lab(lab, 256, 4096, start);
		for (n = 0; n < 5; n++)
			CHECK(lab, rp_lab_produce(lab, 48));
		CHECK_EQ(lab, lab->merged, 4);
		CHECK_EQ(lab, lab->next_id, 1);
		CHECK_EQ(lab, rp_lab_consume(lab, RP_LAB_READ_ALL), 0);
		CHECK_EQ(lab, rp_ring_close(&lab->ring), 0);
		CHECK_EQ(lab, rp_lab_consume(lab, RP_LAB_READ_ALL), 1);
		CHECK_EQ(lab, rp_ring_close(&lab->ring), 0);
		CHECK(lab, rp_ring_open_record(&lab->ring) == NULL);
		rp_lab_settle(lab);
	}
}

/* Whatever comes behind it publishes it, and may be left open in its turn. */
static void rp_case_open_published(struct rp_lab *lab)
{
	__u32 start;

	for (start = 0u - 256; start != 256; start += 8) {
		open_lab(lab, 256, 256, start);
		CHECK(lab, rp_lab_produce(lab, 40));
		lab->merges = 0;
		CHECK(lab, rp_lab_produce(lab, 40));
		CHECK_EQ(lab, rp_lab_consume(lab, RP_LAB_READ_ALL), 1);
		lab->opens = 0;
		CHECK(lab, rp_lab_produce(lab, 16));
		CHECK_EQ(lab, rp_lab_consume(lab, RP_LAB_READ_ALL), 2);
		rp_lab_settle(lab);
	}
}

/* What is merged counts as if it had been written, when there is something to read. */
static void rp_case_open_watermark(struct rp_lab *lab)
{
	__u32 n;

	open_lab(lab, 1024, 256, 0);
	for (n = 0; n < 8; n++)
		CHECK(lab, rp_lab_produce(lab, 64));
	CHECK_EQ(lab, lab->wakes, 0);
	lab->opens = lab->merges = 0;
	CHECK(lab, rp_lab_produce(lab, 64));
	CHECK_EQ(lab, lab->wakes, 1);
	CHECK(lab, rp_lab_produce(lab, 64));
	CHECK_EQ(lab, lab->wakes, 1);
	rp_lab_settle(lab);
}

/* Somebody finds no room: the open record is in the way, too, and the reader gets it. */
static void rp_case_open_full(struct rp_lab *lab)
{
	open_lab(lab, 128, 128, 0);
	CHECK(lab, rp_lab_produce(lab, 64));
	lab->merges = 0;
	CHECK(lab, rp_lab_produce(lab, 40));
	CHECK_EQ(lab, lab->wakes, 0);
	CHECK(lab, !rp_lab_produce(lab, 64));
	CHECK_EQ(lab, lab->wakes, 1);
	CHECK_EQ(lab, rp_lab_consume(lab, RP_LAB_READ_ALL), 2);
	CHECK(lab, rp_lab_produce(lab, 24));
	CHECK_EQ(lab, rp_lab_consume(lab, RP_LAB_READ_ALL), 0);
	rp_lab_settle(lab);
}
