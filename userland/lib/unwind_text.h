/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where a file's code is: its executable segments, between addresses and places in the
 * file.
 */
#ifndef RP_UNWIND_TEXT_H
#define RP_UNWIND_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "elf_file.h"

#define RP_UNWIND_SEGMENTS_MAX 64	/* files have one, rarely two or three */

struct rp_unwind_segment {
	uint64_t offset, address, size;
};

struct rp_unwind_text {
	struct rp_unwind_segment at[RP_UNWIND_SEGMENTS_MAX];	/* by offset, apart */
	size_t nr;
	uint64_t bytes;		/* of code: as sections have it, else segments */
};

/* What is cut off is left out; more segments than there may be, too. */
void rp_unwind_text_of(const struct rp_elf_file *f, struct rp_unwind_text *ret);

/* The segment that an address is in, or NULL. */
const struct rp_unwind_segment *rp_unwind_segment_of(const struct rp_unwind_text *t,
						     uint64_t address);

/* The address of a place in the file, which is in a segment; else 0. */
uint64_t rp_unwind_address_of(const struct rp_unwind_text *t, uint64_t offset);

#endif
