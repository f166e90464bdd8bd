// SPDX-License-Identifier: GPL-2.0
/* vmacache_seqnum counts what is unmapped, from 3.15 until 6.0. */
#include <linux/mm_types.h>

unsigned long probe(struct mm_struct *mm);
unsigned long probe(struct mm_struct *mm)
{
	return mm->vmacache_seqnum;
}
