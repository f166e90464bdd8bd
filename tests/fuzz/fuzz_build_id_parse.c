// SPDX-License-Identifier: GPL-2.0
/* The module's reading of build ids: a page of any file at all. */
#include <stddef.h>
#include <stdint.h>

#include "kmod/build_id_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char id[RP_BUILD_ID_MAX];

	if (rp_build_id_parse(data, size, id) > RP_BUILD_ID_MAX)
		__builtin_trap();
	return 0;
}
