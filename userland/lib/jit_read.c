// SPDX-License-Identifier: GPL-2.0
/*
 * A parser's word alone makes no room: whoever has control of one could have the names of
 * all other processes thrown away by that. So what it says of memory is its own failure.
 */
#include "jit_read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "jail_jit.h"

static int meaning(enum rp_jit_end end)
{
	switch (end) {
	case RP_JIT_END_FILE:
	case RP_JIT_END_ROOM:
		return 0;
	case RP_JIT_END_ALLOWANCE:
		return -EAGAIN;
	case RP_JIT_END_FORMAT:
		return -EBADMSG;
	default:
		return -EIO;
	}
}

static bool is_foreign(const struct rp_jit_source *s, const struct rp_jit_mark *m)
{
	return s->is_dump && s->pid && m->offset && m->pid != s->pid;
}

/* One batch. *ret_more: go on at once. */
static int read_batch(const struct rp_jit_source *s, struct rp_jit_mark *mark,
		      struct rp_jit_code *t, struct rp_jit_taken *counts, bool *ret_more)
{
	struct rp_jit_job job = {
		.mark = *mark, .size = s->size, .allowance = *s->allowance,
		.is_dump = s->is_dump,
	};
	struct rp_jit_batch_head head;
	void *data;
	size_t size;
	int err;

	err = rp_jail_jit(s->jail, s->fd, &job, &data, &size, s->allowance, s->why, s->why_size);
	if (err)
		return err == -EBADMSG ? -EPROTO : -ECHILD;
	memcpy(&head, data, sizeof(head));
	err = is_foreign(s, &head.mark) ? -ESRCH :
		rp_jit_batch_take(data, size, t, s->room, s->arg, mark, counts);
	free(data);
	if (err)
		return err;
	/* What is left is not what the parser says of it. */
	*ret_more = head.end == RP_JIT_END_ROOM && *s->allowance;
	return head.end == RP_JIT_END_ROOM && !*ret_more ? -EAGAIN : meaning(head.end);
}

int rp_jit_read(const struct rp_jit_source *s, struct rp_jit_mark *mark, struct rp_jit_code *t,
		struct rp_jit_taken *counts)
{
	bool more = true;
	int err = 0;

	while (!err && more)
		err = read_batch(s, mark, t, counts, &more);
	return err;
}
