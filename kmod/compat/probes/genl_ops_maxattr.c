// SPDX-License-Identifier: GPL-2.0
/* Each command has a policy and an end of it, and both are strict, from 5.10 on. */
#include <net/genetlink.h>

struct genl_ops op = { .policy = NULL, .maxattr = 1 };
