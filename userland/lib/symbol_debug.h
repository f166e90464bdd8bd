/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The debugging data of a file in the symbol cache, and what was found there. Private to
 * symbol_cache.c.
 *
 * The file stays open: addresses are asked for when a window is closed, and by then it may
 * be gone. RP_SYMBOL_DEBUG_FILES of them at most, as many as a jail keeps an index of;
 * further ones are without.
 */
#ifndef RP_SYMBOL_DEBUG_H
#define RP_SYMBOL_DEBUG_H

#include "debug_file.h"
#include "debug_places.h"
#include "jail_places.h"

#define RP_SYMBOL_DEBUG_FILES RP_JAIL_PLACES_KEPT_NR
#define RP_SYMBOL_PLACES_BYTES ((size_t)64 << 20)	/* of one file; then it begins anew */

struct rp_symbol_debug {
	struct rp_jail_places *data;	/* NULL: it has none, or none that can be read */
	char *name;			/* for messages */
	struct rp_debug_places places;
};

/* jail NULL: read in this process. problem keeps the first thing to be said of any file. */
void rp_symbol_debug_open(struct rp_symbol_debug *d, struct rp_jail *jail, int fd,
			  const char *name, const struct rp_debug_search *where, char *problem,
			  size_t size);
void rp_symbol_debug_close(struct rp_symbol_debug *d);
/* Addresses ascend; those that are there already are passed over. 0 or -ENOMEM. */
int rp_symbol_debug_find(struct rp_symbol_debug *d, unsigned int what, const uint64_t *addresses,
			 size_t nr, char *problem, size_t size);
size_t rp_symbol_debug_bytes(const struct rp_symbol_debug *d);

#endif
