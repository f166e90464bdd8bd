// SPDX-License-Identifier: GPL-2.0
/* Mappings are in a maple tree; before 6.1 they were a list. */
#include <linux/mm.h>

int probe(struct mm_struct *mm);
int probe(struct mm_struct *mm)
{
	struct vm_area_struct *vma;
	VMA_ITERATOR(vmi, mm, 0);

	for_each_vma(vmi, vma)
		return 1;
	return 0;
}
