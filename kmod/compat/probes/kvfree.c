// SPDX-License-Identifier: GPL-2.0
/* Memory that may be kmalloc's or vmalloc's is freed by one name (3.15, RHEL 7). */
#include <linux/mm.h>

void probe(void *memory);
void probe(void *memory)
{
	kvfree(memory);
}
