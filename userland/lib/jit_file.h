/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One perf map or jitdump of one process: read as far as it has come, and read on when it
 * has grown. It stays open in between, so that what was written last can be read when
 * the process, and with it the way to the file, is gone.
 *
 * Anew    Another file in its place, one that became shorter, or one in which something
 *         else stands where reading ended, is read from the beginning, and the names from
 *         before are gone.
 * Parser  In a jail, where there is one. A file that is the end of it, or makes it late or
 *         answer what cannot be, is the last one of its process that is looked at.
 * Bounds  A file is read up to RP_JIT_MAP_MAX or RP_JIT_DUMP_MAX; one that is larger when
 *         it is first seen is not read at all.
 */
#ifndef RP_JIT_FILE_H
#define RP_JIT_FILE_H

#include <stdbool.h>
#include <sys/types.h>

#include "jit_owner.h"
#include "jit_read.h"
#include "why.h"

#define RP_JIT_MAP_MAX	(256ull << 20)	/* bytes */
#define RP_JIT_DUMP_MAX	(4ull << 30)	/* bytes, most of which are code: passed over */
#define RP_JIT_TAIL	32

struct rp_jit_file {		/* all 0 but fd: nothing found yet */
	int fd;			/* -1: closed */
	bool is_dump;
	bool mapped;		/* found by a mapping of the process */
	bool wrong;		/* this one is not looked at again */
	bool given_up;		/* nor any other: it was its parser's end */
	dev_t dev;
	ino_t ino;
	struct rp_jit_code *code;	/* NULL: no names */
	struct rp_jit_mark mark;	/* how far code has it */
	struct rp_jit_taken counts;
	uint8_t tail[RP_JIT_TAIL];	/* what stands before where reading ended */
	size_t tail_len;
};

/* What all files of all processes share. */
struct rp_jit_reading {
	struct rp_jit_memory memory;
	uint64_t allowance;	/* bytes that may still be read in this window */
	struct rp_jail *jail;	/* NULL: files are parsed in this process */
	rp_jit_room room;	/* when memory is full; NULL: that is all */
	void *arg;
	char why[RP_WHY_SIZE];	/* of RP_JIT_PARSER: what happened */
};

/*
 * The file that is there now: fd, with its status, becomes the file's. If it is another one
 * than before, nothing is known of it.
 */
void rp_jit_file_found(struct rp_jit_file *f, int fd, dev_t dev, ino_t ino);

/* Reads what is new. RP_JIT_TAKEN, or why not (all of it). */
enum rp_jit_refusal rp_jit_file_read(struct rp_jit_file *f, const struct rp_jit_owner *o,
				     struct rp_jit_reading *r);

/* Closes it. What was read stays. */
void rp_jit_file_close(struct rp_jit_file *f);
/* Closes it and forgets all names. */
void rp_jit_file_forget(struct rp_jit_file *f);

#endif
