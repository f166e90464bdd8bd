// SPDX-License-Identifier: GPL-2.0
/* What a process says of itself: any environment, made into a resource and a query. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pyroscope.h"
#include "resource.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rp_attributes none = { 0 }, made;
	struct rp_environ e;
	struct rp_resource_parts parts = {
		.config = &none, .host = &none, .env = &e, .name = "program",
	};
	char *name, *brace;
	size_t i;

	if (rp_environ_parse((const char *)data, size, &e))
		return 0;
	if (rp_resource_process(&parts, &made))
		__builtin_trap();
	if (!rp_attributes_get(&made, "service.name"))
		__builtin_trap();
	for (i = 0; i < made.nr; i++)
		if (rp_attribute_check_key(made.items[i].key) ||
		    rp_attribute_check_value(made.items[i].value))
			__builtin_trap();
	name = rp_pyroscope_name(&made);
	/* One pair of braces, the last of them at the end. */
	brace = name ? strchr(name, '{') : NULL;
	if (!brace || strchr(name, '}') != name + strlen(name) - 1)
		__builtin_trap();
	free(name);
	rp_attributes_free(&made);
	rp_environ_free(&e);
	return 0;
}
