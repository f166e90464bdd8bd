// SPDX-License-Identifier: GPL-2.0
/* x86: a word of user memory is read in place, between two instructions (4.8). */
#include <linux/uaccess.h>

#ifndef CONFIG_X86
#error "other machines have another way in and out"
#endif

unsigned long probe(const unsigned long __user *from);
unsigned long probe(const unsigned long __user *from)
{
	unsigned long word;

	__uaccess_begin_nospec();
	unsafe_get_user(word, from, fault);
	__uaccess_end();
	return word;
fault:
	__uaccess_end();
	return 0;
}
