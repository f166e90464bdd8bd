/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reading a perf map or jitdump on: its new part goes to a parser, in a jail where there is
 * one, and what comes from there into a table of code, batch by batch.
 */
#ifndef RP_JIT_READ_H
#define RP_JIT_READ_H

#include "jit_batch.h"

struct rp_jail;

struct rp_jit_source {
	int fd;
	bool is_dump;
	uint64_t size;		/* of the file: where reading ends; not less than the mark's */
	uint32_t pid;		/* who must have written a dump; 0: anybody */
	struct rp_jail *jail;	/* NULL: parsed in this process */
	uint64_t *allowance;	/* bytes that may still be read; shared */
	rp_jit_room room;	/* see rp_jit_batch_take() */
	void *arg;
	char *why;		/* if it is the parser's fault: the sentence. May be NULL */
	size_t why_size;
};

/*
 * Reads on from the mark, which is moved, and puts what is there into t. 0: all is read; or
 *	-EAGAIN		the allowance is used up, go on later
 *	-ENOSPC -ENOMEM	no room for more names, the same
 *	-EBADMSG	it is no such file, or from there on none
 *	-ESRCH		somebody else wrote it; nothing of it was taken
 *	-EIO		it cannot be read
 *	-EPROTO		parsing it ended badly, and would again
 *	-ECHILD		there is nobody to parse it, at the moment
 */
int rp_jit_read(const struct rp_jit_source *s, struct rp_jit_mark *mark, struct rp_jit_code *t,
		struct rp_jit_taken *counts);

#endif
