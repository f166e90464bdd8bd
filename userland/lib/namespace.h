/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The namespaces that this process is in, as far as they change what it sees of others:
 * in a PID namespace the module's process numbers are those of other processes or of none,
 * in a cgroup namespace the paths of control groups are another's.
 */
#ifndef RP_NAMESPACE_H
#define RP_NAMESPACE_H

#include <stdbool.h>

enum rp_namespace { RP_NAMESPACE_PID, RP_NAMESPACE_CGROUP };

/* Whether it is the one that the kernel began with, or the kernel knows no others. */
bool rp_namespace_is_first(enum rp_namespace kind);

#endif
