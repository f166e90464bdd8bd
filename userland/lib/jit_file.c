// SPDX-License-Identifier: GPL-2.0
/*
 * A runtime only appends; but whoever owns the file may do anything to it, and some
 * programs begin their map anew in the same file. The last bytes that were read tell that
 * apart from growth, at the cost of one small read.
 */
#include "jit_file.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define GARBAGE_LINES	1000	/* without one that is right: this is no map */

static void begin_anew(struct rp_jit_file *f)
{
	rp_jit_code_free(f->code);
	f->code = NULL;
	f->mark = (struct rp_jit_mark){ 0 };
	f->counts = (struct rp_jit_taken){ 0 };
	f->tail_len = 0;
	f->wrong = false;
}

void rp_jit_file_close(struct rp_jit_file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

void rp_jit_file_forget(struct rp_jit_file *f)
{
	rp_jit_file_close(f);
	begin_anew(f);
	f->given_up = false;
}

void rp_jit_file_found(struct rp_jit_file *f, int fd, dev_t dev, ino_t ino)
{
	if (f->dev != dev || f->ino != ino)
		begin_anew(f);
	rp_jit_file_close(f);
	f->fd = fd;
	f->dev = dev;
	f->ino = ino;
}

/* Does the file still hold what it held where reading ended? */
static bool is_same(const struct rp_jit_file *f, uint64_t size)
{
	uint64_t offset = f->mark.offset;
	uint8_t now[RP_JIT_TAIL];

	if (size < offset)
		return false;
	return pread(f->fd, now, f->tail_len, (off_t)(offset - f->tail_len)) ==
	       (ssize_t)f->tail_len && !memcmp(now, f->tail, f->tail_len);
}

static void keep_tail(struct rp_jit_file *f)
{
	uint64_t offset = f->mark.offset;
	size_t len = offset < RP_JIT_TAIL ? (size_t)offset : RP_JIT_TAIL;

	if (pread(f->fd, f->tail, len, (off_t)(offset - len)) != (ssize_t)len)
		len = 0;	/* shorter already: that will be seen */
	f->tail_len = len;
}

static enum rp_jit_refusal refusal_of(int err)
{
	switch (err) {
	case 0:
		return RP_JIT_TAKEN;
	case -EBADMSG:
		return RP_JIT_FORMAT;
	case -ENOSPC:
	case -ENOMEM:
		return RP_JIT_MEMORY;
	case -EAGAIN:
		return RP_JIT_LATER;
	case -ESRCH:
		return RP_JIT_PROCESS;
	case -EPROTO:
	case -ECHILD:
		return RP_JIT_PARSER;
	default:
		return RP_JIT_ACCESS;
	}
}

static enum rp_jit_refusal read_on(struct rp_jit_file *f, const struct rp_jit_owner *o,
				   struct rp_jit_reading *r, uint64_t size)
{
	/* A dump that its process has not mapped might be anybody's: its head says whose. */
	const struct rp_jit_source source = {
		.fd = f->fd, .is_dump = f->is_dump, .size = size, .pid = f->mapped ? 0 : o->pid,
		.jail = r->jail, .allowance = &r->allowance, .room = r->room, .arg = r->arg,
		.why = r->why, .why_size = sizeof(r->why),
	};
	int err;

	if (!f->code)
		f->code = rp_jit_code_new(&r->memory);
	if (!f->code)
		return RP_JIT_MEMORY;
	err = rp_jit_read(&source, &f->mark, f->code, &f->counts);
	keep_tail(f);
	if (err == -ESRCH)
		begin_anew(f);
	if ((!err || err == -EAGAIN) && !f->is_dump && !f->counts.taken &&
	    f->counts.bad >= GARBAGE_LINES)
		err = -EBADMSG;
	f->wrong = err == -EBADMSG || err == -ESRCH;
	f->given_up = err == -EPROTO;
	return refusal_of(err);
}

enum rp_jit_refusal rp_jit_file_read(struct rp_jit_file *f, const struct rp_jit_owner *o,
				     struct rp_jit_reading *r)
{
	uint64_t max = f->is_dump ? RP_JIT_DUMP_MAX : RP_JIT_MAP_MAX, size;
	enum rp_jit_refusal why;
	struct stat st;

	if (fstat(f->fd, &st))
		return RP_JIT_ACCESS;
	size = (uint64_t)st.st_size;
	if (!is_same(f, size))
		begin_anew(f);
	if (f->wrong || f->given_up || size == f->mark.offset)
		return RP_JIT_TAKEN;	/* its reason was told */
	if (size > max && !f->mark.offset) {
		f->wrong = true;
		return RP_JIT_SIZE;
	}
	why = read_on(f, o, r, size < max ? size : max);
	return why == RP_JIT_TAKEN && size > max ? RP_JIT_SIZE : why;
}
