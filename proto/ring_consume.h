/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ring_consume.h - the reader's side of a ring: one consumer. Freestanding;
 * compiled into user space, and into the module to count what was never read.
 *
 *	rp_reader_init(&reader, control, data, tail);
 *	rp_reader_fetch(&reader);
 *	while ((rec = rp_reader_next(&reader)))
 *		... copy or use *rec; it stays valid until release ...
 *	rp_reader_release(&reader);
 *
 * For the barriers (C and D) and for what the includer supplies, see
 * ring_produce.h.
 */
#ifndef RINGPROF_RING_CONSUME_H
#define RINGPROF_RING_CONSUME_H

#include "ringprof.h"

struct rp_reader {
	const unsigned char *data;
	struct rp_ring_control *control;
	__u32 size;
	__u32 head;		/* fetched */
	__u32 next;		/* the next record; all below it were handed out */
	__u32 broken;		/* a record could not be one: the ring was reset */
};

/* Starts at the control page's own tail, so a ring can be taken over. */
static inline void rp_reader_init(struct rp_reader *reader,
				  struct rp_ring_control *control,
				  const void *data, __u32 size)
{
	reader->data = data;
	reader->control = control;
	reader->size = size;
	reader->head = reader->next = RP_RING_READ(control->tail);
	reader->broken = 0;
}

/* Looks how far the producers have come. Returns the bytes to read. */
static inline __u32 rp_reader_fetch(struct rp_reader *reader)
{
	reader->head = RP_RING_LOAD_ACQUIRE(&reader->control->head);	/* C */
	return reader->head - reader->next;
}

/*
 * The next record, or NULL when all fetched ones were handed out. A size that
 * cannot be a record's skips everything fetched and counts in `broken`: it
 * means that head, tail or data were overwritten by somebody else.
 */
static inline const struct rp_rec *rp_reader_next(struct rp_reader *reader)
{
	const struct rp_rec *rec;
	__u32 left, at, size;

	for (;;) {
		left = reader->head - reader->next;
		if (!left)
			return NULL;
		at = reader->next & (reader->size - 1);
		rec = (const struct rp_rec *)(reader->data + at);
		/* Read once: where the tail was wrong it may change meanwhile. */
		size = left > reader->size || at % 8 ? 0 : RP_RING_READ(rec->size);
		if (size < sizeof(*rec) || size % 8 || size > left ||
		    size > reader->size - at) {
			reader->next = reader->head;
			reader->broken++;
			return NULL;
		}
		reader->next += size;
		if (rec->type != RP_REC_PAD)
			return rec;
	}
}

/* Gives the space of all records handed out back to the producers. */
static inline void rp_reader_release(struct rp_reader *reader)
{
	RP_RING_STORE_RELEASE(&reader->control->tail, reader->next);	/* D */
}

#endif
