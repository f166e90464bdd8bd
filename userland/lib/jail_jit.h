/* SPDX-License-Identifier: GPL-2.0 */
/* Perf maps and jitdumps that are read in a jail (jail.h). */
#ifndef RP_JAIL_JIT_H
#define RP_JAIL_JIT_H

#include <stddef.h>

#include "jail.h"
#include "jit_batch.h"

struct rp_jail_result;

/*
 * As rp_jit_batch_make(), and what comes was checked (rp_jit_batch_check()): *ret_allowance
 * is what is left of the job's. jail NULL: in this process. Returns 0; -EBADMSG: the jail
 * died of it, was too late or answered what cannot be; -errno: there was none to be had, or
 * no memory; with a sentence in why.
 */
int rp_jail_jit(struct rp_jail *jail, int fd, const struct rp_jit_job *job, void **ret,
		size_t *ret_size, uint64_t *ret_allowance, char *why, size_t why_size);

/* The jail's side. */
int rp_jail_jit_work(int fd, const char *words, size_t size, struct rp_jail_result *ret);

#endif
