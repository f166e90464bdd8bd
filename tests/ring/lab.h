/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lab.h - a ring under observation: the bench on which the ring's cases run, the
 * same in the kernel (KUnit) and in user space (cmocka, sanitizers).
 *
 * rp_lab_produce plays a producer of one CPU. Wherever the ring's code could be
 * interrupted (RP_RING_POINT, and while a record is being written) the lab looks
 * whether everything is still true that must be, then calls `interrupt`, which may
 * produce records one level deeper (task, interrupt, NMI) or play the consumer
 * on another CPU. What is watched at every point:
 *	- the published head moves forward only, and never past a record that is
 *	  not complete;
 *	- a reservation is where it has to be, and nothing unread is overwritten;
 *	- what the reader gets are all committed records, each once, whole, in the
 *	  order of their reservation;
 *	- when the outermost producer has left, everything is published but for a record
 *	  that it left open, and a wake-up that was due has been asked for;
 *	- what is merged into an open record is in it when the reader gets it.
 * A failed check ends the case.
 *
 * The including harness defines, before it includes this header, what
 * ring_produce.h asks for (without RP_RING_POINT, which is the lab's), NULL,
 * memset, memcpy, memcmp, RP_LAB_PAUSE() (called now and then in long cases), and
 * RP_LAB_POISON(p, n), RP_LAB_UNPOISON(p, n) for memory that nobody may touch.
 */
#ifndef RP_LAB_H
#define RP_LAB_H

struct rp_ring;
static void rp_lab_point(struct rp_ring *ring);
#define RP_RING_POINT(ring) rp_lab_point(ring)
#include "proto/ring_produce.h"

#define RP_LAB_LEVELS 3		/* task, interrupt, NMI */
#define RP_LAB_DATA_MAX 8192u
#define RP_LAB_GUARD 64u
#define RP_LAB_MEMORY (3 * RP_LAB_GUARD + sizeof(struct rp_ring_control) + \
		       RP_LAB_DATA_MAX)
#define RP_LAB_RECORDS 1024u	/* more than a ring holds of the smallest */

enum rp_lab_consume {
	RP_LAB_READ_ALL,	/* fetch, all records, release */
	RP_LAB_FETCH,
	RP_LAB_READ_ONE,	/* one of the fetched records, not released */
	RP_LAB_RELEASE,
	RP_LAB_CONSUME_NR
};

struct rp_lab_record {
	__u32 start;		/* position, of its PAD if it has one */
	__u32 len;
	int complete;
	int open;		/* its producer wanted to leave it open */
	__u16 merges;		/* of others into it; the record says so, too */
};

struct rp_lab_producer {
	__u32 len;
	__u32 id;
	int placed;		/* has reserved; `id` is valid */
	unsigned int points;	/* that it has come through */
};

struct rp_lab {
	struct rp_ring ring;
	struct rp_reader reader;
	struct rp_ring_control *control;
	unsigned char *data;
	unsigned char *memory;	/* RP_LAB_MEMORY bytes, the harness's */
	void *harness;		/* the harness's own */

	/* What happens at a point, 0 being the producer's first; NULL: nothing. */
	void (*interrupt)(struct rp_lab *lab, unsigned int point);
	unsigned int level;	/* 0: nobody is producing */
	struct rp_lab_producer producers[RP_LAB_LEVELS + 1];
	unsigned int seen[RP_LAB_LEVELS + 1];	/* most points of a producer */
	unsigned int opens;	/* bit of a level: its producers leave their records open */
	unsigned int merges;	/* and merge into one that is open */
	int hostile;		/* the tail is garbage: records may be spoilt */
	int scribbled;		/* and so is the rest of the control page */

	struct rp_lab_record records[RP_LAB_RECORDS];	/* by id */
	__u32 next_id, read_id;
	__u32 known;		/* `reserved` up to the last placed record */
	__u32 last_head;
	__u32 woken_head;	/* what the last wake-up showed the reader */
	__u32 in_the_way;	/* reserved up to here when somebody found no room */
	__u64 bytes, spared;	/* published, merged */
	__u64 refused, wakes, merged;

	/* The plan that rp_lab_planned follows; the case fills it in. */
	__u64 inject[RP_LAB_LEVELS];	/* by level: bit k: at its point k */
	__u32 len[RP_LAB_LEVELS + 1];	/* by level */
	unsigned int points;		/* of all producers since rp_lab_open */
	unsigned int consume_at;	/* counted like `points`; ~0u: never */
	enum rp_lab_consume consume_how;
	__u32 random;
};

/* The harness's: reports and does not return. a, b: the values compared. */
static void rp_lab_fail(struct rp_lab *lab, const char *file, int line,
			const char *what, long long a, long long b)
	__attribute__((noreturn));

#define CHECK(lab, cond) \
	do { \
		if (!(cond)) \
			rp_lab_fail((lab), __FILE__, __LINE__, #cond, 0, 0); \
	} while (0)
#define CHECK_EQ(lab, a, b) \
	do { \
		long long a_ = (long long)(a), b_ = (long long)(b); \
		if (a_ != b_) \
			rp_lab_fail((lab), __FILE__, __LINE__, #a " == " #b, a_, b_); \
	} while (0)

/*
 * An empty ring of `size` data bytes whose positions begin at `start`, a multiple
 * of 8. Forgets everything of the ring before.
 */
static void rp_lab_open(struct rp_lab *lab, __u32 size, __u32 watermark, __u32 start);

/*
 * Produces a record of `len` bytes, one level above what is running. Returns
 * whether there was room.
 */
static int rp_lab_produce(struct rp_lab *lab, __u32 len);

/* What the consumer does; returns the number of records that it got. */
static unsigned int rp_lab_consume(struct rp_lab *lab, enum rp_lab_consume how);

/* Reads what is left and checks that nothing is missing and no guard damaged. */
static void rp_lab_settle(struct rp_lab *lab);

/* After hostile: a new reader starts at the head with a right control page. */
static void rp_lab_recover(struct rp_lab *lab);

/* An `interrupt`: does what the plan says. */
static void rp_lab_planned(struct rp_lab *lab, unsigned int point);

/* The next pseudo-random number: the same ones in every run. */
static __u32 rp_lab_random(struct rp_lab *lab);

#endif
