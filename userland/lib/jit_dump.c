// SPDX-License-Identifier: GPL-2.0
/*
 * Every size in here is the file's word. A record's leads to the next one and is never
 * allocated, a name is looked for within what belongs to its record and is cut where it is
 * too long for anybody to read.
 */
#include "jit_dump.h"

#include <errno.h>
#include <string.h>

#define MAGIC		0x4A695444u
#define VERSION		1u
#define HEAD_MAX	4096u	/* bytes; it has 40 so far */
#define COUNTER_TIMES	1u

enum { LOAD, MOVE };

struct head {
	uint32_t magic, version, size, machine, pad, pid;
	uint64_t time, flags;
};

struct record {
	uint32_t kind, size;
	uint64_t time;
};

struct load {
	struct record rec;
	uint32_t pid, tid;
	uint64_t vma, address, size, index;
};

struct move {
	struct record rec;
	uint32_t pid, tid;
	uint64_t vma, old, new, size, index;
};

_Static_assert(sizeof(struct head) == 40, "the head of a jitdump");
_Static_assert(sizeof(struct record) == 16, "a record's head");
_Static_assert(sizeof(struct load) == RP_JIT_DUMP_LOAD, "a load record before its name");
_Static_assert(sizeof(struct move) == RP_JIT_DUMP_MOVE, "a move record");

/* 1: there; 0: not yet; -errno. */
static int get(struct rp_jit_input *in, uint64_t offset, void *ret, size_t size)
{
	size_t len;
	const uint8_t *p = rp_jit_input_view(in, offset, size, &len);

	if (!p)
		return -errno;
	if (len < size)
		return 0;
	memcpy(ret, p, size);
	return 1;
}

/* As get(), and -EBADMSG. */
static int read_head(struct rp_jit_mark *d, struct rp_jit_input *in)
{
	struct head h;
	int r = get(in, 0, &h, sizeof(h));

	if (r <= 0)
		return r;
	if (h.magic != MAGIC || h.version != VERSION || h.size < sizeof(h) ||
	    h.size > HEAD_MAX)
		return -EBADMSG;
	if (h.size > in->size)
		return 0;
	d->pid = h.pid;
	d->timed = !(h.flags & COUNTER_TIMES);
	d->offset = h.size;
	return 1;
}

/* It is passed over. */
static int pass(struct rp_jit_batch *b)
{
	b->bad++;
	return 0;
}

/* 0, also if it says nothing; -errno. */
static int take_load(const struct rp_jit_mark *d, struct rp_jit_input *in,
		     struct rp_jit_batch *b, uint32_t size)
{
	struct rp_jit_record r = { .next = d->offset + size };
	size_t room = size - sizeof(struct load), len;
	const uint8_t *name;
	struct load l;
	int err;

	if (size <= sizeof(l))
		return pass(b);
	err = get(in, d->offset, &l, sizeof(l));
	if (err <= 0)
		return err ? err : -EBADMSG;	/* it was there a moment ago */
	if (l.pid != d->pid || l.size > room)
		return pass(b);
	room -= (size_t)l.size;
	name = rp_jit_input_view(in, d->offset + sizeof(l),
				 room < RP_JIT_BATCH_NAME ? room : RP_JIT_BATCH_NAME, &len);
	if (!name)
		return -errno;
	r.start = l.address;
	r.size = l.size;
	r.since = d->timed ? l.rec.time : 0;
	return rp_jit_batch_add(b, &r, (const char *)name, len);
}

/* As take_load(). */
static int take_move(const struct rp_jit_mark *d, struct rp_jit_input *in,
		     struct rp_jit_batch *b, uint32_t size)
{
	struct rp_jit_record r = { .next = d->offset + size, .is_move = 1 };
	struct move m;
	int err;

	if (size < sizeof(m))
		return pass(b);
	err = get(in, d->offset, &m, sizeof(m));
	if (err <= 0)
		return err ? err : -EBADMSG;
	if (m.pid != d->pid)
		return pass(b);
	r.start = m.new;
	r.old = m.old;
	r.size = m.size;
	r.since = d->timed ? m.rec.time : 0;
	return rp_jit_batch_add(b, &r, "", 0);
}

/* As get(). */
static int take_record(struct rp_jit_mark *d, struct rp_jit_input *in, struct rp_jit_batch *b)
{
	struct record rec;
	int r = get(in, d->offset, &rec, sizeof(rec));

	if (r <= 0)
		return r;
	if (rec.size < sizeof(rec))
		return -EBADMSG;
	if (rec.size > in->size - d->offset)
		return 0;
	if (rec.kind == LOAD)
		r = take_load(d, in, b, rec.size);
	else if (rec.kind == MOVE)
		r = take_move(d, in, b, rec.size);
	else
		r = 0;
	if (r)
		return r;
	d->offset += rec.size;
	return 1;
}

int rp_jit_dump_read(struct rp_jit_mark *d, struct rp_jit_input *in, struct rp_jit_batch *b)
{
	int r = d->offset ? 1 : read_head(d, in);

	while (r > 0)
		r = take_record(d, in, b);
	return r;
}
