// SPDX-License-Identifier: GPL-2.0
/*
 * build_id.c - Context: the space worker, with an mmap_lock held for reading.
 *
 * Only the page cache is looked at. Reading from the file could wait for ever (a
 * FUSE server that does not answer), and whoever maps a program has just read its
 * first page. Where it is not there, user space finds the build id by itself.
 */
#include <linux/fs.h>
#include <linux/pagemap.h>

#include "build_id.h"
#include "build_id_parse.h"
#include "compat/compat.h"

unsigned int rp_build_id_of(struct file *file, u8 *ret)
{
	unsigned int len = 0;
	struct page *page;
	void *bytes;

	if (!S_ISREG(file_inode(file)->i_mode))
		return 0;
	page = rp_find_get_page(file->f_mapping, 0);
	if (!page)
		return 0;
	if (PageUptodate(page)) {
		bytes = kmap_local_page(page);
		len = rp_build_id_parse(bytes, PAGE_SIZE, ret);
		kunmap_local(bytes);
	}
	put_page(page);
	return len;
}
