/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The names and texts of ticks, of what ticks, and of why (proto/tick.h).
 */
#ifndef RP_TICK_LINES_H
#define RP_TICK_LINES_H

#include "proto/ringprof.h"

struct rp_tick_line {
	const char *name, *text;
};

/* By enum rp_tick; the one of RP_TICK_UNSPEC has no name. */
extern const struct rp_tick_line rp_tick_lines[RP_TICK_NR];

/* Never NULL: a number of a newer module is "unknown". */
const struct rp_tick_line *rp_tick_line(unsigned int tick);
const struct rp_tick_line *rp_tick_source_line(unsigned int source);
const struct rp_tick_line *rp_tick_why_line(unsigned int why);

#endif
