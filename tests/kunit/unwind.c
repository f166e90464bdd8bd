// SPDX-License-Identifier: GPL-2.0
/* The cases of the unwind tables' evaluator (tests/unwind) in a kernel. */
#include <kunit/test.h>
#include <linux/string.h>

#include "suites.h"

static struct kunit *unit;	/* the one that runs: they do so one after the other */

static void *fresh_memory(size_t size)
{
	void *memory = kunit_kzalloc(unit, size, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(unit, memory);
	return memory;
}

/* cmocka's words. Functions, for KUnit's macros fill the stack of who has many of them. */
static noinline void assert_that(bool right, const char *file, int line, const char *what,
				 u64 a, u64 b)
{
	KUNIT_ASSERT_TRUE_MSG(unit, right, "%s:%d: %s: 0x%llx, 0x%llx", file, line, what, a, b);
}

#define assert_int_equal(a, b) do { \
	u64 a_ = (u64)(a), b_ = (u64)(b); \
\
	assert_that(a_ == b_, __FILE__, __LINE__, #a " == " #b, a_, b_); \
} while (0)
#define assert_ptr_equal(a, b) assert_int_equal((unsigned long)(a), (unsigned long)(b))
#define assert_true(a) assert_that(a, __FILE__, __LINE__, #a, 0, 0)
#define assert_false(a) assert_that(!(a), __FILE__, __LINE__, "!(" #a ")", 0, 0)
#define assert_memory_equal(a, b, n) \
	assert_that(!memcmp(a, b, n), __FILE__, __LINE__, #a " is as " #b, 0, 0)

#include "tests/unwind/cases.h"

static int unwind_init(struct kunit *test)
{
	unit = test;
	return setup(NULL);
}

#define TEST(name) \
static void test_##name(struct kunit *test) \
{ \
	name(NULL); \
}
RP_UNWIND_CASES(TEST)

#define ENTRY(name) KUNIT_CASE(test_##name),

static struct kunit_case unwind_cases[] = {
	RP_UNWIND_CASES(ENTRY)
	{}
};

struct kunit_suite rp_unwind_suite = {
	.name = "ringprof_unwind",
	.init = unwind_init,
	.test_cases = unwind_cases,
};
