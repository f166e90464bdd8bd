/* SPDX-License-Identifier: GPL-2.0 */
/* Until 3.16 all of this was in linux/time.h and linux/hrtimer.h. */
#include <linux/hrtimer.h>
#include <linux/time.h>
