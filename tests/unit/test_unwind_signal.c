// SPDX-License-Identifier: GPL-2.0
/* Unwind tables: the step out of a signal's handler, as this kernel has it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <ucontext.h>

#include "tests/unwind/stack.h"

/* ---- the kernel's own signal frame ------------------------------------------------- */

static struct rp_unwind_state interrupted, found;
static enum rp_unwind_step how;
static bool at_the_frame;

static _Bool read_memory(void *arg, __u64 address, __u64 *ret)
{
	(void)arg;
	memcpy(ret, (const void *)(uintptr_t)address, sizeof(*ret));
	return 1;
}

static void handler(int number, siginfo_t *info, void *context)
{
	const struct rp_unwind_reader memory = { read_memory, read_register, code, NULL };
	const struct rp_unwind_rule signal = { .cfa = RP_UNWIND_CFA_SIGNAL };
	const ucontext_t *uc = context;

	(void)number;
#if defined(__x86_64__)
	/* This function's CFA is the stack pointer of what it returns to. */
	found = (struct rp_unwind_state){
		.sp = (uintptr_t)__builtin_frame_address(0) + 16 };
	at_the_frame = found.sp == (uintptr_t)uc;
	how = rp_unwind_one(&found, &signal, RP_UNWIND_X86_64, &memory);
	interrupted = (struct rp_unwind_state){ .pc = uc->uc_mcontext.gregs[REG_RIP],
						.sp = uc->uc_mcontext.gregs[REG_RSP],
						.fp = uc->uc_mcontext.gregs[REG_RBP] };
	(void)info;
#elif defined(__aarch64__)
	found = (struct rp_unwind_state){ .sp = (uintptr_t)info };
	at_the_frame = true;
	how = rp_unwind_one(&found, &signal, RP_UNWIND_ARM64, &memory);
	interrupted = (struct rp_unwind_state){ .pc = uc->uc_mcontext.pc,
						.sp = uc->uc_mcontext.sp,
						.fp = uc->uc_mcontext.regs[29],
						.lr = uc->uc_mcontext.regs[30] };
#else
	(void)info, (void)memory, (void)signal, (void)uc;
#endif
}

static void a_signal_of_this_kernel(void **state)
{
	struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };

	(void)state;
#if !defined(__x86_64__) && !defined(__aarch64__)
	skip();
#endif
	assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
	assert_int_equal(raise(SIGUSR1), 0);
	assert_true(at_the_frame);
	assert_int_equal(how, RP_UNWIND_SIGNALLED);
	assert_int_equal(found.pc, interrupted.pc);
	assert_int_equal(found.sp, interrupted.sp);
	assert_int_equal(found.fp, interrupted.fp);
	assert_int_equal(found.lr, interrupted.lr);
	assert_int_not_equal(found.pc, 0);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup(name, setup)
	const struct CMUnitTest tests[] = {
		CASE(a_signal_of_this_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
