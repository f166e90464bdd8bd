/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Code that a program made at run time: which function has which addresses, and since
 * when. Filled from what perf maps and jitdumps say (jit_batch.h).
 *
 * Order   What is added later replaces, byte by byte, what was there: of a function that
 *         is partly overwritten the rest keeps its name. A runtime that uses memory again
 *         announces all that it puts there.
 * Time    An addition may say since when (CLOCK_MONOTONIC, ns; 0: not known, it
 *         counts as always). What it replaces is then kept, for times before that, up
 *         to RP_JIT_REPLACED_MAX pieces of a table and until it is forgotten.
 * Memory  All tables that share a struct rp_jit_memory together take at most its max;
 *         what is over that is refused (-ENOSPC).
 * Threads One at a time.
 */
#ifndef RP_JIT_CODE_H
#define RP_JIT_CODE_H

#include <stddef.h>
#include <stdint.h>

#define RP_JIT_NAME_MAX		1024u	/* bytes; a longer name is cut */
#define RP_JIT_REPLACED_MAX	4096u

struct rp_jit_code;

struct rp_jit_memory {
	size_t used, max;	/* bytes */
};

struct rp_jit_symbol {
	uint32_t refs;		/* private */
	char name[];		/* UTF-8 without control characters, never empty */
};

/* memory outlives the table. NULL without memory. */
struct rp_jit_code *rp_jit_code_new(struct rp_jit_memory *memory);
void rp_jit_code_free(struct rp_jit_code *t);

/*
 * [start, start + size) is the function called name, len bytes of any kind, since then.
 * 0; -EINVAL: no addresses, beyond the last one, or no name; -ENOSPC: over the limit of
 * memory; -ENOMEM. The table stays as it was on failure.
 */
int rp_jit_code_add(struct rp_jit_code *t, uint64_t start, uint64_t size, const char *name,
		    size_t len, uint64_t since);

/*
 * What was at old is at new since then. -ENOENT: nothing was at old. Else as above, but
 * that without memory the old place may have lost its name.
 */
int rp_jit_code_move(struct rp_jit_code *t, uint64_t old, uint64_t new, uint64_t size,
		     uint64_t since);

/*
 * What was at the address at that time (0: now). If nothing is known of that time, what
 * came there next: some runtimes tell of code after it has run. NULL: nothing. Holds until
 * the next addition, move or rp_jit_code_forget().
 */
const struct rp_jit_symbol *rp_jit_code_find(const struct rp_jit_code *t, uint64_t address,
					     uint64_t time);

/* Nobody will ask for times before that any more. */
void rp_jit_code_forget(struct rp_jit_code *t, uint64_t before);

/* Pieces of code with a name, now. */
uint64_t rp_jit_code_nr(const struct rp_jit_code *t);

#endif
