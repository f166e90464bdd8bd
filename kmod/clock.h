/* SPDX-License-Identifier: GPL-2.0 */
/*
 * clock.h - the module's one clock: CLOCK_MONOTONIC in nanoseconds, readable in
 * every context, NMI included (there it may step by a tick's adjustment when it
 * interrupts the timekeeper's update; never blocks).
 */
#ifndef RP_KMOD_CLOCK_H
#define RP_KMOD_CLOCK_H

#include "compat/clock.h"

static inline u64 rp_clock(void)
{
	return ktime_get_mono_fast_ns();
}

#endif
