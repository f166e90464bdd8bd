// SPDX-License-Identifier: GPL-2.0
/* hrtimer_setup() takes the callback; before 6.13 it was hrtimer_init(). */
#include <linux/hrtimer.h>

static enum hrtimer_restart tick(struct hrtimer *timer)
{
	return HRTIMER_NORESTART;
}

void probe(struct hrtimer *timer);
void probe(struct hrtimer *timer)
{
	hrtimer_setup(timer, tick, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
}
