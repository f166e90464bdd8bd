/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What debugging data said of a batch of addresses, in one piece, for another process of this
 * same program (jail_places.h): in the host's byte order, no format for files.
 *
 * The addresses are not in it: who asked for them has them, in the same order.
 */
#ifndef RP_DEBUG_PLACES_PACK_H
#define RP_DEBUG_PLACES_PACK_H

#include <stddef.h>
#include <stdint.h>

#include "debug_places.h"

#define RP_DEBUG_PLACES_PACK_MAX	(32u << 20)	/* bytes of a piece */

/*
 * All of p, which has these addresses and no others; said: a sentence about the file, or "",
 * which becomes a string of p. *ret is the caller's. 0; -EFBIG: over that limit; -ENOMEM.
 */
int rp_debug_places_pack(struct rp_debug_places *p, const char *said, void **ret,
			 size_t *ret_size);

/*
 * Adds what is in bytes that may be anything to p, which has none of the addresses yet
 * (ascending, none twice). What comes of it can be wrong, and is safe to look up in.
 * said: gets the sentence, or "". 0; -EBADMSG: it is no such piece, or not of nr addresses,
 * and p is as it was; -EFBIG: more than p may have; -ENOMEM.
 */
int rp_debug_places_unpack(struct rp_debug_places *p, const void *data, size_t size,
			   const uint64_t *addresses, size_t nr, char *said, size_t said_size);

#endif
