// SPDX-License-Identifier: GPL-2.0
/* copy_from_kernel_nofault(); before 5.8 probe_kernel_read() */
#include <linux/uaccess.h>

long probe(unsigned long *to, const void *from);
long probe(unsigned long *to, const void *from)
{
	return copy_from_kernel_nofault(to, from, sizeof(*to));
}
