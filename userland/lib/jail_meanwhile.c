// SPDX-License-Identifier: GPL-2.0
/*
 * A thread's own, so that another one that waits for the same jail is not given its work.
 */
#include "jail.h"
#include "jail_private.h"

static _Thread_local struct {
	void (*call)(void *arg);
	void *arg;
} meanwhile;

void rp_jail_meanwhile(void (*call)(void *arg), void *arg)
{
	meanwhile.call = call;
	meanwhile.arg = arg;
}

bool rp_jail_has_meanwhile(void)
{
	return meanwhile.call;
}

void rp_jail_do_meanwhile(void)
{
	if (meanwhile.call)
		meanwhile.call(meanwhile.arg);
}
