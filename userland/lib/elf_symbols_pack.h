/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A symbol table in one piece, for another process of this same program (jail_symbols.h):
 * in the host's byte order, no format for files.
 */
#ifndef RP_ELF_SYMBOLS_PACK_H
#define RP_ELF_SYMBOLS_PACK_H

#include <stddef.h>

#include "elf_symbols.h"

/* Into memory that is the caller's. 0 or -ENOMEM. */
int rp_elf_symbols_pack(const struct rp_elf_symbols *es, void **ret, size_t *ret_size);

/*
 * Out of bytes that may be anything: what comes of it can have wrong names, and is safe to
 * look up in. data, which malloc() gave, is the table's then: a large one need not be there
 * twice. 0, -EBADMSG or -ENOMEM; then data is still the caller's.
 */
int rp_elf_symbols_unpack(void *data, size_t size, struct rp_elf_symbols **ret);

#endif
