// SPDX-License-Identifier: GPL-2.0
/* The mmap_lock's wrappers, from 5.8 on; before, it was mmap_sem. */
#include <linux/mm.h>

int probe(struct mm_struct *mm);
int probe(struct mm_struct *mm)
{
	return mmap_read_trylock(mm);
}
