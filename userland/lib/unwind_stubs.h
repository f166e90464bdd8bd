/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Stubs for calls into other files, which linkers write (.plt and its like): what they
 * look like is part of the ABIs, and no linker describes them for arm64, lld for no
 * machine. A sample in one is not seldom where a program calls small functions.
 *
 * Sources: System V ABI, AMD64 supplement, 5.2 (procedure linkage table); ELF for the Arm
 * 64-bit architecture, appendix on linkage tables.
 */
#ifndef RP_UNWIND_STUBS_H
#define RP_UNWIND_STUBS_H

#include <stddef.h>
#include <stdint.h>

#include "elf_file.h"
#include "proto/unwind.h"
#include "unwind_text.h"

#define RP_UNWIND_STUBS_MAX 12	/* three for a section */

struct rp_unwind_stubs {
	uint64_t start, end;	/* offsets in the file */
	struct rp_unwind_rule rule;
};

/*
 * Fills at most RP_UNWIND_STUBS_MAX ranges, in no order, and returns how many; -ENOMEM.
 * Sections whose code is not what a linker writes have none.
 */
int rp_unwind_find_stubs(struct rp_elf_file *f, const struct rp_unwind_text *text,
			 struct rp_unwind_stubs *ret);

#endif
