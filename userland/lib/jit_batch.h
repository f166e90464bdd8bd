/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What one look at a perf map or jitdump comes to: pieces of code with their names, and how
 * far it came. Written by who parses the file (jit_map.h, jit_dump.h), mostly in a jail;
 * who takes it believes nothing of it.
 *
 *	head	struct rp_jit_batch_head
 *	record	struct rp_jit_record, and its name's bytes; any number, with nothing between
 *
 * A record says where the file goes on behind it, so that what found no room is read again
 * from there.
 */
#ifndef RP_JIT_BATCH_H
#define RP_JIT_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "jit_code.h"

#define RP_JIT_BATCH_MAX (256u << 10)		/* bytes of a whole batch */
#define RP_JIT_BATCH_NAME (RP_JIT_NAME_MAX + 3)	/* bytes of a name: as many as are looked at */

/* How far a file was read. All 0: it was not. */
struct rp_jit_mark {
	uint64_t offset;	/* what begins there is not taken yet, or had no end */
	uint32_t pid;		/* of a dump with an offset: who wrote it, as it knew itself */
	uint8_t timed;		/* of a dump: its times are CLOCK_MONOTONIC */
	uint8_t in_long_line;	/* of a map: whose end is to be passed over */
	uint8_t unused[2];
};

/* What is to be read. */
struct rp_jit_job {
	struct rp_jit_mark mark;	/* from there */
	uint64_t size;		/* to there: the file's, not less than mark.offset */
	uint64_t allowance;	/* but not more than so many bytes, to the next chunk's end */
	uint32_t is_dump;
	uint32_t unused;
};

enum rp_jit_end {		/* why it ends */
	RP_JIT_END_FILE,	/* nothing whole is behind it */
	RP_JIT_END_ALLOWANCE,	/* is used up */
	RP_JIT_END_ROOM,	/* the batch is full: go on at once */
	RP_JIT_END_FORMAT,	/* this is no such file, or it is none from there on */
	RP_JIT_END_ERROR,	/* of reading */
	RP_JIT_ENDS_NR
};

struct rp_jit_batch_head {
	struct rp_jit_mark mark;	/* how far it came */
	uint64_t allowance;	/* what is left of it */
	uint32_t end;
	uint32_t bad;		/* passed over, with what was wrong, behind the last record */
};

struct rp_jit_record {
	uint64_t start, size;
	uint64_t old;		/* of a move: where it was; else 0 */
	uint64_t since;		/* CLOCK_MONOTONIC, ns; 0: not known */
	uint64_t next;		/* offset in the file behind it */
	uint32_t bad;		/* passed over before it, with what was wrong */
	uint16_t len;		/* bytes of the name; of a move 0 */
	uint8_t is_move;
	uint8_t in_long_line;	/* it was the beginning of one */
};

/* ---- for who parses ------------------------------------------------------------ */

struct rp_jit_batch {
	uint8_t *data;		/* RP_JIT_BATCH_MAX bytes */
	size_t size;		/* used; the head's from the beginning */
	uint32_t bad;		/* to go with the next record */
};

/* Adds one, its name cut to what is looked at. 0; -ENOBUFS: there is no room. */
int rp_jit_batch_add(struct rp_jit_batch *b, const struct rp_jit_record *r, const char *name,
		     size_t len);

/*
 * Does the job: a batch, to be freed, whatever the file is. 0 or -ENOMEM. No more of the
 * file than job->size is read.
 */
int rp_jit_batch_make(int fd, const struct rp_jit_job *job, void **ret, size_t *ret_size);

/* ---- for who takes it ---------------------------------------------------------- */

struct rp_jit_taken {		/* of a file, so far */
	uint64_t taken;		/* lines or records with a piece of code */
	uint64_t bad;		/* passed over, with what was wrong */
};

/* When there is no memory for a name: true if there is some more now. */
typedef bool (*rp_jit_room)(void *arg);

/*
 * Could it be the answer to the job? 0, with what is left of the allowance at least as
 * parsing must have cost; -EBADMSG.
 */
int rp_jit_batch_check(const struct rp_jit_job *job, const void *data, size_t size,
		       uint64_t *ret_allowance);

/*
 * Puts what is in a batch that was checked into t. mark is where the job began and becomes
 * how far t has it. 0; -ENOSPC, -ENOMEM: no room for more names. room: NULL, there is none
 * to be made.
 */
int rp_jit_batch_take(const void *data, size_t size, struct rp_jit_code *t, rp_jit_room room,
		      void *arg, struct rp_jit_mark *mark, struct rp_jit_taken *counts);

#endif
