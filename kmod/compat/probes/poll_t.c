// SPDX-License-Identifier: GPL-2.0
/* What poll() returns has a type of its own, from 4.16 on. */
#include <linux/types.h>

__poll_t mask;
