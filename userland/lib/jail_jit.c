// SPDX-License-Identifier: GPL-2.0
/*
 * A jail is told the job as it is, and gives back a batch. It keeps nothing from one to the
 * next: how far a file was read is told to it each time.
 */
#include "jail_jit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "jail_private.h"
#include "why.h"

int rp_jail_jit(struct rp_jail *jail, int fd, const struct rp_jit_job *job, void **ret,
		size_t *ret_size, uint64_t *ret_allowance, char *why, size_t why_size)
{
	char text[RP_WHY_SIZE] = "";
	void *data = NULL;
	size_t size = 0;
	int err;

	if (jail)
		err = rp_jail_ask(jail, RP_JAIL_JIT, fd, job, sizeof(*job), NULL, NULL, &data,
				  &size, text, sizeof(text));
	else
		err = rp_jit_batch_make(fd, job, &data, &size);
	if (err) {
		rp_why(why, why_size, "%s", *text ? text : strerror(-err));
		return err;
	}
	err = rp_jit_batch_check(job, data, size, ret_allowance);
	if (err) {
		free(data);
		return rp_jail_disown(jail, why, why_size);
	}
	*ret = data;
	*ret_size = size;
	return 0;
}

int rp_jail_jit_work(int fd, const char *words, size_t size, struct rp_jail_result *ret)
{
	struct rp_jit_job job;

	if (size != sizeof(job))
		return -EINVAL;
	memcpy(&job, words, sizeof(job));
	if (job.is_dump > 1 || job.mark.offset > job.size)
		return -EINVAL;
	return rp_jit_batch_make(fd, &job, &ret->data, &ret->size);
}
