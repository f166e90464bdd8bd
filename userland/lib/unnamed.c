// SPDX-License-Identifier: GPL-2.0
/*
 * Whole paths would make names longer than what is looked at, and the mapping has the path.
 */
#include "unnamed.h"

#include <stdio.h>
#include <string.h>

char *rp_unnamed(const char *path, uint64_t offset, char buf[static RP_UNNAMED_SIZE])
{
	const char *slash = *path == '[' ? NULL : strrchr(path, '/');

	snprintf(buf, RP_UNNAMED_SIZE, "%.255s+0x%llx", slash && slash[1] ? slash + 1 : path,
		 (unsigned long long)offset);
	return buf;
}
