/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ELF strings: a table of names in a hostile ELF file, of which no more is read than is
 * looked at: a large program's .dynstr has megabytes of what .symtab says as well.
 *
 * Memory  As much address space as the table has bytes; what was not read is not touched.
 * Errors  What cannot be read is no name, and sets the file's `partial`.
 */
#ifndef RP_ELF_STRINGS_H
#define RP_ELF_STRINGS_H

#include "elf_file.h"

struct rp_elf_strings {
	struct rp_elf_file *file;	/* as long as names are asked for */
	uint64_t offset;
	char *data;			/* may be taken, and be freed by who took it */
	size_t size;
	uint8_t *is_read;		/* of each block */
};

/*
 * Of a table of `size` bytes at an offset as much as there is, and as may be. 0 or -ENOMEM.
 */
int rp_elf_strings_open(struct rp_elf_file *f, uint64_t offset, uint64_t size,
			struct rp_elf_strings *ret);
void rp_elf_strings_free(struct rp_elf_strings *s);

/*
 * The length of the name that begins at `at`, which is in data then; without the version that
 * may follow it. 0: there is no usable one.
 */
size_t rp_elf_name_length(struct rp_elf_strings *s, uint32_t at);
/* The same of a name of len bytes, which has a NUL at its end. */
size_t rp_elf_usable_name(const char *name, size_t len);

#endif
