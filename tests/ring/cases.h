/* SPDX-License-Identifier: GPL-2.0 */
/*
 * cases.h - the list of the ring's cases: one line each. KUnit's array, cmocka's
 * array and the results that tests/vm/test_kunit.sh expects come from it.
 * Each is `static void rp_case_<name>(struct rp_lab *lab)`.
 *
 * A harness defines what lab.h asks for, includes this file (and with it all the
 * code), and defines rp_lab_fail.
 */
#ifndef RP_RING_CASES_H
#define RP_RING_CASES_H

#define RP_RING_CASES(X) \
	X(abi_sizes) \
	X(abi_offsets) \
	X(record_sample) \
	X(record_space) \
	X(record_small_ones) \
	X(empty) \
	X(one_record) \
	X(pad_at_the_end) \
	X(exact_fit) \
	X(full) \
	X(half_ring) \
	X(too_long_with_pad) \
	X(position_wrap) \
	X(takeover) \
	X(watermark) \
	X(wake_when_full) \
	X(tail_garbage) \
	X(tail_moves) \
	X(control_scribbled) \
	X(reader_sizes) \
	X(reader_positions) \
	X(open_merged) \
	X(open_published) \
	X(open_watermark) \
	X(open_full) \
	X(nested_pairs) \
	X(nested_storm) \
	X(nested_consumer) \
	X(nested_full) \
	X(nested_open) \
	X(nested_random) \
	X(nested_random_open) \
	X(nested_hostile)

#include "lab.c"
#include "cases_record.c"
#include "cases_basic.c"
#include "cases_open.c"
#include "cases_hostile.c"
#include "cases_nested.c"

#endif
