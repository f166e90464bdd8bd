// SPDX-License-Identifier: GPL-2.0
/* CLOCK_MONOTONIC for NMIs, from 3.17 on. exported: ktime_get_mono_fast_ns */
#include <linux/ktime.h>
#include <linux/timekeeping.h>

u64 probe(void);
u64 probe(void)
{
	return ktime_get_mono_fast_ns();
}
