// SPDX-License-Identifier: GPL-2.0
/* Must always compile: if it does not, the probing itself is broken. */
#include <linux/module.h>
