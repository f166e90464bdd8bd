/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a compilation says of itself: bytes, and each reason for saying less, counted and
 * listed.
 */
#ifndef RP_UNWIND_LEDGER_H
#define RP_UNWIND_LEDGER_H

#include "unwind_compile.h"
#include "unwind_text.h"

struct rp_unwind_ledger {
	struct rp_unwind_stats stats;
	const struct rp_unwind_text *text;
	struct rp_unwind_listed *listed;
	size_t nr, room, max;
	uint64_t end[RP_UNWIND_REASONS_NR];	/* of the last range of each reason */
	size_t last[RP_UNWIND_REASONS_NR];	/* where it is listed, + 1 */
	bool failed;				/* no memory */
};

/* Code [start, end) of the file, for which less is said; SAID is no reason. */
void rp_unwind_note_code(struct rp_unwind_ledger *l, enum rp_unwind_reason reason,
			 uint64_t start, uint64_t end);
/* An entry of a section that is not used, or not wholly; address: of its code, or 0. */
void rp_unwind_note_entry(struct rp_unwind_ledger *l, enum rp_unwind_reason reason,
			  uint64_t at, uint64_t address);

#endif
