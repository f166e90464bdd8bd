// SPDX-License-Identifier: GPL-2.0
/*
 * A batch is as long as a message between two processes should be, so a long file is several
 * of them. Who answers with one may be under the control of whoever wrote the file: then it
 * may name that process's code as it likes, which the file could do as well, but it cannot
 * make the work longer than the file is, nor take a step back.
 */
#include "jit_batch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "jit_dump.h"
#include "jit_map.h"

#define RECORD_MAX	(sizeof(struct rp_jit_record) + RP_JIT_BATCH_NAME)
#define LINE_MIN	5u	/* "0 1 " and its end: bytes of a line besides the name */

_Static_assert(sizeof(struct rp_jit_mark) == 16, "no padding: it goes to another process");
_Static_assert(sizeof(struct rp_jit_job) == 40, "no padding: it goes to another process");
_Static_assert(sizeof(struct rp_jit_batch_head) == 32, "no padding: as above");
_Static_assert(sizeof(struct rp_jit_record) == 48, "no padding: as above");

/* ---- for who parses ------------------------------------------------------------ */

int rp_jit_batch_add(struct rp_jit_batch *b, const struct rp_jit_record *r, const char *name,
		     size_t len)
{
	struct rp_jit_record record = *r;

	len = strnlen(name, len < RP_JIT_BATCH_NAME ? len : RP_JIT_BATCH_NAME);
	if (sizeof(record) + len > RP_JIT_BATCH_MAX - b->size)
		return -ENOBUFS;
	record.bad = b->bad;
	record.len = (uint16_t)len;
	memcpy(b->data + b->size, &record, sizeof(record));
	memcpy(b->data + b->size + sizeof(record), name, len);
	b->size += sizeof(record) + len;
	b->bad = 0;
	return 0;
}

static enum rp_jit_end end_of(int err)
{
	switch (err) {
	case 0:
		return RP_JIT_END_FILE;
	case -EAGAIN:
		return RP_JIT_END_ALLOWANCE;
	case -ENOBUFS:
		return RP_JIT_END_ROOM;
	case -EBADMSG:
		return RP_JIT_END_FORMAT;
	default:
		return RP_JIT_END_ERROR;
	}
}

static void make(int fd, const struct rp_jit_job *job, uint8_t *buffer, struct rp_jit_batch *b)
{
	struct rp_jit_batch_head head = { .mark = job->mark, .allowance = job->allowance };
	struct rp_jit_input in = {
		.fd = fd, .size = job->size, .allowance = &head.allowance, .buffer = buffer,
	};
	int err;

	b->size = sizeof(head);
	err = job->is_dump ? rp_jit_dump_read(&head.mark, &in, b) :
			     rp_jit_map_read(&head.mark, &in, b);
	head.end = end_of(err);
	head.bad = b->bad;
	/* What was read behind it is read again, and should not count twice. */
	if (err == -ENOBUFS && in.at + in.len > head.mark.offset)
		head.allowance += in.at + in.len - head.mark.offset;
	if (head.allowance > job->allowance)
		head.allowance = job->allowance;
	memcpy(b->data, &head, sizeof(head));
}

int rp_jit_batch_make(int fd, const struct rp_jit_job *job, void **ret, size_t *ret_size)
{
	struct rp_jit_batch b = { .data = malloc(RP_JIT_BATCH_MAX) };
	uint8_t *buffer = malloc(RP_JIT_CHUNK);

	if (!b.data || !buffer) {
		free(b.data);
		free(buffer);
		return -ENOMEM;
	}
	make(fd, job, buffer, &b);
	free(buffer);
	*ret = b.data;
	*ret_size = b.size;
	return 0;
}

/* ---- for who takes it ---------------------------------------------------------- */

/* The record at *at, which is left behind it: its name, or NULL if it is not whole. */
static const char *next_record(const uint8_t *data, size_t size, size_t *at,
			       struct rp_jit_record *ret)
{
	const char *name;

	if (size - *at < sizeof(*ret))
		return NULL;
	memcpy(ret, data + *at, sizeof(*ret));
	if (size - *at - sizeof(*ret) < ret->len)
		return NULL;
	name = (const char *)data + *at + sizeof(*ret);
	*at += sizeof(*ret) + ret->len;
	return name;
}

/* What the job was told stays, and what goes on goes forward. */
static bool mark_ok(const struct rp_jit_job *job, const struct rp_jit_mark *m)
{
	if (m->offset < job->mark.offset || m->offset > job->size || m->timed > 1 ||
	    m->in_long_line > 1)
		return false;
	if (!job->is_dump)
		return !m->pid && !m->timed;
	if (m->in_long_line)
		return false;
	return !job->mark.offset || (m->pid == job->mark.pid && m->timed == job->mark.timed);
}

static bool head_ok(const struct rp_jit_job *job, const struct rp_jit_batch_head *head,
		    size_t size)
{
	if (head->end >= RP_JIT_ENDS_NR || head->allowance > job->allowance)
		return false;
	if (head->end == RP_JIT_END_ALLOWANCE && head->allowance)
		return false;
	/* Else it could be asked for ever. */
	if (head->end == RP_JIT_END_ROOM && size < RP_JIT_BATCH_MAX - RECORD_MAX)
		return false;
	return mark_ok(job, &head->mark);
}

/* Bytes that it has at least in the file. */
static uint64_t least(const struct rp_jit_job *job, const struct rp_jit_record *r)
{
	if (r->is_move)
		return RP_JIT_DUMP_MOVE;
	return r->len + (job->is_dump ? RP_JIT_DUMP_LOAD : LINE_MIN);
}

static bool record_ok(const struct rp_jit_job *job, const struct rp_jit_batch_head *head,
		      const struct rp_jit_record *r, uint64_t before)
{
	if (r->is_move > job->is_dump || r->in_long_line > !job->is_dump ||
	    r->len > RP_JIT_BATCH_NAME || (r->is_move && r->len) || (!r->is_move && r->old))
		return false;
	if (r->since && !head->mark.timed)
		return false;
	return r->next <= head->mark.offset && r->next >= before &&
	       r->next - before >= least(job, r);
}

int rp_jit_batch_check(const struct rp_jit_job *job, const void *data, size_t size,
		       uint64_t *ret_allowance)
{
	uint64_t before = job->mark.offset, cost = 0;
	struct rp_jit_batch_head head;
	struct rp_jit_record r;
	size_t at = sizeof(head);

	if (size < sizeof(head) || size > RP_JIT_BATCH_MAX)
		return -EBADMSG;
	memcpy(&head, data, sizeof(head));
	if (!head_ok(job, &head, size))
		return -EBADMSG;
	while (at < size) {
		if (!next_record(data, size, &at, &r) || !record_ok(job, &head, &r, before))
			return -EBADMSG;
		before = r.next;
		cost += least(job, &r);
	}
	if (!job->is_dump)
		cost = head.mark.offset - job->mark.offset;
	cost = cost < job->allowance ? job->allowance - cost : 0;
	*ret_allowance = head.allowance < cost ? head.allowance : cost;
	return 0;
}

static int put(struct rp_jit_code *t, const struct rp_jit_record *r, const char *name)
{
	if (r->is_move)
		return rp_jit_code_move(t, r->old, r->start, r->size, r->since);
	return rp_jit_code_add(t, r->start, r->size, name, r->len, r->since);
}

int rp_jit_batch_take(const void *data, size_t size, struct rp_jit_code *t, rp_jit_room room,
		      void *arg, struct rp_jit_mark *mark, struct rp_jit_taken *counts)
{
	struct rp_jit_batch_head head;
	struct rp_jit_record r;
	size_t at = sizeof(head);
	const char *name;
	int err;

	memcpy(&head, data, sizeof(head));
	mark->pid = head.mark.pid;
	mark->timed = head.mark.timed;
	while (at < size) {
		name = next_record(data, size, &at, &r);
		do {
			err = put(t, &r, name);
		} while (err == -ENOSPC && room && room(arg));
		if (err && err != -EINVAL && err != -ENOENT)
			return err;
		counts->taken += !err;
		counts->bad += r.bad + (err != 0);
		mark->offset = r.next;
		mark->in_long_line = r.in_long_line;
	}
	counts->bad += head.bad;
	*mark = head.mark;
	return 0;
}
