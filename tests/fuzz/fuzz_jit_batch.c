// SPDX-License-Identifier: GPL-2.0
/*
 * Any bytes as a job and as what a parser of perf maps and jitdumps answers to it, one that
 * a file has made its own: what is not refused can be taken, goes forward and not beyond the
 * file, is charged for, and ends by itself.
 *
 * seconds: 20
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "jit_batch.h"

#define MEMORY 200000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool no_room(void *arg)
{
	(*(unsigned int *)arg)++;
	return false;
}

static void take(const struct rp_jit_job *job, const uint8_t *data, size_t size)
{
	struct rp_jit_memory memory = { .max = MEMORY };
	struct rp_jit_code *t = rp_jit_code_new(&memory);
	struct rp_jit_mark mark = job->mark;
	struct rp_jit_taken counts = { 0 };
	unsigned int asked = 0;
	int err = rp_jit_batch_take(data, size, t, no_room, &asked, &mark, &counts);

	if ((err && err != -ENOSPC) || (err == -ENOSPC && !asked) || memory.used > memory.max)
		abort();
	if (mark.offset < job->mark.offset || mark.offset > job->size)
		abort();
	/* A piece of code has a line or a record. */
	if (counts.taken > (mark.offset - job->mark.offset) / 5)
		abort();
	rp_jit_code_free(t);
	if (memory.used)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rp_jit_batch_head head;
	struct rp_jit_job job;
	uint64_t allowance;

	if (size < sizeof(job))
		return 0;
	memcpy(&job, data, sizeof(job));
	job.is_dump &= 1;
	if (job.size < job.mark.offset)
		job.size = job.mark.offset;
	data += sizeof(job);
	size -= sizeof(job);
	if (rp_jit_batch_check(&job, data, size, &allowance))
		return 0;
	memcpy(&head, data, sizeof(head));
	if (allowance > job.allowance || allowance > head.allowance ||
	    (head.end == RP_JIT_END_ROOM && size < RP_JIT_BATCH_MAX / 2))
		abort();
	take(&job, data, size);
	return 0;
}
