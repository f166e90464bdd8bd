// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel has tracepoints at all, and modules may look for them by name.
 * exported: for_each_kernel_tracepoint tracepoint_probe_register
 */
#include <linux/tracepoint.h>

#ifndef CONFIG_TRACEPOINTS
#error "CONFIG_TRACEPOINTS is off"
#endif

static void look_at(struct tracepoint *tp, void *arg) { }

void probe(void);
void probe(void)
{
	for_each_kernel_tracepoint(look_at, NULL);
}
