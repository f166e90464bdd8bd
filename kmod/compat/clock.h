/* SPDX-License-Identifier: GPL-2.0 */
/*
 * clock.h - CLOCK_MONOTONIC in every context, by its newest name.
 */
#ifndef RINGPROF_COMPAT_CLOCK_H
#define RINGPROF_COMPAT_CLOCK_H

#include <linux/ktime.h>
#include <linux/timekeeping.h>

#include "have.h"

#ifndef RP_HAVE_KTIME_GET_MONO_FAST_NS
u64 rp_ktime_get_mono_fast_ns(void);
#define ktime_get_mono_fast_ns() rp_ktime_get_mono_fast_ns()
#endif

#endif
