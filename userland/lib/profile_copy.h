/* SPDX-License-Identifier: GPL-2.0 */
/* A copy of a profile in which locations may have other lines. */
#ifndef RP_PROFILE_COPY_H
#define RP_PROFILE_COPY_H

#include "profile.h"

/* Of a location; all zero: it keeps the lines that it has. */
struct rp_profile_naming {
	uint32_t function;	/* id in the copy: its only line */
};

/*
 * Fills a profile that has nothing yet but strings and functions. naming: one for each of
 * from's locations, by id, from 0 on. What becomes the same by it is merged. 0, or
 * to->error.
 */
int rp_profile_copy(const struct rp_profile *from, const struct rp_profile_naming *naming,
		    struct rp_profile *to);

#endif
