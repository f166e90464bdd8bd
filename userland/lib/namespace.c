// SPDX-License-Identifier: GPL-2.0
/*
 * The first namespaces have numbers of their own in the kernel's headers
 * (PROC_PID_INIT_INO, PROC_CGROUP_INIT_INO of linux/proc_ns.h), and those of /proc/self/ns
 * are the files' inodes.
 */
#include "namespace.h"

#include <sys/stat.h>

bool rp_namespace_is_first(enum rp_namespace kind)
{
	static const struct {
		const char *path;
		ino_t first;
	} files[] = {
		[RP_NAMESPACE_PID] = { "/proc/self/ns/pid", 0xEFFFFFFCu },
		[RP_NAMESPACE_CGROUP] = { "/proc/self/ns/cgroup", 0xEFFFFFFBu },
	};
	struct stat st;

	return stat(files[kind].path, &st) || st.st_ino == files[kind].first;
}
