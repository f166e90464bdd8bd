// SPDX-License-Identifier: GPL-2.0
/*
 * CAP_SYS_ADMIN is a great deal to keep. It stays because a session is stopped
 * before its rings are drained for the last time: without it the daemon could only
 * close the device, and what was sampled in between would be lost.
 */
#include "privilege.h"

#include <cap-ng.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

static const unsigned int kept[] = {
	CAP_SYS_ADMIN, CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH, CAP_SYSLOG,
};

int rp_privilege_drop(char *why, size_t why_size)
{
	int have[sizeof(kept) / sizeof(kept[0])];
	capng_select_t what = CAPNG_SELECT_CAPS;
	size_t i;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) {
		snprintf(why, why_size, "cannot give up gaining privileges: %s",
			 strerror(errno));
		return -errno;
	}
	if (capng_get_caps_process()) {
		snprintf(why, why_size, "cannot read its own capabilities");
		return -EIO;
	}
	for (i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		have[i] = capng_have_capability(CAPNG_PERMITTED, kept[i]);
	/* The bounding set is root's to change. */
	if (capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP))
		what = CAPNG_SELECT_BOTH;
	capng_clear(what);
	for (i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (have[i])
			capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, kept[i]);
	if (capng_apply(what)) {
		snprintf(why, why_size, "cannot give up capabilities");
		return -EPERM;
	}
	return 0;
}
