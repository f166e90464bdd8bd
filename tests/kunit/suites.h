/* SPDX-License-Identifier: GPL-2.0 */
/* suites.h - the suites of this module, a file each. */
#ifndef RP_KUNIT_SUITES_H
#define RP_KUNIT_SUITES_H

struct kunit_suite;

/* A suite's entry for a case of that name. */
#define RP_SUITE_CASE(case_) { .run_case = case_, .name = "test_" #case_ },

extern struct kunit_suite rp_ring_suite;
extern struct kunit_suite rp_unwind_suite;
extern struct kunit_suite rp_tables_suite;
extern struct kunit_suite rp_readers_suite;
extern struct kunit_suite rp_maps_suite;
extern struct kunit_suite rp_stacks_suite;

#endif
