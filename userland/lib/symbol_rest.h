/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rest of a large file in the symbol cache, of whose functions no more are read than were
 * asked for (elf_symbols.h, RP_ELF_PICK_FROM). Private to symbol_cache.c.
 *
 * The file stays open: addresses are asked for when a window is closed, and by then it may
 * be gone. RP_SYMBOL_REST_FILES of them at most; further ones are read as a whole.
 */
#ifndef RP_SYMBOL_REST_H
#define RP_SYMBOL_REST_H

#include <stdbool.h>

#include "elf_symbols.h"
#include "jail.h"

#define RP_SYMBOL_REST_FILES 64u

struct rp_symbol_rest {
	int fd;			/* -1: there is none: all was read, or it is given up */
	struct rp_jail *jail;	/* or NULL: it is read in this process */
	char *name;		/* for messages */
	uint64_t *asked;	/* addresses, ascending, also those without a name */
	size_t nr;
};

/* What a table is to be read for at first: NULL: all of it; or no address at all yet. */
const struct rp_elf_wanted *rp_symbol_rest_first(void);

/*
 * Of a table that has been read so. If the file cannot be kept open, nothing more can be had of
 * it. fd stays the caller's.
 */
void rp_symbol_rest_open(struct rp_symbol_rest *r, const struct rp_elf_symbols *table,
			 struct rp_jail *jail, int fd, const char *name);
void rp_symbol_rest_close(struct rp_symbol_rest *r);

/*
 * Adds to the table the functions of addresses (ascending) that were not asked for yet. problem
 * keeps the first thing to be said of any file. 0 or -ENOMEM; a file that cannot be read is
 * given up, and its addresses are without a name.
 */
int rp_symbol_rest_find(struct rp_symbol_rest *r, struct rp_elf_symbols *table,
			const uint64_t *addresses, size_t nr, char *problem, size_t size);
size_t rp_symbol_rest_bytes(const struct rp_symbol_rest *r);

#endif
