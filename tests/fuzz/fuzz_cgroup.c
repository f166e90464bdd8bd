// SPDX-License-Identifier: GPL-2.0
/*
 * The names of control groups, which are anybody's.
 * seconds: 10
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "attributes.h"
#include "cgroup.h"

static void check(const char *name)
{
	if (*name && rp_attribute_check_value(name))
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rp_cgroup c;

	rp_cgroup_parse((const char *)data, size, &c);
	check(c.container);
	check(c.pod);
	check(c.unit);
	check(c.user_unit);
	if (*c.path ? *c.path != '/' : *c.unit || *c.container)
		__builtin_trap();
	if (*c.pod && strspn(c.pod, "0123456789abcdef-") != strlen(c.pod))
		__builtin_trap();
	if (*c.user_unit && strncmp(c.unit, "user@", 5))
		__builtin_trap();
	return 0;
}
