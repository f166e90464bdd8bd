/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Unwind tables out of ELF files: from what compilers leave for exceptions and debuggers
 * (.eh_frame; .debug_frame for what that does not describe) to proto/unwind.h.
 *
 * Files   x86-64 and arm64, 64 bit, little endian, executables and shared libraries, on
 *	   a machine of any kind; a vDSO as an image in memory. Hostile ones cost no more
 *	   memory and time than their size and the limits allow.
 * Rows    Each function's as its description has it, reduced (unwind_rule.h); rule 0
 *	   between functions. Of two descriptions of the same code the first stands, and
 *	   .eh_frame's before .debug_frame's.
 * Beyond  A signal's return is known by its code; a description marked as a signal's
 *	   frame has to have it. It begins a byte early, since a walk looks a return
 *	   address up a byte before it. The program's entry point without a description
 *	   is a root; linkers' stubs without one are known by their sections.
 * Memory  The sections, 16 bytes a function, and the table twice.
 * Errors  -ENODATA there is nothing to make a table of; -ENOTSUP another machine or
 *	   class; otherwise as in elf_symbols.h. `why` gets a sentence with the name in
 *	   it. Outputs are untouched on failure.
 */
#ifndef RP_UNWIND_COMPILE_H
#define RP_UNWIND_COMPILE_H

#include "proto/unwind.h"
#include "unwind_reasons.h"

#include <stddef.h>
#include <stdint.h>

#define RP_UNWIND_FDES_MAX (4u << 20)

/* To be raised when tables of the same files say more: those that were kept are made anew. */
#define RP_UNWIND_COMPILER 1

/* Code for which the table says less than the file, or an entry that was not used. */
struct rp_unwind_listed {
	uint64_t offset;	/* in the file, or, of an entry, in its section */
	uint64_t address;	/* 0 if not known */
	uint64_t size;		/* bytes of code, 0 of an entry */
	enum rp_unwind_reason reason;
};

struct rp_unwind_stats {
	uint64_t fdes[2];	/* used: of .eh_frame, of .debug_frame */
	uint64_t signals, roots;	/* found without a description */
	uint64_t stubs;		/* bytes of linkers' stubs so found */
	uint64_t text;		/* bytes of code */
	uint64_t covered;	/* whose frames can be left (or are the last) */
	uint64_t unsaid;	/* that are described, but not in the table */
	uint64_t rows, rules;
	struct {
		uint64_t count;	/* ranges of code, or entries */
		uint64_t bytes;	/* of code */
	} reasons[RP_UNWIND_REASONS_NR];
};

struct rp_unwind_built {
	struct rp_unwind_table *table;
	size_t size;		/* of the table, bytes */
	struct rp_unwind_stats stats;
	struct rp_unwind_listed *listed;	/* in order of their places */
	size_t nr_listed;	/* not more than max_listed */
};

/* fd stays the caller's. max_listed: of ranges and entries in `listed`, 0 for none. */
int rp_unwind_compile_fd(int fd, const char *name, size_t max_listed,
			 struct rp_unwind_built *ret, char *why, size_t why_size);
/* The same from an image as the linker wrote it. */
int rp_unwind_compile_memory(const void *image, size_t size, const char *name,
			     size_t max_listed, struct rp_unwind_built *ret,
			     char *why, size_t why_size);
void rp_unwind_built_free(struct rp_unwind_built *b);

#endif
