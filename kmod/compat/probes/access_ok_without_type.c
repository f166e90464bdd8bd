// SPDX-License-Identifier: GPL-2.0
/* access_ok(address, size); before 5.0 it began with VERIFY_READ. */
#include <linux/uaccess.h>

int probe(const void __user *from);
int probe(const void __user *from)
{
	return access_ok(from, 8);
}
