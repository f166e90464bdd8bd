// SPDX-License-Identifier: GPL-2.0
/*
 * Distributions compress debugging data, to a third; inflated it may well be a hundred
 * times what a few names out of it need. So it is streamed: zlib's state of some 40 KiB is
 * all that is kept, once for where we are and once for each place to go back to.
 */
#include "debug_section.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "elf_file.h"
#include "newfile.h"

#define INPUT_SIZE	16384u
#define STEP_DEFAULT	65536u
#define MARK_BYTES	(256u << 10)	/* between two marks, at least */
#define RATIO_MAX	1100u		/* more than deflate can reach */
#define REPEATS_MAX	8u		/* how often all of a section may be inflated, */
#define REPEATS_MORE	(64u << 20)	/* and bytes besides */

struct mark {
	z_stream stream;
	uint64_t out, in;	/* bytes, from the section's and the stream's begin */
};

struct rp_debug_inflater {
	z_stream stream;	/* at `out` */
	bool running;
	uint64_t out, in;	/* in: the next input that is to be read */
	uint64_t head;		/* bytes before the stream */
	uint64_t left;		/* bytes that may still be inflated */
	uint64_t apart;		/* bytes between marks */
	struct mark marks[RP_DEBUG_MARKS];
	unsigned int nr_marks;
	uint8_t *input;		/* INPUT_SIZE bytes, and as many for what is skipped */
};

/* ---- as it lies there ------------------------------------------------------- */

static int read_stored(const struct rp_debug_section *s, uint64_t offset, void *buf,
		       size_t size)
{
	if (offset > s->stored || size > s->stored - offset)
		return -EBADMSG;
	if (!s->image)
		return rp_pread_all(s->fd, buf, size, s->offset + offset);
	memcpy(buf, s->image + s->offset + offset, size);
	return 0;
}

/* ---- inflating --------------------------------------------------------------- */

static int restart(struct rp_debug_inflater *z, uint64_t offset)
{
	const struct mark *best = NULL;
	unsigned int i;
	int r;

	for (i = 0; i < z->nr_marks; i++)
		if (z->marks[i].out <= offset && (!best || z->marks[i].out > best->out))
			best = &z->marks[i];
	if (z->running && z->out <= offset && (!best || best->out <= z->out))
		return 0;
	if (!z->input)
		z->input = malloc(2 * INPUT_SIZE);
	if (!z->input)
		return -ENOMEM;
	if (z->running)
		inflateEnd(&z->stream);
	memset(&z->stream, 0, sizeof(z->stream));
	r = best ? inflateCopy(&z->stream, (z_stream *)&best->stream) : inflateInit(&z->stream);
	z->running = r == Z_OK;
	/* The checksum is over all of it, which is mostly not read. */
	if (z->running)
		inflateValidate(&z->stream, 0);
	z->stream.avail_in = 0;
	z->out = best ? best->out : 0;
	z->in = best ? best->in : z->head;
	return z->running ? 0 : -ENOMEM;
}

/* Once in a while, behind what was marked so far. Without memory there is no mark. */
static void leave_mark(struct rp_debug_inflater *z)
{
	uint64_t last = z->nr_marks ? z->marks[z->nr_marks - 1].out : 0;
	struct mark *m = &z->marks[z->nr_marks];

	if (z->nr_marks == RP_DEBUG_MARKS || z->out < last + z->apart)
		return;
	if (inflateCopy(&m->stream, &z->stream) != Z_OK)
		return;
	m->out = z->out;
	m->in = z->in - z->stream.avail_in;
	z->nr_marks++;
}

/* Up to size bytes more to buf. Returns how many, 0 at the end, or -errno. */
static ssize_t inflate_some(struct rp_debug_section *s, void *buf, size_t size)
{
	struct rp_debug_inflater *z = s->inflater;
	uint64_t rest;
	int r;

	if (!z->stream.avail_in) {
		rest = s->stored - z->in;
		z->stream.next_in = z->input;
		z->stream.avail_in = rest < INPUT_SIZE ? rest : INPUT_SIZE;
		r = read_stored(s, z->in, z->input, z->stream.avail_in);
		if (r || !rest)
			return r;
		z->in += z->stream.avail_in;
	}
	z->stream.next_out = buf;
	z->stream.avail_out = size;
	r = inflate(&z->stream, Z_NO_FLUSH);
	size -= z->stream.avail_out;
	z->out += size;
	if (r == Z_MEM_ERROR)
		return -ENOMEM;
	if (r != Z_OK && r != Z_STREAM_END && r != Z_BUF_ERROR)
		return -EBADMSG;
	if (size > z->left)
		return -EFBIG;
	z->left -= size;
	leave_mark(z);
	if (!size && r != Z_STREAM_END && z->in < s->stored)
		return inflate_some(s, buf, z->stream.avail_out);
	return size;
}

static int read_inflated(struct rp_debug_section *s, uint64_t offset, uint8_t *buf,
			 size_t size)
{
	struct rp_debug_inflater *z = s->inflater;
	uint64_t skip;
	ssize_t n;
	int r = restart(z, offset);

	while (!r && z->out < offset) {
		skip = offset - z->out;
		n = inflate_some(s, z->input + INPUT_SIZE, skip < INPUT_SIZE ? skip : INPUT_SIZE);
		r = n > 0 ? 0 : n < 0 ? (int)n : -EBADMSG;
	}
	while (!r && size) {
		n = inflate_some(s, buf, size < MARK_BYTES ? size : MARK_BYTES);
		r = n > 0 ? 0 : n < 0 ? (int)n : -EBADMSG;
		if (!r) {
			buf += n;
			size -= n;
		}
	}
	return r;
}

static int inflater_open(struct rp_debug_section *s, const struct rp_elf_file *f)
{
	uint8_t raw[sizeof(Elf64_Chdr)];
	struct rp_dwarf_cursor c = { .at = raw };
	size_t head = f->is_64 ? sizeof(Elf64_Chdr) : sizeof(Elf32_Chdr);
	struct rp_debug_inflater *z;
	int r = read_stored(s, 0, raw, head);

	if (r)
		return r;
	c.end = raw + head;
	if (rp_dwarf_fixed(&c, 4) != ELFCOMPRESS_ZLIB)
		return -ENOTSUP;
	if (f->is_64)
		rp_dwarf_skip(&c, 4);
	s->size = rp_dwarf_fixed(&c, f->is_64 ? 8 : 4);
	if (s->size > RP_DEBUG_INFLATED_MAX)
		return -EFBIG;
	if (s->size / RATIO_MAX > s->stored)
		return -EBADMSG;
	z = calloc(1, sizeof(*z));
	if (!z)
		return -ENOMEM;
	z->head = head;
	z->apart = s->size / RP_DEBUG_MARKS > MARK_BYTES ? s->size / RP_DEBUG_MARKS : MARK_BYTES;
	s->inflater = z;
	rp_debug_section_allow(s);
	return 0;
}

/* ---- for callers --------------------------------------------------------------- */

int rp_debug_section_open(struct rp_elf_file *f, const char *name, struct rp_debug_section *ret)
{
	struct rp_debug_section s = { .fd = f->fd, .image = f->image };
	const GElf_Shdr *sh;
	int r = rp_elf_file_section(f, name, &sh);

	if (!r && sh) {
		s.offset = sh->sh_offset;
		s.stored = s.size = sh->sh_size;
		if (s.offset > f->size || s.stored > f->size - s.offset)
			return -EBADMSG;
		if (s.stored > RP_DEBUG_SECTION_MAX)
			return -EFBIG;
		if (sh->sh_flags & SHF_COMPRESSED)
			r = inflater_open(&s, f);
	}
	if (!r)
		*ret = s;
	return r;
}

void rp_debug_section_rest(struct rp_debug_section *s)
{
	struct rp_debug_inflater *z = s->inflater;
	unsigned int i;

	if (!z)
		return;
	for (i = 0; i < z->nr_marks; i++)
		inflateEnd(&z->marks[i].stream);
	z->nr_marks = 0;
	if (z->running)
		inflateEnd(&z->stream);
	z->running = false;
	free(z->input);
	z->input = NULL;
}

size_t rp_debug_section_bytes(const struct rp_debug_section *s)
{
	return s->inflater ? sizeof(*s->inflater) : 0;
}

void rp_debug_section_close(struct rp_debug_section *s)
{
	rp_debug_section_rest(s);
	free(s->inflater);
	*s = (struct rp_debug_section){ .fd = -1 };
}

void rp_debug_section_allow(struct rp_debug_section *s)
{
	if (s->inflater)
		s->inflater->left = s->size * REPEATS_MAX + REPEATS_MORE;
}

int rp_debug_section_read(struct rp_debug_section *s, uint64_t offset, void *buf, size_t size)
{
	if (offset > s->size || size > s->size - offset)
		return -EBADMSG;
	return s->inflater ? read_inflated(s, offset, buf, size) :
			     read_stored(s, offset, buf, size);
}

static bool make_room(struct rp_debug_view *v, size_t size)
{
	uint8_t *bytes;

	if (size <= v->room)
		return true;
	bytes = realloc(v->bytes, size);
	if (!bytes)
		return false;
	v->bytes = bytes;
	v->room = size;
	return true;
}

/*
 * What the window has already of it is kept: reading on in a stream must not go back.
 */
static bool move_to(struct rp_debug_view *v, uint64_t offset, size_t least)
{
	size_t step = v->step ? v->step : STEP_DEFAULT, have = 0;
	uint64_t left = v->section->size - offset;
	size_t size = least > step ? least : step;

	if (size > left)
		size = left;
	if (!make_room(v, size))
		return false;
	if (offset >= v->start && offset < v->start + v->size) {
		have = v->start + v->size - offset;
		memmove(v->bytes, v->bytes + (offset - v->start), have);
	}
	v->start = offset;
	v->size = 0;
	if (have < size &&
	    rp_debug_section_read(v->section, offset + have, v->bytes + have, size - have))
		return false;
	v->size = have > size ? have : size;
	return true;
}

struct rp_dwarf_cursor rp_debug_view_at(struct rp_debug_view *v, uint64_t offset, size_t least)
{
	struct rp_dwarf_cursor none = { .bad = true };
	uint64_t end = v->start + v->size;

	if (offset > v->section->size)
		return none;
	if (least > v->section->size - offset)
		least = v->section->size - offset;
	if ((offset < v->start || offset > end || end - offset < least) &&
	    !move_to(v, offset, least))
		return none;
	if (!v->bytes)		/* nothing was asked of an empty section */
		return (struct rp_dwarf_cursor){ .bad = false };
	return (struct rp_dwarf_cursor){ .at = v->bytes + (offset - v->start),
					 .end = v->bytes + v->size };
}

struct rp_dwarf_cursor rp_debug_view_within(struct rp_debug_view *v, uint64_t offset,
					    size_t least, uint64_t end)
{
	struct rp_dwarf_cursor c = rp_debug_view_at(v, offset, least);

	if (rp_dwarf_left(&c) > end - offset)
		c.end = c.at + (end - offset);
	return c;
}

const char *rp_debug_view_string(struct rp_debug_view *v, uint64_t offset, size_t *ret_len)
{
	struct rp_dwarf_cursor c;
	const uint8_t *nul;
	size_t least;

	for (least = 256; least <= RP_DEBUG_STRING_MAX; least *= 16) {
		c = rp_debug_view_at(v, offset, least);
		if (c.bad)
			return NULL;
		nul = c.at < c.end ? memchr(c.at, 0, c.end - c.at) : NULL;
		if (nul) {
			*ret_len = nul - c.at;
			return (const char *)c.at;
		}
	}
	return NULL;
}

void rp_debug_view_close(struct rp_debug_view *v)
{
	free(v->bytes);
	*v = (struct rp_debug_view){ .section = v->section };
}
