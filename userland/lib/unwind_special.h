/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Code that is known by what it is, not by a description: the return from a signal's
 * handler, by its instructions, the program's entry point, by the ELF header, and linkers'
 * stubs (unwind_stubs.h).
 */
#ifndef RP_UNWIND_SPECIAL_H
#define RP_UNWIND_SPECIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "elf_file.h"
#include "unwind_stubs.h"
#include "unwind_text.h"

#define RP_UNWIND_SIGNALS_MAX	256	/* of a file; later ones are not seen */
#define RP_UNWIND_SPECIALS_MAX	(RP_UNWIND_SIGNALS_MAX + RP_UNWIND_STUBS_MAX + 1)
#define RP_UNWIND_ENTRY_MAX	4096	/* bytes of an entry point, if a symbol says */
#define RP_UNWIND_ENTRY_GUESS	128	/* and if none does: no one's is longer */

enum rp_unwind_special_kind { RP_UNWIND_SIGNAL, RP_UNWIND_STUBS, RP_UNWIND_ENTRY };

struct rp_unwind_special {
	uint64_t start, end;	/* offsets in the file */
	enum rp_unwind_special_kind kind;
	struct rp_unwind_rule rule;
};

struct rp_unwind_specials {
	struct rp_unwind_special at[RP_UNWIND_SPECIALS_MAX];	/* by start */
	size_t nr;
};

/* 0 or -ENOMEM. Parts of the file that cannot be read hold none. */
int rp_unwind_find_specials(struct rp_elf_file *f, const struct rp_unwind_text *text,
			    struct rp_unwind_specials *ret);

/* Whether a signal's return lies in [start, end), and the first one's place. */
bool rp_unwind_signal_in(const struct rp_unwind_specials *s, uint64_t start, uint64_t end,
			 uint64_t *ret);

#endif
