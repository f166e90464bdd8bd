/* SPDX-License-Identifier: GPL-2.0 */
/*
 * face.h - what the workers of facefuzz share.
 *
 * Workers are processes that share their open files but not their memory: they get
 * into each other's way in the module, and cannot overwrite each other's stacks when
 * they map and unmap at random. Each has a generator of its own, so that its choices
 * are the same for the same seed; what the others do meanwhile is not.
 *
 * What lies in struct face is shared memory, and read and written atomically.
 */
#ifndef RP_FACE_H
#define RP_FACE_H

#include "tests/tools/genl.h"
#include "tests/tools/stress.h"

#define FACE_SLOTS 16

enum face_what {
	FACE_MESSAGES,	/* netlink messages sent */
	FACE_DUMPS,	/* of them dumps that were left in the middle */
	FACE_CALLS,	/* system calls on the device, other than mmap and its like */
	FACE_MAPS,	/* mmap, munmap, mremap, mprotect, madvise ... */
	FACE_STORES,	/* into control pages; no operation of its own */
	FACE_SESSIONS,	/* sessions that were made to run */
	FACE_NR
};

struct face_slot {
	int fd;			/* of the device; -1: none */
	uint32_t session;
};

struct face {
	uint64_t limit;		/* operations */
	int failed;
	uint64_t counts[FACE_NR];
	struct face_slot slots[FACE_SLOTS];
};

extern struct face *face;

/* One worker's loop, until face_over. */
typedef void face_worker(uint64_t *random);
face_worker face_netlink, face_device, face_mapping, face_scribble;

/* Everything that was asked for has been done, or SIGTERM came. */
bool face_over(void);

/* Counts one. */
void face_did(enum face_what what);

/*
 * Says that something was answered with an error that nothing of the kind may give,
 * unless it is one of the n that may: a program ends with it, and facefuzz fails.
 */
void face_answer(const char *what, int error, const int *allowed, size_t nr);

/* Any slot's descriptor or session: perhaps -1, or closed by now. */
int face_fd(uint64_t *random);
uint32_t face_session(uint64_t *random);

/* A number with which something may go wrong. */
uint32_t face_number(uint64_t *random);

#endif
