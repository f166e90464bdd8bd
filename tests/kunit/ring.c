// SPDX-License-Identifier: GPL-2.0
/* The ring's cases (tests/ring) in a kernel. */
#include <kunit/test.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "suites.h"

#define RP_RING_READ(x) READ_ONCE(x)
#define RP_RING_LOAD_ACQUIRE(p) smp_load_acquire(p)
#define RP_RING_STORE_RELEASE(p, v) smp_store_release(p, v)
#define RP_RING_CMPXCHG(p, old, new) cmpxchg_local(p, old, new)
#define RP_RING_BARRIER() barrier()
#include "proto/ring_consume.h"

/* The guards' bytes are compared; a kernel with KASAN has its own redzones around. */
#define RP_LAB_POISON(p, n) do { } while (0)
#define RP_LAB_UNPOISON(p, n) do { } while (0)
#define RP_LAB_PAUSE() cond_resched()

#include "tests/ring/cases.h"

static void rp_lab_fail(struct rp_lab *lab, const char *file, int line,
			const char *what, long long a, long long b)
{
	struct kunit *test = lab->harness;

	KUNIT_ASSERT_TRUE_MSG(test, false,
			      "%s:%d: %s: %lld, %lld; ring of %u, reserved 0x%x, head 0x%x, tail 0x%x, woken 0x%x 0x%x, level %u, injected 0x%llx 0x%llx, consumer at %u",
			      file, line, what, a, b, lab->ring.size, lab->ring.reserved,
			      lab->control->head, lab->control->tail, lab->ring.woken,
			      lab->woken_head, lab->level, lab->inject[1],
			      lab->inject[2], lab->consume_at);
	unreachable();
}

static int lab_init(struct kunit *test)
{
	struct rp_lab *lab = kunit_kzalloc(test, sizeof(*lab), GFP_KERNEL);

	if (!lab)
		return -ENOMEM;
	lab->memory = kunit_kzalloc(test, RP_LAB_MEMORY, GFP_KERNEL);
	if (!lab->memory)
		return -ENOMEM;
	lab->harness = test;
	test->priv = lab;
	return 0;
}

#define TEST(name) \
static void test_##name(struct kunit *test) \
{ \
	rp_case_##name(test->priv); \
}
RP_RING_CASES(TEST)

#define ENTRY(name) KUNIT_CASE(test_##name),

static struct kunit_case ring_cases[] = {
	RP_RING_CASES(ENTRY)
	{}
};

struct kunit_suite rp_ring_suite = {
	.name = "ringprof_ring",
	.init = lab_init,
	.test_cases = ring_cases,
};
