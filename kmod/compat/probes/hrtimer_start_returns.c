// SPDX-License-Identifier: GPL-2.0
/*
 * hrtimer_start() returns something. Kernels in which it does (before 4.2) may wake up
 * ksoftirqd in it, for a timer that is due: not to be called under a run queue's lock.
 */
#include <linux/hrtimer.h>

int probe(struct hrtimer *timer, ktime_t time);
int probe(struct hrtimer *timer, ktime_t time)
{
	return hrtimer_start(timer, time, HRTIMER_MODE_ABS);
}
