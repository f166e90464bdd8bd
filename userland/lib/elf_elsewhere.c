// SPDX-License-Identifier: GPL-2.0
/*
 * The .symtab that a stripped file has lost and that is kept for it elsewhere. Addresses
 * are the same there, and the areas of code those of the file that runs: what does not lie
 * in one is left out, as ever.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "debug_data.h"
#include "elf_collect.h"

/* .symtab of another file for the same code. */
static int read_other(struct rp_elf_file *other, enum rp_elf_symtab from,
		      struct rp_elf_collection *c, bool *ret_partial)
{
	int r = rp_elf_file_begin(other);

	if (r)
		return r;
	r = rp_elf_collect_kind(other, SHT_SYMTAB, from, c);
	*ret_partial |= other->partial;
	rp_elf_file_end(other);
	return r;
}

int rp_elf_collect_debug_file(struct rp_elf_file *f, const struct rp_debug_search *where,
			      struct rp_elf_collection *c)
{
	struct rp_elf_file other = { .name = f->name };
	struct rp_debug_file debug;
	struct stat st;
	int r;

	r = rp_debug_file_open(f, where, &debug);
	if (r)
		return r == -ENOMEM ? r : -ENOENT;
	r = fstat(debug.fd, &st) ? -errno : 0;
	other.fd = debug.fd;
	other.size = r ? 0 : st.st_size;
	if (!r)
		r = read_other(&other, RP_ELF_SYMTAB_DEBUG_FILE, c, &f->partial);
	close(debug.fd);
	return r;
}

int rp_elf_collect_debug_data(struct rp_elf_file *f, struct rp_elf_collection *c)
{
	struct rp_elf_file other = { .name = f->name, .fd = -1 };
	void *image;
	size_t size;
	int r;

	r = rp_debug_data_unpack(f, &image, &size);
	if (r)
		return r;
	other.image = image;
	other.size = size;
	r = read_other(&other, RP_ELF_SYMTAB_DEBUG_DATA, c, &f->partial);
	free(image);
	return r;
}
