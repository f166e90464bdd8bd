/* SPDX-License-Identifier: GPL-2.0 */
/* Until 4.6 there was none: see compat/hotplug.h. */
#include <linux/cpu.h>
