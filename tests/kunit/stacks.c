// SPDX-License-Identifier: GPL-2.0
/*
 * Kernel stacks that hardly begin: those of a kernel thread that was just born. KUnit runs
 * its cases in kernel threads, so that the stack's end here is as theirs. If the kernel
 * complains of what it is asked to unwind, that is in its log, and fails the boot.
 */
#include <kunit/test.h>
#include <linux/kernel.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>

#include "kmod/stack.h"
#include "proto/ringprof.h"
#include "suites.h"

#define STACKS_CASES(X) \
	X(newborn_thread) \
	X(newborn_thread_interrupted)

#define DEPTH 16

static u64 addr[2 * RP_DEPTH_MAX];	/* the cases run one after the other */

/* Addresses of functions in the kernel itself, at whose first instruction one may be. */
#define LEAF ((unsigned long)schedule)
#define CALLER ((unsigned long)schedule_timeout)

/*
 * At the first instruction of what the entry code calls in a new thread: the return address
 * is all that is on its stack, and the frame pointer is the entry code's mark still.
 */
static void be_newborn(struct pt_regs *regs)
{
	unsigned long empty = (unsigned long)task_pt_regs(current);

	*regs = (struct pt_regs) {
		.ip = LEAF,
		.sp = empty - sizeof(long),
		.bp = empty | 1,
		.cs = __KERNEL_CS,
		.ss = __KERNEL_DS,
		.flags = X86_EFLAGS_FIXED,
	};
}

static void newborn_thread(struct kunit *test)
{
	struct pt_regs regs;
	unsigned int nr;
	u8 stop = 0;

	KUNIT_ASSERT_TRUE(test, current->flags & PF_KTHREAD);
	be_newborn(&regs);
	nr = rp_stack_kernel(&regs, addr, DEPTH, &stop);
	KUNIT_EXPECT_EQ(test, (int)stop, (int)RP_STOP_ROOT);
	KUNIT_EXPECT_EQ(test, addr[0], (u64)LEAF);
	/* The tables that need no frames (ORC) know the entry code as the caller. */
	KUNIT_EXPECT_EQ(test, nr, IS_ENABLED(CONFIG_FRAME_POINTER) ? 1u : 2u);
}

/* And an interrupt came just there; in what it calls comes the tick. */
static void newborn_thread_interrupted(struct kunit *test)
{
	struct pt_regs regs = {};
	struct {
		unsigned long bp, ret;		/* the handler's frame */
		struct pt_regs interrupted;
	} stack;
	unsigned int nr;
	u8 stop = 0;

	be_newborn(&stack.interrupted);
	stack.bp = (unsigned long)&stack.interrupted | 1;
	stack.ret = CALLER;
	regs.ip = LEAF;
	regs.sp = (unsigned long)&stack;
	regs.bp = (unsigned long)&stack;
	regs.cs = __KERNEL_CS;
	nr = rp_stack_kernel(&regs, addr, DEPTH, &stop);
	KUNIT_EXPECT_EQ(test, addr[0], (u64)LEAF);
	if (!IS_ENABLED(CONFIG_FRAME_POINTER)) {
		/* ORC takes what the stack pointer is at for the return address: no code. */
		KUNIT_EXPECT_EQ(test, (int)stop, (int)RP_STOP_UNWINDER);
		KUNIT_EXPECT_EQ(test, nr, 1u);
		return;
	}
	KUNIT_EXPECT_EQ(test, (int)stop, (int)RP_STOP_ROOT);
	KUNIT_ASSERT_EQ(test, nr, 3u);
	KUNIT_EXPECT_EQ(test, addr[1], (u64)CALLER);
	KUNIT_EXPECT_EQ(test, addr[2], (u64)LEAF);
}

static struct kunit_case stacks_cases[] = {
	STACKS_CASES(RP_SUITE_CASE)
	{}
};

struct kunit_suite rp_stacks_suite = {
	.name = "ringprof_stacks",
	.test_cases = stacks_cases,
};
