/* SPDX-License-Identifier: GPL-2.0 */
/*
 * file_id.h - how a mapping of a SPACE record's file is called for RP_IOC_TABLE. Freestanding,
 * any context.
 */
#ifndef RINGPROF_FILE_ID_H
#define RINGPROF_FILE_ID_H

#include "ringprof.h"

/* False: no file of which there could be a table. What a kind does not need is 0. */
static inline _Bool rp_file_id_of(const struct rp_map *map, struct rp_file_id *ret)
{
	static const char vdso[] = "[vdso]";

	*ret = (struct rp_file_id){ 0 };
	if (map->build_id_len) {
		ret->kind = RP_FILE_BUILD_ID;
		ret->build_id_len = map->build_id_len;
		__builtin_memcpy(ret->build_id, map->build_id, map->build_id_len);
	} else if (!(map->flags & RP_MAP_ANON)) {
		ret->kind = RP_FILE_INODE;
		ret->dev_major = map->dev_major;
		ret->dev_minor = map->dev_minor;
		ret->inode = map->inode;
	} else if (map->path_len == sizeof(vdso) - 1 &&
		   !__builtin_memcmp(map->path, vdso, sizeof(vdso))) {
		ret->kind = RP_FILE_VDSO;	/* of a 32-bit program: nobody asks */
	} else {
		return 0;
	}
	return 1;
}

#endif
