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
_Static_assert(sizeof(struct load) == 56, "a load record before its name");
_Static_assert(sizeof(struct move) == 64, "a move record");

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
static int read_head(struct rp_jit_dump *d, struct rp_jit_input *in)
{
	struct head h;
	int r = get(in, 0, &h, sizeof(h));

	if (r <= 0)
		return r;
	if (h.magic != MAGIC || h.version != VERSION || h.size < sizeof(h) ||
	    h.size > HEAD_MAX)
		return -EBADMSG;
	d->pid = h.pid;
	d->timed = !(h.flags & COUNTER_TIMES);
	d->offset = h.size;
	return 1;
}

/* What the code's table thinks of it: 0, or what ends the reading. */
static int count(struct rp_jit_dump *d, int err)
{
	if (err && err != -EINVAL && err != -ENOENT)
		return err;
	d->records += !err;
	d->bad += err != 0;
	return 0;
}

static int take_load(struct rp_jit_dump *d, struct rp_jit_input *in, struct rp_jit_code *t,
		     uint32_t size)
{
	size_t room = size - sizeof(struct load), len;
	const uint8_t *name;
	struct load l;
	int r;

	if (size <= sizeof(l))
		return count(d, -EINVAL);
	r = get(in, d->offset, &l, sizeof(l));
	if (r <= 0)
		return r ? r : -EBADMSG;	/* it was there a moment ago */
	if (l.pid != d->pid || l.size > room)
		return count(d, -EINVAL);
	room -= (size_t)l.size;
	name = rp_jit_input_view(in, d->offset + sizeof(l),
				 room < RP_JIT_NAME_MAX + 1 ? room : RP_JIT_NAME_MAX + 1, &len);
	if (!name)
		return -errno;
	return count(d, rp_jit_code_add(t, l.address, l.size, (const char *)name, len,
					d->timed ? l.rec.time : 0));
}

static int take_move(struct rp_jit_dump *d, struct rp_jit_input *in, struct rp_jit_code *t,
		     uint32_t size)
{
	struct move m;
	int r;

	if (size < sizeof(m))
		return count(d, -EINVAL);
	r = get(in, d->offset, &m, sizeof(m));
	if (r <= 0)
		return r ? r : -EBADMSG;
	if (m.pid != d->pid)
		return count(d, -EINVAL);
	return count(d, rp_jit_code_move(t, m.old, m.new, m.size,
					 d->timed ? m.rec.time : 0));
}

/* As get(). */
static int take_record(struct rp_jit_dump *d, struct rp_jit_input *in, struct rp_jit_code *t)
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
		r = take_load(d, in, t, rec.size);
	else if (rec.kind == MOVE)
		r = take_move(d, in, t, rec.size);
	else
		r = 0;
	if (r)
		return r;
	d->offset += rec.size;
	return 1;
}

int rp_jit_dump_read(struct rp_jit_dump *d, struct rp_jit_input *in, struct rp_jit_code *t)
{
	int r = d->offset ? 1 : read_head(d, in);

	while (r > 0)
		r = take_record(d, in, t);
	return r;
}
