/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All descriptions of functions in a file, in the order of their code.
 */
#ifndef RP_UNWIND_INDEX_H
#define RP_UNWIND_INDEX_H

#include "cfi_cies.h"
#include "elf_file.h"
#include "unwind_ledger.h"

enum { RP_UNWIND_EH, RP_UNWIND_DEBUG, RP_UNWIND_SECTIONS };

struct rp_unwind_place {
	uint64_t offset;	/* of the code, in the file */
	uint32_t at;		/* of the FDE, in its section */
	uint32_t section;
};

struct rp_unwind_index {
	struct rp_cfi_section sections[RP_UNWIND_SECTIONS];
	struct rp_cfi_cies cies[RP_UNWIND_SECTIONS];
	struct rp_unwind_place *places;
	size_t nr, room;
};

/* Of what is not usable each is noted. 0 or -ENOMEM; free it in both cases. */
int rp_unwind_index_begin(struct rp_unwind_index *ix, struct rp_elf_file *f,
			  const struct rp_unwind_text *text, struct rp_unwind_ledger *l);
void rp_unwind_index_free(struct rp_unwind_index *ix);

/* Reads the FDE at a place again, where it was found to be usable. */
void rp_unwind_index_read(struct rp_unwind_index *ix, const struct rp_unwind_place *place,
			  struct rp_cfi_fde *ret);

#endif
