/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A jail for a whole group of tests, so that the same ones are run without and with one.
 * main() has to begin with rp_jail_main().
 */
#ifndef TEST_JAIL_FIXTURE_H
#define TEST_JAIL_FIXTURE_H

#include "jail.h"
#include "why.h"

static struct rp_jail *jail;	/* NULL: files are parsed in this process */

static inline int start_jail(void **state)
{
	char why[RP_WHY_SIZE] = "";

	(void)state;
	if (!rp_jail_start(&jail, NULL, why, sizeof(why)))
		return 0;
	print_error("%s\n", why);
	return -1;
}

/* It has served for all of them, and was never lost. */
static inline int stop_jail(void **state)
{
	struct rp_jail_stats s;

	(void)state;
	rp_jail_stats(jail, &s);
	rp_jail_stop(jail);
	jail = NULL;
	return s.cpu_ns[RP_JAIL_JIT] && s.started == 1 ? 0 : -1;
}

#endif
