/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a jail is told of the addresses that are wanted (RP_JAIL_PLACES): this head; the file's
 * name for messages, with its NUL; and the addresses (jail_addresses.h). Private to
 * jail_places*.c.
 */
#ifndef RP_JAIL_PLACES_ASK_H
#define RP_JAIL_PLACES_ASK_H

#include <stdint.h>

#define RP_JAIL_PLACES_NAME_MAX 512	/* bytes, with the NUL */

struct rp_jail_places_ask {
	uint32_t file;		/* a number that the keeper gave it, and to no other */
	uint32_t what;		/* RP_DEBUG_... */
	uint32_t nr;		/* addresses */
	uint32_t unused;
};

#endif
