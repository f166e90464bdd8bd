// SPDX-License-Identifier: GPL-2.0
/* The step out of a signal's handler. */
#include "stack.h"

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
