/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A process, as the one that should have written a file: by its number within its own PID
 * namespace, as its user, and since it started.
 */
#ifndef RP_JIT_OWNER_H
#define RP_JIT_OWNER_H

#include <stdbool.h>
#include <stdint.h>

#include "jit_refusal.h"

struct stat;

struct rp_jit_owner {
	uint32_t tgid;		/* as we know it */
	uint32_t pid;		/* as it knows itself; before Linux 4.1 we cannot tell: tgid */
	uint32_t uid;		/* as which it makes files */
	uint64_t start;		/* since boot, in clock ticks: who else has the number has not */
};

/* From PROC/TGID/status and stat. 0; -ESRCH: it is gone; -EBADMSG; or errno. */
int rp_jit_owner_read(const char *proc, uint32_t tgid, struct rp_jit_owner *ret);

/*
 * May this file be one that the process wrote? RP_JIT_TAKEN, or why not. mapped: it is
 * the process's own mapping that led to it, so its age does not matter.
 */
enum rp_jit_refusal rp_jit_owner_check(const struct rp_jit_owner *o, const struct stat *st,
				       bool mapped);

#endif
