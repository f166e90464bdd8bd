// SPDX-License-Identifier: GPL-2.0
/*
 * Too little would be over the limit, too much only ends a window sooner: so it rises at once
 * and falls slowly. No less than once the window, since its samples are written anew.
 */
#include "window_need.h"

uint64_t rp_window_need(const struct rp_window_need *n, uint64_t window_bytes)
{
	return window_bytes / 100 * (n->percent ? n->percent : RP_WINDOW_NEED_FIRST * 100);
}

void rp_window_need_learn(struct rp_window_need *n, uint64_t window_bytes, uint64_t took_bytes)
{
	uint64_t percent = window_bytes / 100 ? took_bytes / (window_bytes / 100) : 0;

	if (percent > RP_WINDOW_NEED_MOST * 100)
		percent = RP_WINDOW_NEED_MOST * 100;
	if (percent < 100)
		percent = 100;
	if (percent < n->percent)
		percent = (3 * (uint64_t)n->percent + percent) / 4;
	n->percent = (uint32_t)percent;
}
