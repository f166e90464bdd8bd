// SPDX-License-Identifier: GPL-2.0
/*
 * clock.c - CLOCK_MONOTONIC for kernels (until 3.16) that cannot tell it to an NMI.
 *
 * Contexts: any. ktime_get waits for a writer that is under way; writers have
 * interrupts disabled, so everything but an NMI may call it. An NMI takes the CPU's
 * scheduler clock, which never waits, and adds by how much this CPU's clocks differed
 * when it last read both. They drift apart by what NTP corrects, at most half a
 * millisecond a second, until then: a little after each wake-up of the reader.
 */
#include "clock.h"

#ifndef RP_HAVE_KTIME_GET_MONO_FAST_NS
#include <linux/hardirq.h>
#include <linux/irqflags.h>
#include <linux/percpu.h>
#include <linux/sched.h>

/* Written with interrupts disabled. An NMI reads a whole word on 64-bit machines. */
static DEFINE_PER_CPU(u64, ahead);

u64 rp_ktime_get_mono_fast_ns(void)
{
	unsigned long flags;
	u64 now;

	if (in_nmi())
		return local_clock() + __this_cpu_read(ahead);
	local_irq_save(flags);
	now = ktime_to_ns(ktime_get());
	__this_cpu_write(ahead, now - local_clock());
	local_irq_restore(flags);
	return now;
}
#endif
