// SPDX-License-Identifier: GPL-2.0
/*
 * The cases of the unwind tables' evaluator (tests/unwind) in user space, where the
 * sanitizers look on. tests/kunit runs the same ones in a kernel.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static void *fresh[64];

static void *fresh_memory(size_t size)
{
	size_t i = 0;

	while (fresh[i])
		assert_in_range(++i, 0, 63);
	fresh[i] = calloc(1, size);
	assert_non_null(fresh[i]);
	return fresh[i];
}

static int free_memory(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(fresh) / sizeof(*fresh); i++) {
		free(fresh[i]);
		fresh[i] = NULL;
	}
	return 0;
}

#include "tests/unwind/cases.h"

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, free_memory),
	const struct CMUnitTest tests[] = { RP_UNWIND_CASES(CASE) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
