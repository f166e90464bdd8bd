/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A section of debugging data in a hostile file, read in pieces: as it lies there or
 * compressed by zlib (SHF_COMPRESSED), in memory that does not grow with its size.
 *
 * Compressed ones are inflated as far as is asked for; who goes back goes on from the
 * nearest of at most RP_DEBUG_MARKS places that were remembered on the way, so ascending
 * offsets are cheapest. What inflating may come to in all is limited.
 *
 * Errors  -EBADMSG behind the section's end, or a stream that is corrupt; -EFBIG over
 *         RP_DEBUG_SECTION_MAX, or too much inflated; -ENOTSUP compressed by something
 *         else than zlib; -ENOMEM; or errno of the read.
 * Threads One at a time.
 */
#ifndef RP_DEBUG_SECTION_H
#define RP_DEBUG_SECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dwarf_cursor.h"

#define RP_DEBUG_SECTION_MAX	(16ull << 30)	/* bytes, as it lies there */
#define RP_DEBUG_INFLATED_MAX	(1ull << 30)	/* bytes, inflated */
#define RP_DEBUG_MARKS		24		/* of some 40 KiB each */

struct rp_elf_file;
struct rp_debug_inflater;

struct rp_debug_section {
	int fd;				/* or, if image is there, unused */
	const uint8_t *image;		/* of the file */
	uint64_t offset;		/* in the file */
	uint64_t stored;		/* bytes there */
	uint64_t size;			/* bytes, inflated; 0: there is none */
	struct rp_debug_inflater *inflater;	/* NULL: not compressed */
};

/*
 * The section of that name; size 0 if the file has none. The file's descriptor or image is
 * used until rp_debug_section_close().
 */
int rp_debug_section_open(struct rp_elf_file *f, const char *name,
			  struct rp_debug_section *ret);
void rp_debug_section_close(struct rp_debug_section *s);

/* Lets go of what going on or back in a stream takes; the next read begins anew. */
void rp_debug_section_rest(struct rp_debug_section *s);
/* Memory that it takes while it rests. */
size_t rp_debug_section_bytes(const struct rp_debug_section *s);
/* What may be inflated begins anew: once for each of what a caller asks. */
void rp_debug_section_allow(struct rp_debug_section *s);

int rp_debug_section_read(struct rp_debug_section *s, uint64_t offset, void *buf, size_t size);

/* A window on a section; all 0 but the section: empty. */
struct rp_debug_view {
	struct rp_debug_section *section;
	uint8_t *bytes;
	uint64_t start;			/* in the section, of bytes[0] */
	size_t size, room;
	size_t step;			/* bytes read at once, at least; 0: 64 KiB */
};

/*
 * What there is from offset on: `least` bytes or more, fewer only at the section's end or
 * where it cannot be read (then *c is empty and bad). It holds until the next call.
 */
struct rp_dwarf_cursor rp_debug_view_at(struct rp_debug_view *v, uint64_t offset,
					size_t least);
/* The same of a part that ends at `end`, at or behind offset: nothing behind that. */
struct rp_dwarf_cursor rp_debug_view_within(struct rp_debug_view *v, uint64_t offset,
					    size_t least, uint64_t end);
/* Makes `least` bytes or more be left of a cursor of this window, as above. */
static inline void rp_debug_view_on(struct rp_debug_view *v, struct rp_dwarf_cursor *c,
				    size_t least)
{
	if (rp_dwarf_left(c) < least && !c->bad)
		*c = rp_debug_view_at(v, v->start + (uint64_t)(c->at - v->bytes), least);
}
/* The offset in the section of a place in the window. */
static inline uint64_t rp_debug_view_offset(const struct rp_debug_view *v, const uint8_t *at)
{
	return v->start + (uint64_t)(at - v->bytes);
}
/* The string there, with its length; NULL: none that ends within RP_DEBUG_STRING_MAX. */
#define RP_DEBUG_STRING_MAX 65536u
const char *rp_debug_view_string(struct rp_debug_view *v, uint64_t offset, size_t *ret_len);
void rp_debug_view_close(struct rp_debug_view *v);

#endif
