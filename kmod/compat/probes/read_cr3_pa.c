// SPDX-License-Identifier: GPL-2.0
/* x86: where the loaded page tables are, without the bits beside it; from 4.13 on. */
#include <linux/sched.h>
#include <asm/processor.h>

unsigned long probe(void);
unsigned long probe(void)
{
	return read_cr3_pa();
}
