/* SPDX-License-Identifier: GPL-2.0 */
/*
 * space_parts.h - SPACE records on their way from the worker into a ring. Task context,
 * the worker's.
 */
#ifndef RP_KMOD_SPACE_PARTS_H
#define RP_KMOD_SPACE_PARTS_H

#include <linux/list.h>
#include "../proto/ringprof.h"

struct rp_session;

struct rp_space_part {
	struct list_head list;
	u32 allocated;		/* bytes, for the bound on what waits */
	struct rp_space space;	/* the record; its maps follow */
};

void rp_space_parts_free(struct list_head *parts);

/* Those that wait (spaces.pending). False: some of them still have to, for room. */
bool rp_space_parts_put(struct rp_session *session);

#endif
