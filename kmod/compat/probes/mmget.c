// SPDX-License-Identifier: GPL-2.0
/* Taking a reference to an address space has a name, from 4.11 on. */
#include <linux/sched/mm.h>

void probe(struct mm_struct *mm);
void probe(struct mm_struct *mm)
{
	mmget(mm);
}
