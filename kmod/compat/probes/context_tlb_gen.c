// SPDX-License-Identifier: GPL-2.0
/* On x86 an address space counts what translations were taken away (since 4.14). */
#include <linux/mm_types.h>

long long probe(struct mm_struct *mm);
long long probe(struct mm_struct *mm)
{
	return atomic64_read(&mm->context.tlb_gen);
}
