/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The namespaces that this process is in, as far as they change what it sees of others:
 * in a PID namespace the module's process numbers are those of other processes or of none,
 * in a cgroup namespace the paths of control groups are another's, and in a user namespace
 * root has no power over the host's kernel.
 */
#ifndef RP_NAMESPACE_H
#define RP_NAMESPACE_H

#include <stdbool.h>

enum rp_namespace { RP_NAMESPACE_PID, RP_NAMESPACE_CGROUP, RP_NAMESPACE_USER };

enum rp_namespace_which {
	RP_NAMESPACE_UNKNOWN,	/* the kernel knows no others, or does not tell */
	RP_NAMESPACE_FIRST,	/* the one that the kernel began with */
	RP_NAMESPACE_OTHER,
};

/* folder: "/proc/self/ns". */
enum rp_namespace_which rp_namespace_find(const char *folder, enum rp_namespace kind);

/* Whether this process's is not known to be another than the first. */
bool rp_namespace_is_first(enum rp_namespace kind);

#endif
