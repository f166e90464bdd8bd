// SPDX-License-Identifier: GPL-2.0
/* mm_lock_seq, a number: it changes when the mmap_lock was held for writing (since 6.4). */
#include <linux/mm_types.h>

int probe(struct mm_struct *mm);
int probe(struct mm_struct *mm)
{
	return mm->mm_lock_seq + 1;
}
