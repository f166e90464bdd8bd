/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The user stack that was named last. Stacks that are named one after the other have most
 * callers in common: those are not looked up again. Private to the namer.
 *
 * Holds while ids of its profile and pointers to its mappings do, so until a window is closed.
 */
#ifndef RP_NAMER_LAST_H
#define RP_NAMER_LAST_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "proto/ringprof.h"

struct rp_namer_last {
	const void *profile, *maps;	/* of which its locations are; NULL: there is none */
	unsigned int nr;
	bool is_code;			/* its callers were checked to be that */
	uint64_t addr[RP_DEPTH_MAX];
	uint32_t location[RP_DEPTH_MAX];
};

/* How many of the callers of a stack, counted from the root, are this one's as well. */
static inline unsigned int rp_namer_last_same(const struct rp_namer_last *l, const void *profile,
					      const void *maps, const uint64_t *addr,
					      unsigned int nr)
{
	unsigned int same = 0, most = nr < l->nr ? nr : l->nr;

	if (l->profile != profile || l->maps != maps)
		return 0;
	/* A leaf is no return address, so named by another one. */
	while (same + 1 < most && addr[nr - 1 - same] == l->addr[l->nr - 1 - same])
		same++;
	return same;
}

/* The locations of so many of them go to the end of those of nr frames. */
static inline void rp_namer_last_take(const struct rp_namer_last *l, unsigned int same,
				      uint32_t *location, unsigned int nr)
{
	memcpy(location + nr - same, l->location + l->nr - same, same * sizeof(*location));
}

static inline void rp_namer_last_note(struct rp_namer_last *l, const void *profile,
				      const void *maps, bool is_code, const uint64_t *addr,
				      const uint32_t *location, unsigned int nr)
{
	l->profile = profile;
	l->maps = maps;
	l->is_code = is_code;
	l->nr = nr;
	memcpy(l->addr, addr, nr * sizeof(*addr));
	memcpy(l->location, location, nr * sizeof(*location));
}

#endif
