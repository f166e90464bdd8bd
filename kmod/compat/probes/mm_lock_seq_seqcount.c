// SPDX-License-Identifier: GPL-2.0
/* Since 6.12, mm_lock_seq is a seqcount: it changes when the mmap_lock is taken for writing. */
#include <linux/mm_types.h>

unsigned int probe(struct mm_struct *mm);
unsigned int probe(struct mm_struct *mm)
{
	return mm->mm_lock_seq.sequence;
}
