// SPDX-License-Identifier: GPL-2.0
/* Mapping a page for this thread only; before 5.11 it was kmap_atomic(). */
#include <linux/highmem.h>

void *probe(struct page *page);
void *probe(struct page *page)
{
	return kmap_local_page(page);
}
