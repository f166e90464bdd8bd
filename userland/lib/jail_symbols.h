/* SPDX-License-Identifier: GPL-2.0 */
/* Symbol tables that are read in a jail (jail.h). */
#ifndef RP_JAIL_SYMBOLS_H
#define RP_JAIL_SYMBOLS_H

#include <stddef.h>

#include "debug_file.h"
#include "elf_symbols.h"
#include "jail.h"

struct rp_jail_result;

/*
 * As rp_elf_symbols_pick(), of as many of the addresses, from the first one on, as a jail can
 * be told at once: *ret_nr. jail NULL: in this process. Debug files are opened by this process,
 * where the search looks for them and nowhere else.
 */
int rp_jail_symbols(struct rp_jail *jail, int fd, const char *path,
		    const struct rp_debug_search *where, const struct rp_elf_wanted *wanted,
		    size_t *ret_nr, struct rp_elf_symbols **ret, char *err, size_t err_size);

/* The jail's side. */
int rp_jail_symbols_work(int fd, const char *words, size_t size, struct rp_jail_result *ret);

#endif
