// SPDX-License-Identifier: GPL-2.0
/* Numbers in order: as qsort() has them, few and many, alike and of all sizes. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "numbers.h"

#define MOST 3000u

static int compare(const void *va, const void *vb)
{
	uint64_t a = *(const uint64_t *)va, b = *(const uint64_t *)vb;

	return a < b ? -1 : a > b;
}

static void expect_sorted(const uint64_t *numbers, size_t nr)
{
	uint64_t ours[MOST + 1], theirs[MOST + 1];
	size_t i, n = 0;

	memcpy(ours, numbers, nr * sizeof(*ours));
	memcpy(theirs, numbers, nr * sizeof(*theirs));
	rp_numbers_sort(ours, nr);
	qsort(theirs, nr, sizeof(*theirs), compare);
	assert_memory_equal(ours, theirs, nr * sizeof(*ours));
	memcpy(ours, numbers, nr * sizeof(*ours));
	for (i = 0; i < nr; i++)
		if (!n || theirs[i] != theirs[n - 1])
			theirs[n++] = theirs[i];
	assert_int_equal(rp_numbers_unique(ours, nr), n);
	assert_memory_equal(ours, theirs, n * sizeof(*ours));
}

static void as_qsort_has_them(void **state)
{
	/* Which bits they have: none, low ones, those of addresses, all. */
	static const uint64_t masks[] = { 0, 7, 0xfff, 0x7ffff000, 0x7fffffffffff,
					  0xffffffff00000000, UINT64_MAX };
	uint64_t numbers[MOST];
	size_t m, nr, i;

	(void)state;
	for (m = 0; m < sizeof(masks) / sizeof(masks[0]); m++) {
		for (nr = 0; nr <= MOST; nr += nr < 20 ? 1 : 149) {
			for (i = 0; i < nr; i++)
				numbers[i] = rp_hash_mix(m, i) & masks[m];
			expect_sorted(numbers, nr);
			qsort(numbers, nr, sizeof(*numbers), compare);
			expect_sorted(numbers, nr);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_qsort_has_them),
	};

	return cmocka_run_group_tests_name("numbers", tests, NULL, NULL);
}
