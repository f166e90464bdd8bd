// SPDX-License-Identifier: GPL-2.0
/*
 * Any string as a mangled name: ends in time, within the limits, with a string. libFuzzer's
 * -timeout is what finds a name that takes for ever.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "demangle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *name = strndup((const char *)data, size), *result;
	size_t len = strlen(name);
	int form;

	for (form = RP_DEMANGLE_SHORT; form <= RP_DEMANGLE_FULL; form++) {
		result = rp_demangle(name, form);
		if (strlen(result) > len + RP_DEMANGLE_OUTPUT_MAX)
			abort();
		free(result);
	}
	free(name);
	return 0;
}
