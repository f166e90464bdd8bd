/* SPDX-License-Identifier: GPL-2.0 */
/*
 * When to try again: 1 s, 2 s, 4 s ... 60 s, each shortened by up to a half at
 * random, so that a fleet that lost its server does not come back as one.
 */
#ifndef RP_BACKOFF_H
#define RP_BACKOFF_H

#include <stdint.h>

#define RP_BACKOFF_FIRST_NS	1000000000ull
#define RP_BACKOFF_LAST_NS	(60 * 1000000000ull)

/* After the failures-th failure in a row (1 is the first); random: any number. */
static inline uint64_t rp_backoff_ns(unsigned int failures, uint64_t random)
{
	unsigned int doublings = failures > 7 ? 6 : failures ? failures - 1 : 0;
	uint64_t ns = RP_BACKOFF_FIRST_NS << doublings;

	if (ns > RP_BACKOFF_LAST_NS)
		ns = RP_BACKOFF_LAST_NS;
	return ns - random % (ns / 2 + 1);
}

#endif
