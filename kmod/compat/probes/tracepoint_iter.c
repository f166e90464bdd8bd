// SPDX-License-Identifier: GPL-2.0
/*
 * Until 3.14: tracepoints are walked with an iterator and probed by their name.
 * exported: tracepoint_iter_start tracepoint_probe_register
 */
#include <linux/tracepoint.h>

#ifndef CONFIG_TRACEPOINTS
#error "CONFIG_TRACEPOINTS is off"
#endif

int probe(struct tracepoint_iter *iter);
int probe(struct tracepoint_iter *iter)
{
	tracepoint_iter_start(iter);
	return tracepoint_probe_register("name", NULL, NULL);
}
