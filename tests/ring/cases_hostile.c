// SPDX-License-Identifier: GPL-2.0
/*
 * Both sides without trust: a producer whose reader writes garbage into the control
 * page, and a reader whose control page and data hold garbage. What a wrong tail
 * does to its own reader's records does not matter; that every byte is written and
 * read inside of the ring, that every loop ends and that all is well again once the
 * page is right again does.
 */
#include "lab.h"

#define NEAR_WRAP 0xffffffe0u

/* Tails of every class, relative to the head, for a ring of 128 bytes. */
static const __u32 garbage[] = {
	8, 16, 64, 120, 128, 136, 1u << 20, 0x7ffffff8u,	/* ahead */
	0x80000000u, 0u - 0x7ffffff8u,
	1, 2, 3, 4, 5, 6, 7, 9, 127, 0u - 1, 0u - 3, 0u - 4, 0u - 7, 0u - 33,
	0u - 127, 0u - 129,					/* misaligned */
	0u - 136, 0u - 256, 0u - 1024, 0u - (1u << 20),		/* far behind */
	0, 0u - 8, 0u - 16, 0u - 64, 0u - 120, 0u - 128,	/* could be right */
};
#define GARBAGE_NR (sizeof(garbage) / sizeof(garbage[0]))

static void fill_up(struct rp_lab *lab)
{
	unsigned int i;

	for (i = 0; i < 12; i++)
		rp_lab_produce(lab, 8 + rp_lab_random(lab) % 8 * 8);
}

/* After whatever happened, an honest reader gets whole records again. */
static void check_recovery(struct rp_lab *lab)
{
	unsigned int i;

	rp_lab_recover(lab);
	for (i = 0; i < 20; i++) {
		CHECK(lab, rp_lab_produce(lab, 24));
		CHECK_EQ(lab, rp_lab_consume(lab, RP_LAB_READ_ALL), 1);
	}
	rp_lab_settle(lab);
}

static void rp_case_tail_garbage(struct rp_lab *lab)
{
	__u32 offset, tail;
	unsigned int i;

	for (offset = 0; offset < 128; offset += 8) {
		for (i = 0; i < GARBAGE_NR; i++) {
			rp_lab_open(lab, 128, 64, NEAR_WRAP + offset);
			rp_lab_produce(lab, 40);
			lab->hostile = 1;
			tail = lab->control->head + garbage[i];
			lab->control->tail = tail;
			fill_up(lab);
			CHECK_EQ(lab, lab->control->tail, tail);
			check_recovery(lab);
		}
		for (tail = NEAR_WRAP + offset - 300; tail != NEAR_WRAP + offset + 300; tail++) {
			rp_lab_open(lab, 128, 64, NEAR_WRAP + offset);
			lab->hostile = 1;
			lab->control->tail = tail;
			fill_up(lab);
			check_recovery(lab);
		}
	}
}

static void move_tail(struct rp_lab *lab, unsigned int point)
{
	(void)point;
	lab->control->tail = lab->ring.reserved + (rp_lab_random(lab) % 4 ?
		garbage[rp_lab_random(lab) % GARBAGE_NR] : rp_lab_random(lab));
}

/* The tail changes between any two steps of the producer. */
static void rp_case_tail_moves(struct rp_lab *lab)
{
	unsigned int i;

	for (i = 0; i < 2000; i++) {
		rp_lab_open(lab, 128, 64, rp_lab_random(lab) & ~7u);
		lab->hostile = 1;
		lab->interrupt = move_tail;
		fill_up(lab);
		check_recovery(lab);
	}
}

static void scribble(struct rp_lab *lab, unsigned int point)
{
	__u32 *words = (__u32 *)lab->control;
	unsigned int i;

	for (i = 0; i < sizeof(*lab->control) / sizeof(*words); i++)
		words[i] = rp_lab_random(lab);
	move_tail(lab, point);
}

/* The reader can write the whole page, not only its tail. */
static void rp_case_control_scribbled(struct rp_lab *lab)
{
	unsigned int i;

	for (i = 0; i < 500; i++) {
		rp_lab_open(lab, 128, 64, rp_lab_random(lab) & ~7u);
		lab->hostile = lab->scribbled = 1;
		lab->interrupt = scribble;
		fill_up(lab);
		check_recovery(lab);
	}
}

/* Reads all, as a reader would, and checks only that it stays inside and ends. */
static unsigned int read_garbage(struct rp_lab *lab)
{
	const struct rp_rec *rec;
	unsigned int count = 0;
	__u32 size = lab->ring.size, at;

	rp_reader_fetch(&lab->reader);
	while ((rec = rp_reader_next(&lab->reader))) {
		at = (const unsigned char *)rec - lab->data;
		CHECK(lab, at % 8 == 0);
		CHECK(lab, at < size && rec->size >= 8 && rec->size <= size - at);
		CHECK(lab, ++count <= size / 8);
	}
	CHECK_EQ(lab, lab->reader.next, lab->reader.head);
	rp_reader_release(&lab->reader);
	return count;
}

/* One header of the ring holds a size that no record can have. */
static void rp_case_reader_sizes(struct rp_lab *lab)
{
	static const __u32 sizes[] = {
		0, 1, 4, 7, 9, 12, 20, 31, 136, 144, 256, 0x80000000u, 0xfffffff8u,
		0xffffffffu,
	};
	__u32 offset;
	unsigned int i, nth, pad, n;

	for (offset = 0; offset < 128; offset += 32)
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
	for (nth = 0; nth < 4; nth++)
	for (pad = 0; pad < 2; pad++) {
		rp_lab_open(lab, 128, 128, NEAR_WRAP + offset);
		for (n = 0; n < 4; n++) {
			struct rp_rec *rec = (struct rp_rec *)
				(lab->data + lab->ring.reserved % 128);

			CHECK(lab, rp_lab_produce(lab, 32));
			if (n == nth) {
				rec->size = sizes[i];
				if (pad)
					rec->type = RP_REC_PAD;
			}
		}
		/* What stands before it is handed out, nothing behind it. */
		CHECK_EQ(lab, read_garbage(lab), nth);
		CHECK_EQ(lab, lab->reader.broken, 1);
		CHECK_EQ(lab, lab->control->tail, lab->control->head);
		CHECK_EQ(lab, read_garbage(lab), 0);
		CHECK_EQ(lab, lab->reader.broken, 1);
		check_recovery(lab);
	}

	/* A record that reaches beyond the head, though not beyond the ring. */
	rp_lab_open(lab, 128, 128, 0);
	CHECK(lab, rp_lab_produce(lab, 32));
	((struct rp_rec *)lab->data)->size = 40;
	CHECK_EQ(lab, read_garbage(lab), 0);
	CHECK_EQ(lab, lab->reader.broken, 1);
}

static void rp_case_reader_positions(struct rp_lab *lab)
{
	unsigned int i, round;
	__u32 *words;

	for (i = 0; i < 4000; i++) {
		rp_lab_open(lab, 128, 128, 0);
		words = (__u32 *)lab->data;
		for (round = 0; round < 32; round++)
			words[round] = rp_lab_random(lab) % 3 ?
				rp_lab_random(lab) % 10 * 8 : rp_lab_random(lab);
		lab->control->tail = rp_lab_random(lab);
		rp_reader_init(&lab->reader, lab->control, lab->data, 128);
		for (round = 0; round < 4; round++) {
			lab->control->head = lab->reader.next + (rp_lab_random(lab) % 4 ?
				rp_lab_random(lab) % 18 * 8 : rp_lab_random(lab));
			read_garbage(lab);
			CHECK_EQ(lab, lab->control->tail, lab->control->head);
		}
	}

	/* A reader that finds a wrong tail at its start skips to the head. */
	for (i = 0; i < GARBAGE_NR; i++) {
		rp_lab_open(lab, 128, 128, NEAR_WRAP);
		CHECK(lab, rp_lab_produce(lab, 32));
		lab->control->tail = lab->control->head + garbage[i];
		rp_reader_init(&lab->reader, lab->control, lab->data, 128);
		read_garbage(lab);
		CHECK_EQ(lab, lab->control->tail, lab->control->head);
		CHECK(lab, lab->reader.broken <= 1);
		check_recovery(lab);
	}
}
