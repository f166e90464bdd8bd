// SPDX-License-Identifier: GPL-2.0
/* From 5.8 on; late 5.4 and el8 have the other wrappers without it, around mmap_sem. */
#include <linux/mm.h>

void probe(struct mm_struct *mm);
void probe(struct mm_struct *mm)
{
	mmap_assert_locked(mm);
}
