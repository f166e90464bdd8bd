/* SPDX-License-Identifier: GPL-2.0 */
/* Two unwinders that are given the same recorded moment. */
#ifndef RP_REPLAY_H
#define RP_REPLAY_H

#include "recording.h"

#define RP_FRAMES_MAX 256

struct rp_frames {
	uint64_t pc[RP_FRAMES_MAX];	/* leaf first; return addresses behind it */
	unsigned int nr;
	unsigned int by_fp;		/* that frame, from 1, was left by frame pointer */
	unsigned int signals;
	bool whole;			/* the last one is the root */
	int step;			/* how it ended */
};

void rp_replay_ours(const struct rp_moment *m, struct rp_frames *ret);
/* By libdw; `whole` is not told. */
void rp_replay_theirs(const struct rp_moment *m, struct rp_frames *ret);

#endif
