/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ring_produce.h - the kernel's side of a ring: many nested producers of one
 * CPU, one consumer anywhere. Freestanding; compiled into the module, into the
 * KUnit tests and into the user-space tests.
 *
 * A producer may be interrupted by another one of the same CPU (task < softirq
 * < hardirq < NMI) at any instruction; the inner one always finishes before the
 * outer one goes on. So:
 *	- space is reserved by a CPU-local compare-and-exchange on `reserved`;
 *	- only the outermost producer publishes `reserved` as the consumer's head,
 *	  when every record below it is complete;
 *	- it may leave its own record open: complete, and not published. Nobody but the
 *	  producers of this CPU sees it, so the next one may change it still. Whoever
 *	  writes another record behind it publishes it. It lies between `published` and
 *	  `reserved`, if `reserved` is still `settled`.
 * The algorithm is that of the kernel's perf ring buffer
 * (kernel/events/ring_buffer.c), as are the pairs of its barriers:
 *
 *	producer				consumer
 *	load tail  (acquire)		(A)	store tail (release)	(D)
 *	write records				read records
 *	store head (release)		(B)	load head  (acquire)	(C)
 *
 *	A pairs with D: data that the consumer may still read is not overwritten.
 *	B pairs with C: the consumer sees the records below the head it loaded.
 *
 * The tail comes from user space and is not believed: whatever it holds, the
 * producer writes within `data`, and a wrong tail loses or spoils that reader's
 * own records only. Nothing else is ever read back from memory that user space
 * can write.
 *
 * The includer supplies, with the meaning of the kernel's macros:
 *	RP_RING_READ(x)			one load, not torn
 *	RP_RING_LOAD_ACQUIRE(p), RP_RING_STORE_RELEASE(p, v)
 *	RP_RING_CMPXCHG(p, old, new)	atomic against interrupts of this CPU
 *	RP_RING_BARRIER()		compiler barrier
 * and may define RP_RING_POINT(ring), called wherever an interrupt could change
 * what the next step sees: the tests produce nested records there.
 */
#ifndef RINGPROF_RING_PRODUCE_H
#define RINGPROF_RING_PRODUCE_H

#include "ringprof.h"

#ifndef RP_RING_POINT
#define RP_RING_POINT(ring) do { } while (0)
#endif

struct rp_ring {
	struct rp_ring_control *control;	/* shared with the reader */
	unsigned char *data;
	__u32 size;		/* of data, a power of two */
	__u32 watermark;
	__u32 reserved;		/* records are reserved up to here */
	__u32 published;	/* what control->head says, unspoilt */
	__u32 settled;		/* what `reserved` was when that was said */
	__u32 woken;		/* head at the last wake-up */
	__u32 full;		/* somebody found no room since then */
	__u32 nest;		/* producers inside */
	__u32 merged;		/* bytes that were spared since the last wake-up */
};

static inline void rp_ring_init(struct rp_ring *ring,
				struct rp_ring_control *control, void *data,
				__u32 size, __u32 watermark, __u32 cpu)
{
	ring->control = control;
	ring->data = data;
	ring->size = size;
	ring->watermark = watermark;
	ring->reserved = ring->published = ring->settled = ring->woken = 0;
	ring->full = ring->nest = ring->merged = 0;
	control->magic = RP_RING_MAGIC;
	control->cpu = cpu;
	control->data_size = size;
	control->head = control->tail = 0;
}

/* Is the reader to be woken up, if it can read up to head? full: somebody found no room. */
static inline int rp_ring_must_wake(const struct rp_ring *ring, __u32 head, __u32 full)
{
	return head != ring->woken &&
	       (full || head - ring->woken + ring->merged >= ring->watermark);
}

/*
 * Leaves the ring; the outermost producer publishes what has been reserved, but for a last
 * record at the positions [open, end). That is published, too, if somebody has reserved
 * behind it or has found no room.
 */
static inline int rp_ring_leave_keeping(struct rp_ring *ring, __u32 open, __u32 end)
{
	__u32 reserved, head, full;
	int wake = 0;

	RP_RING_POINT(ring);
	if (ring->nest > 1) {
		RP_RING_BARRIER();
		ring->nest--;
		RP_RING_POINT(ring);
		return 0;	/* the outermost one publishes */
	}
again:
	/*
	 * Every producer that interrupted us has left, so this reads what was
	 * reserved by us and by all of them. Until the decrement below, whoever
	 * interrupts us leaves `published` and `woken` alone.
	 */
	full = RP_RING_READ(ring->full);
	RP_RING_POINT(ring);
	reserved = RP_RING_READ(ring->reserved);
	RP_RING_POINT(ring);
	head = reserved == end && !full ? open : reserved;
	/* Also when nothing is new: the reader may have overwritten it. */
	ring->published = head;
	ring->settled = reserved;
	RP_RING_POINT(ring);
	RP_RING_STORE_RELEASE(&ring->control->head, head);	/* B */
	RP_RING_POINT(ring);
	if (rp_ring_must_wake(ring, head, full)) {
		RP_RING_POINT(ring);
		/* Otherwise it may stand for what is not published. */
		if (head == reserved)
			ring->full = 0;
		ring->woken = head;
		ring->merged = 0;
		wake = 1;
	}
	RP_RING_POINT(ring);
	RP_RING_BARRIER();
	ring->nest--;
	RP_RING_BARRIER();
	RP_RING_POINT(ring);
	/*
	 * A producer between our loads of `full` and `reserved` and the decrement
	 * found nest > 1 and left the publishing and the waking to us.
	 */
	if (reserved != RP_RING_READ(ring->reserved) ||
	    (RP_RING_READ(ring->full) && reserved != ring->woken)) {
		RP_RING_POINT(ring);
		ring->nest++;
		RP_RING_BARRIER();
		open = end;	/* it may have been published by now */
		goto again;
	}
	return wake;
}

/*
 * Leaves the ring; the outermost producer publishes what has been reserved.
 * Returns 1 when the reader is to be woken up: `watermark` bytes have come since
 * the last time, those that were spared included, or something has come and somebody
 * has found no room.
 */
static inline int rp_ring_leave(struct rp_ring *ring)
{
	return rp_ring_leave_keeping(ring, 0, 0);
}

/* The same, but leaves the caller's own record, of len bytes, open, if it is the last one. */
static inline int rp_ring_leave_open(struct rp_ring *ring, const void *rec, __u32 len)
{
	__u32 end = RP_RING_READ(ring->reserved), open = end - len;

	if (rec != ring->data + (open & (ring->size - 1)))
		return rp_ring_leave(ring);
	return rp_ring_leave_keeping(ring, open, end);
}

/* Enters the ring; followed by one of those that leave it, soon and on this CPU. */
static inline void rp_ring_enter(struct rp_ring *ring)
{
	ring->nest++;
	RP_RING_BARRIER();
	RP_RING_POINT(ring);
}

/*
 * Inside: the record that was left open, which may then be changed (its length may not), and
 * be left open again. NULL: there is none, or it is not the caller's to be changed.
 */
static inline struct rp_rec *rp_ring_open_record(struct rp_ring *ring)
{
	__u32 open = ring->published, end = RP_RING_READ(ring->reserved);

	/* Somebody who is just leaving may have more to publish than he has found yet. */
	if (ring->nest != 1 || open == end || end != ring->settled)
		return NULL;
	return (struct rp_rec *)(ring->data + (open & (ring->size - 1)));
}

/* Inside: a record of len bytes was spared. It counts for the watermark. */
static inline void rp_ring_spare(struct rp_ring *ring, __u32 len)
{
	if (ring->merged < ring->watermark)
		ring->merged += len;
}

/* Publishes the record that was left open. Returns rp_ring_leave's answer. */
static inline int rp_ring_close(struct rp_ring *ring)
{
	rp_ring_enter(ring);
	return rp_ring_leave(ring);
}

/*
 * Inside: reserves `len` bytes (a multiple of 8, at least 8, at most half the ring).
 * Returns where to write the record; the caller then leaves the ring, soon and on this
 * CPU. Returns NULL, having left the ring, when there is no room; *ret_wake is then
 * rp_ring_leave's answer.
 */
static inline void *rp_ring_take(struct rp_ring *ring, __u32 len, int *ret_wake)
{
	__u32 old, tail, used, left, pad;
	struct rp_rec *rec;

	do {
		RP_RING_POINT(ring);
		old = RP_RING_READ(ring->reserved);
		RP_RING_POINT(ring);
		tail = RP_RING_LOAD_ACQUIRE(&ring->control->tail);	/* A */
		used = old - tail;
		left = ring->size - (old & (ring->size - 1));
		pad = left < len ? left : 0;
		RP_RING_POINT(ring);
		if (used > ring->size || ring->size - used < len + pad) {
			ring->full = 1;
			RP_RING_BARRIER();
			*ret_wake = rp_ring_leave(ring);
			return NULL;
		}
	} while (RP_RING_CMPXCHG(&ring->reserved, old, old + pad + len) != old);

	RP_RING_POINT(ring);
	if (pad) {
		rec = (struct rp_rec *)(ring->data + (old & (ring->size - 1)));
		rec->size = pad;
		rec->type = RP_REC_PAD;
		rec->reserved = 0;
	}
	return ring->data + ((old + pad) & (ring->size - 1));
}

/* Enters the ring, too. */
static inline void *rp_ring_reserve(struct rp_ring *ring, __u32 len,
				    int *ret_wake)
{
	rp_ring_enter(ring);
	return rp_ring_take(ring, len, ret_wake);
}

#endif
