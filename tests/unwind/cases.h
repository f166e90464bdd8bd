/* SPDX-License-Identifier: GPL-2.0 */
/*
 * cases.h - what the evaluator of unwind tables (proto/unwind.h, unwind_step.h) does, case by case, the
 * same in user space (cmocka, sanitizers) and in a kernel (KUnit). Their list is here, a
 * line each: cmocka's array, KUnit's, and the results that tests/vm/test_kunit.sh
 * expects come from it. Each is `static void NAME(void **state)`, after setup(state).
 *
 * A harness defines, before it includes this file and with it all the code: uint64_t,
 * uint32_t, bool, NULL, memset; assert_true, assert_false, assert_int_equal,
 * assert_ptr_equal and assert_memory_equal, as cmocka has them; and fresh_memory(size):
 * that much, zeroed, with nothing to be touched around it, until the case ends.
 */
#ifndef RP_UNWIND_CASES_H
#define RP_UNWIND_CASES_H

#define RP_UNWIND_CASES(X) \
	X(from_the_stack_pointer) \
	X(from_the_frame_pointer) \
	X(a_frame_pointer_is_lost_and_found) \
	X(a_cfa_in_memory) \
	X(procedure_linkage) \
	X(other_registers_of_exact_frames) \
	X(the_link_register_once) \
	X(arm64_frames) \
	X(where_a_walk_ends) \
	X(stacks_that_do_not_rise) \
	X(words_that_cannot_be_read) \
	X(a_chain_of_frame_pointers) \
	X(frame_pointers_that_are_none) \
	X(a_chain_down_to_another_stack) \
	X(a_table_after_frame_pointers_on_arm64) \
	X(no_record_of_frame_pointers_on_arm64) \
	X(each_register_of_a_signal) \
	X(signals_of_both_machines) \
	X(each_place_has_its_rule) \
	X(places_outside_have_none) \
	X(lies_are_found) \
	X(the_largest_has_a_size) \
	X(blocks_a_part_at_a_time)

#include "cases_step.c"
#include "cases_signal.c"
#include "cases_table.c"

#endif
