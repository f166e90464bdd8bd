// SPDX-License-Identifier: GPL-2.0
/*
 * x86: copy_from_user_nmi asks whether the page tables that are loaded are the task's,
 * from 4.19 on. By what it asks, which is hidden from modules since 5.8.
 * exported: copy_from_user_nmi
 */
#undef MODULE
#include <linux/uaccess.h>
#include <asm/tlbflush.h>

bool probe(void);
bool probe(void)
{
	return nmi_uaccess_okay();
}
