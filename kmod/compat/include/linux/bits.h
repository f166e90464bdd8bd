/* SPDX-License-Identifier: GPL-2.0 */
/* Until 4.18 all of this was in linux/bitops.h. */
#include <linux/bitops.h>
