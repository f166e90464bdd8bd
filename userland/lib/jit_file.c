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
	f->map = (struct rp_jit_map){ 0 };
	f->dump = (struct rp_jit_dump){ 0 };
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

static uint64_t *offset_of(struct rp_jit_file *f)
{
	return f->is_dump ? &f->dump.offset : &f->map.offset;
}

/* Does the file still hold what it held where reading ended? */
static bool is_same(struct rp_jit_file *f, uint64_t size)
{
	uint64_t offset = *offset_of(f);
	uint8_t now[RP_JIT_TAIL];

	if (size < offset)
		return false;
	return pread(f->fd, now, f->tail_len, (off_t)(offset - f->tail_len)) ==
	       (ssize_t)f->tail_len && !memcmp(now, f->tail, f->tail_len);
}

static void keep_tail(struct rp_jit_file *f)
{
	uint64_t offset = *offset_of(f);
	size_t len = offset < RP_JIT_TAIL ? (size_t)offset : RP_JIT_TAIL;

	if (pread(f->fd, f->tail, len, (off_t)(offset - len)) != (ssize_t)len)
		len = 0;	/* shorter already: that will be seen */
	f->tail_len = len;
}

static uint64_t taken(const struct rp_jit_file *f)
{
	return f->is_dump ? f->dump.records : f->map.lines;
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
	default:
		return RP_JIT_ACCESS;
	}
}

/* A dump that its process has not mapped might be anybody's: its head says whose. */
static bool is_foreign(const struct rp_jit_file *f, const struct rp_jit_owner *o)
{
	return f->is_dump && f->dump.offset && !f->mapped && f->dump.pid != o->pid;
}

static enum rp_jit_refusal read_on(struct rp_jit_file *f, const struct rp_jit_owner *o,
				   struct rp_jit_reading *r, uint64_t size)
{
	struct rp_jit_input in = {
		.fd = f->fd, .size = size, .allowance = &r->allowance, .buffer = r->buffer,
	};
	int err;

	if (!f->code)
		f->code = rp_jit_code_new(&r->memory);
	if (!f->code)
		return RP_JIT_MEMORY;
	err = f->is_dump ? rp_jit_dump_read(&f->dump, &in, f->code) :
			   rp_jit_map_read(&f->map, &in, f->code);
	keep_tail(f);
	if (is_foreign(f, o)) {
		begin_anew(f);
		f->wrong = true;
		return RP_JIT_PROCESS;
	}
	if (!f->is_dump && !f->map.lines && f->map.bad >= GARBAGE_LINES)
		err = -EBADMSG;
	f->wrong = err == -EBADMSG;
	return refusal_of(err);
}

enum rp_jit_refusal rp_jit_file_read(struct rp_jit_file *f, const struct rp_jit_owner *o,
				     struct rp_jit_reading *r, bool *ret_read)
{
	uint64_t max = f->is_dump ? RP_JIT_DUMP_MAX : RP_JIT_MAP_MAX, before, size;
	enum rp_jit_refusal why;
	struct stat st;

	if (fstat(f->fd, &st))
		return RP_JIT_ACCESS;
	size = (uint64_t)st.st_size;
	if (!is_same(f, size))
		begin_anew(f);
	if (f->wrong || size == *offset_of(f))
		return RP_JIT_TAKEN;	/* its reason was told */
	if (size > max && !*offset_of(f)) {
		f->wrong = true;
		return RP_JIT_SIZE;
	}
	before = taken(f);
	why = read_on(f, o, r, size < max ? size : max);
	*ret_read |= taken(f) != before;
	return why == RP_JIT_TAKEN && size > max ? RP_JIT_SIZE : why;
}
