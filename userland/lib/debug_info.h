/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A file's debugging data (DWARF 2 to 5): the lines, and the inlined functions, of its
 * addresses.
 *
 * Many addresses are asked for at once: only the units that they are in are read, each
 * once, piece by piece, with pread and never by mmap. What stays in memory is an index of
 * the units (rp_debug_info_bytes()) and what was found (debug_places.h).
 *
 * Not followed, but told (rp_debug_info_said()): split DWARF (.dwo files), supplementary
 * files (.gnu_debugaltlink), sections that are compressed by something else than zlib.
 *
 * Hostile The file is the profiled process's: offsets, sizes and depth are checked and
 *	   limited, and so is the work that one call does. What is over a limit or corrupt is
 *	   left out, and told.
 * Errors  -ENODATA it has no debugging data; -ENOTSUP some of a kind that is not read (big
 *	   endian, other compression); as in elf_symbols.h otherwise. Outputs are untouched
 *	   on failure.
 * Threads One at a time.
 */
#ifndef RP_DEBUG_INFO_H
#define RP_DEBUG_INFO_H

#include <stddef.h>
#include <stdint.h>

#include "debug_places.h"

#define RP_DEBUG_LINES		1u	/* file and line */
#define RP_DEBUG_INLINES	2u	/* functions, with those that were inlined */

struct rp_debug_info;
struct rp_debug_search;

/*
 * Of the file, or, if it has none of its own, of its separate debug file (debug_file.h; where
 * NULL: it is not looked for). fd stays the caller's, who may close it then; path is for
 * messages.
 */
int rp_debug_info_open(int fd, const char *path, const struct rp_debug_search *where,
		       struct rp_debug_info **ret, char *err, size_t err_size);
/* The same from an image in memory, which has to stay. */
int rp_debug_info_open_memory(const void *image, size_t size, const char *name,
			      struct rp_debug_info **ret, char *err, size_t err_size);
void rp_debug_info_close(struct rp_debug_info *i);
/*
 * Goes on with another descriptor of the file that the data are in, which is i's from then
 * on; -1: with none, until the next. For who keeps what is known of a file, but not the file.
 */
void rp_debug_info_use(struct rp_debug_info *i, int fd);

/*
 * Adds the places of addresses (vaddrs, ascending, none twice, none in places yet) as far
 * as they are known. what: RP_DEBUG_...; always the same for the same places.
 * 0 or -ENOMEM.
 */
int rp_debug_info_find(struct rp_debug_info *i, unsigned int what, const uint64_t *addresses,
		       size_t nr, struct rp_debug_places *places);

/* What could not be read or followed, as a sentence of at most size bytes with what to do
 * about it; false: nothing. */
bool rp_debug_info_said(const struct rp_debug_info *i, char *buf, size_t size);
size_t rp_debug_info_bytes(const struct rp_debug_info *i);

#endif
