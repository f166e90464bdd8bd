// SPDX-License-Identifier: GPL-2.0
/*
 * The ring's cases (tests/ring) in user space, where the sanitizers look on. What
 * nobody may touch is poisoned, so that a read beside the ring is found as well as
 * a write. tests/kunit runs the same cases in a kernel.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "ring_user.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define RP_LAB_POISON(p, n) ASAN_POISON_MEMORY_REGION((p), (n))
#define RP_LAB_UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION((p), (n))
#else
#define RP_LAB_POISON(p, n) ((void)(p))
#define RP_LAB_UNPOISON(p, n) ((void)(p))
#endif
#define RP_LAB_PAUSE() do { } while (0)

#include "tests/ring/cases.h"

static void rp_lab_fail(struct rp_lab *lab, const char *file, int line,
			const char *what, long long a, long long b)
{
	print_error("%s: %lld, %lld; ring of %u, reserved 0x%x, head 0x%x, tail 0x%x, "
		       "woken 0x%x 0x%x, level %u, injected 0x%llx 0x%llx, consumer at %u\n",
		       what, a, b, lab->ring.size, lab->ring.reserved,
		       lab->control->head, lab->control->tail,
		    lab->ring.woken, lab->woken_head, lab->level,
		       (unsigned long long)lab->inject[1],
		       (unsigned long long)lab->inject[2], lab->consume_at);
	_fail(file, line);
	abort();
}

static int lab_setup(void **state)
{
	struct rp_lab *lab = calloc(1, sizeof(*lab));

	if (!lab)
		return -1;
	lab->memory = aligned_alloc(64, (RP_LAB_MEMORY + 63) / 64 * 64);
	*state = lab;
	return lab->memory ? 0 : -1;
}

static int lab_teardown(void **state)
{
	struct rp_lab *lab = *state;

	RP_LAB_UNPOISON(lab->memory, RP_LAB_MEMORY);
	free(lab->memory);
	free(lab);
	return 0;
}

#define TEST(name) \
static void test_##name(void **state) \
{ \
	rp_case_##name(*state); \
}
RP_RING_CASES(TEST)

#define ENTRY(name) \
	cmocka_unit_test_setup_teardown(test_##name, lab_setup, lab_teardown),

int main(void)
{
	const struct CMUnitTest tests[] = { RP_RING_CASES(ENTRY) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
