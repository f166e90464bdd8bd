/* SPDX-License-Identifier: GPL-2.0 */
/* Unwind tables that are compiled in a jail (jail.h). */
#ifndef RP_JAIL_TABLE_H
#define RP_JAIL_TABLE_H

#include <stddef.h>

#include "jail.h"
#include "proto/file_id.h"

struct rp_jail_result;

/*
 * Compiles the file's table, if it is that file: as rp_unwind_compile_fd(), and -ESTALE if
 * it is another one. jail NULL: in this process. name: for messages. *ret is the caller's,
 * and, out of a jail, no more than bytes: the module checks it.
 */
int rp_jail_table(struct rp_jail *jail, const struct rp_file_id *id, int fd, const char *name,
		  void **ret, size_t *ret_size, char *why, size_t why_size);

/* The jail's side. */
int rp_jail_table_work(int fd, const char *words, size_t size, struct rp_jail_result *ret);

#endif
