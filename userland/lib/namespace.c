// SPDX-License-Identifier: GPL-2.0
/*
 * The first namespaces have numbers of their own in the kernel's headers (since Linux 3.8:
 * PROC_PID_INIT_INO, PROC_CGROUP_INIT_INO, PROC_USER_INIT_INO of linux/proc_ns.h), and the
 * links of /proc/self/ns tell them: "pid:[4026531836]".
 */
#include "namespace.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum rp_namespace_which rp_namespace_find(const char *folder, enum rp_namespace kind)
{
	static const struct {
		const char *name;
		unsigned long first;
	} kinds[] = {
		[RP_NAMESPACE_PID] = { "pid", 0xEFFFFFFCul },
		[RP_NAMESPACE_CGROUP] = { "cgroup", 0xEFFFFFFBul },
		[RP_NAMESPACE_USER] = { "user", 0xEFFFFFFDul },
	};
	char path[PATH_MAX], link[64];
	const char *number;
	ssize_t n;

	snprintf(path, sizeof(path), "%s/%s", folder, kinds[kind].name);
	n = readlink(path, link, sizeof(link) - 1);
	if (n <= 0)
		return RP_NAMESPACE_UNKNOWN;
	link[n] = '\0';
	number = strchr(link, '[');
	if (!number)
		return RP_NAMESPACE_UNKNOWN;
	return strtoul(number + 1, NULL, 10) == kinds[kind].first ? RP_NAMESPACE_FIRST :
								    RP_NAMESPACE_OTHER;
}

bool rp_namespace_is_first(enum rp_namespace kind)
{
	return rp_namespace_find("/proc/self/ns", kind) != RP_NAMESPACE_OTHER;
}
