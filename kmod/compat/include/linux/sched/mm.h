/* SPDX-License-Identifier: GPL-2.0 */
/* Until 4.10 all of this was in linux/sched.h. */
#include <linux/sched.h>
