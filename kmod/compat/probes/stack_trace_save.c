// SPDX-License-Identifier: GPL-2.0
/* stack_trace_save(); before 5.2 save_stack_trace() */
#include <linux/stacktrace.h>

unsigned int probe(unsigned long *store, unsigned int size);
unsigned int probe(unsigned long *store, unsigned int size)
{
	return stack_trace_save(store, size, 0);
}
