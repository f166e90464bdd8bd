// SPDX-License-Identifier: GPL-2.0
/* A mapping without a file can have a name; before 3.16 only the kernel knew which. */
#include <linux/mm.h>

const char *probe(struct vm_area_struct *vma);
const char *probe(struct vm_area_struct *vma)
{
	return vma->vm_ops->name(vma);
}
