/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Section .gnu_debugdata: a small ELF file, compressed by xz, with the .symtab of the
 * functions that .dynsym does not list, for a stripped file (Fedora and RHEL have it
 * everywhere).
 *
 * Source   https://sourceware.org/gdb/current/onlinedocs/gdb.html/MiniDebugInfo.html
 * Hostile  What is unpacked takes at most the bytes below, and so does the unpacking;
 *          a file that promises more is not unpacked.
 * Threads  Any number at once.
 */
#ifndef RP_DEBUG_DATA_H
#define RP_DEBUG_DATA_H

#include "elf_file.h"

#define RP_DEBUG_DATA_PACKED_MAX	(16u << 20)	/* bytes of the section */
#define RP_DEBUG_DATA_MAX		(32u << 20)	/* bytes when unpacked */
#define RP_DEBUG_DATA_MEMORY_MAX	(72u << 20)	/* bytes to unpack it; xz -9 needs 65 MiB */

/*
 * Unpacks it: *ret_image, of *ret_size bytes, is an ELF file if it is what it should be;
 * free() it. 0; -ENOENT there is no such section; -EBADMSG not xz, corrupt or cut off;
 * -EFBIG over a limit; -ENOMEM.
 */
int rp_debug_data_unpack(struct rp_elf_file *f, void **ret_image, size_t *ret_size);

#endif
