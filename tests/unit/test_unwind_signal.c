// SPDX-License-Identifier: GPL-2.0
/* Unwind tables: the step out of a signal's handler, made up and as this kernel has it. */
#include "unwind_stack.h"

#include <signal.h>
#include <ucontext.h>

static void each_register_of_a_signal(void **state)
{
	/* gregs of x86-64: r8 .. r15, rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip. */
	static const unsigned int x86_64[17] = { 13, 12, 14, 11, 9, 8, 10, 15, 0, 1, 2, 3, 4, 5,
						 6, 7, 16 };
	unsigned int i;

	(void)state;
	rule = (struct rp_unwind_rule){ .cfa = RP_UNWIND_CFA_SIGNAL };
	for (i = 0; i < 17; i++)
		assert_int_equal(rp_unwind_saved_at(RP_UNWIND_X86_64, AT(0), i),
				 AT(5 + x86_64[i]));
	assert_int_equal(rp_unwind_saved_at(RP_UNWIND_X86_64, AT(0), 17), 0);
	for (i = 0; i <= 32; i++)
		assert_int_equal(rp_unwind_saved_at(RP_UNWIND_ARM64, AT(0), i), AT(39 + i));
	assert_int_equal(rp_unwind_saved_at(RP_UNWIND_ARM64, AT(0), 33), 0);
}

static void signals_of_both_machines(void **state)
{
	enum rp_unwind_machine m;
	unsigned int i, pc, sp, fp;

	for (m = RP_UNWIND_X86_64; m <= RP_UNWIND_ARM64; m++) {
		setup(state);
		rule = (struct rp_unwind_rule){ .cfa = RP_UNWIND_CFA_SIGNAL };
		s.exact = s.fp_known = 0;
		pc = m == RP_UNWIND_X86_64 ? 5 + 16 : 39 + 32;
		sp = m == RP_UNWIND_X86_64 ? 5 + 15 : 39 + 31;
		fp = m == RP_UNWIND_X86_64 ? 5 + 10 : 39 + 29;
		words[pc] = PC + 0x123;
		words[sp] = AT(0) - 0x10000;	/* on another stack, and lower */
		words[fp] = AT(99);
		words[39 + 30] = CALLER;
		assert_int_equal(step(m), RP_UNWIND_SIGNALLED);
		assert_int_equal(s.pc, PC + 0x123);
		assert_int_equal(s.sp, AT(0) - 0x10000);
		assert_int_equal(s.fp, AT(99));
		assert_true(s.exact && s.fp_known);
		if (m == RP_UNWIND_ARM64)
			assert_int_equal(s.lr, CALLER);
		assert_int_equal(rp_unwind_place(&s), PC + 0x123);
		for (i = 0; i < 3; i++) {
			s = before;
			readable[i == 0 ? pc : i == 1 ? sp : fp] = 0;
			assert_int_equal(step(m), RP_UNWIND_NO_MEMORY);
			assert_memory_equal(&s, &before, sizeof(s));
			readable[i == 0 ? pc : i == 1 ? sp : fp] = 1;
		}
	}
}

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
		CASE(each_register_of_a_signal),
		CASE(signals_of_both_machines),
		CASE(a_signal_of_this_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
