// SPDX-License-Identifier: GPL-2.0
/*
 * suites.c - the module's tests in a kernel, under KUnit: `make kunit`. A module of its
 * own, for ringprof.ko shall not carry its tests; it has the module's code but for main.c:
 * before Linux 6.0 a module with test suites could have no init function.
 */
#include <kunit/test.h>
#include <linux/module.h>

#include "kmod/space.h"
#include "suites.h"

/* main.c's */
struct workqueue_struct *rp_workqueue;

kunit_test_suites(&rp_ring_suite, &rp_unwind_suite, &rp_tables_suite, &rp_readers_suite,
		  &rp_maps_suite, &rp_stacks_suite);

MODULE_DESCRIPTION("ringprof: tests");
MODULE_LICENSE("GPL");
