/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tables.h - unwind tables made by hand, for programs that give the module right ones,
 * wrong ones and random ones.
 */
#ifndef RP_TABLES_H
#define RP_TABLES_H

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "proto/ringprof.h"
#include "tests/unwind/table.h"

#if defined(__x86_64__) || defined(__i386__)
#define RP_MACHINE RP_UNWIND_X86_64
#else
#define RP_MACHINE RP_UNWIND_ARM64
#endif

/* Of that size, zeroed but for a right header and block index; rows are spread evenly. */
static inline struct rp_unwind_table *rp_table_make(uint32_t nr_blocks, uint32_t nr_rows,
						    uint32_t nr_rules)
{
	struct rp_unwind_table header = rp_table_header(RP_MACHINE, nr_blocks, nr_rows,
							nr_rules);
	struct rp_unwind_table *t = calloc(1, (size_t)rp_unwind_size(&header));

	if (!t)
		abort();
	rp_table_fill(t, header);
	return t;
}

/* The kernel's error, or 0. ret_evicted may be NULL. */
static inline int rp_table_give(int fd, const struct rp_file_id *file, const void *table,
				uint64_t size, uint64_t *ret_evicted)
{
	struct rp_table_load load = {
		.file = *file, .table = (uintptr_t)table, .size = size,
	};
	int error = ioctl(fd, RP_IOC_TABLE, &load) ? errno : 0;

	if (ret_evicted)
		*ret_evicted = load.evicted;
	return error;
}

static inline int rp_table_ask(int fd, const struct rp_file_id *file, uint64_t *ret_evicted)
{
	return rp_table_give(fd, file, NULL, 0, ret_evicted);
}

#endif
