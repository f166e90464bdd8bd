// SPDX-License-Identifier: GPL-2.0
/* Was get_online_cpus() until 4.12. */
#include <linux/cpu.h>

void probe(void);
void probe(void)
{
	cpus_read_lock();
	cpus_read_unlock();
}
