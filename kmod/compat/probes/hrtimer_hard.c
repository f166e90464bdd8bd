// SPDX-License-Identifier: GPL-2.0
/* Hard-interrupt hrtimers: they stay there on PREEMPT_RT. */
#include <linux/hrtimer.h>

int mode = HRTIMER_MODE_REL_PINNED_HARD;
