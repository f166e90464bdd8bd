/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Addresses among what a jail (jail.h) is told: of each how far it is from the one before,
 * the first from 0, as a number of LEB128. Distances of ascending ones take two bytes or
 * three: twenty thousand fit into what can be told at once.
 */
#ifndef RP_JAIL_ADDRESSES_H
#define RP_JAIL_ADDRESSES_H

#include <stddef.h>
#include <stdint.h>

#include "jail_search.h"

/*
 * Adds as many of nr addresses (ascending) to the words as leave `spare` bytes of room.
 * Returns how many.
 */
size_t rp_jail_tell_addresses(struct rp_jail_words *w, const uint64_t *addresses, size_t nr,
			      size_t spare);

/*
 * The jail's side: reads nr of them. *ret_end: what follows them. To be freed; NULL: no
 * memory, or they are not so many.
 */
uint64_t *rp_jail_read_addresses(const char *from, const char *end, size_t nr,
				 const char **ret_end);

#endif
