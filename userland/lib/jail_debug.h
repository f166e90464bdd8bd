/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whether a file is the debug file of a build id, looked at in a jail (jail.h): for files
 * that came from elsewhere, before they are kept.
 */
#ifndef RP_JAIL_DEBUG_H
#define RP_JAIL_DEBUG_H

#include <stddef.h>

#include "build_id.h"
#include "jail.h"

struct rp_jail_result;

/*
 * 0; -ESTALE: it is another's, or has neither symbols nor debugging data; otherwise as
 * rp_elf_file_begin(), with a sentence in why. name is for that. fd stays the caller's. jail
 * NULL: in this process.
 */
int rp_jail_debug_check(struct rp_jail *jail, int fd, const char *name,
			const struct rp_build_id *id, char *why, size_t why_size);

/* The jail's side. */
int rp_jail_debug_work(int fd, const char *words, size_t size, struct rp_jail_result *ret);

#endif
