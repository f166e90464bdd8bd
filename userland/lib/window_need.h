/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Window need: the arithmetic of how much memory it takes to finish a window, of which it is
 * known how large it is. How many times as much that is depends on what was sampled (how many
 * addresses it has, how long their names are), so it is learned from the windows before.
 *
 * First  RP_WINDOW_NEED_FIRST times the window.
 * Then   What was needed most, at once; what is less counts a quarter.
 */
#ifndef RP_WINDOW_NEED_H
#define RP_WINDOW_NEED_H

#include <stdint.h>

#define RP_WINDOW_NEED_FIRST	4
#define RP_WINDOW_NEED_MOST	16

struct rp_window_need {
	uint32_t percent;	/* of the window; 0: nothing was learned */
};

/* To finish one of so many bytes. */
uint64_t rp_window_need(const struct rp_window_need *n, uint64_t window_bytes);

/* One of so many bytes was finished, and took that. */
void rp_window_need_learn(struct rp_window_need *n, uint64_t window_bytes, uint64_t took_bytes);

#endif
