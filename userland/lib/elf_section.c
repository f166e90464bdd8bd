// SPDX-License-Identifier: GPL-2.0
/*
 * Sections by their names, which are offsets into a section of names: any of them may lie.
 */
#include "elf_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_MAX	(16u << 20)	/* bytes of section names */

/* The names of sections; data NULL: there are none that can be read. */
static int read_names(struct rp_elf_file *f, struct rp_elf_table *ret)
{
	size_t at = f->ehdr.e_shstrndx;
	const GElf_Shdr *sh;
	int r;

	ret->data = NULL;
	if (!f->nr_shdrs)
		return 0;
	if (at == SHN_XINDEX)
		at = f->shdrs[0].sh_link;
	if (at >= f->nr_shdrs || f->shdrs[at].sh_type != SHT_STRTAB)
		return 0;
	sh = &f->shdrs[at];
	r = rp_elf_file_table(f, ELF_T_BYTE, sh->sh_offset, sh->sh_size, NAMES_MAX, ret);
	return r == -ENOMEM ? r : 0;
}

int rp_elf_file_section(struct rp_elf_file *f, const char *name, const GElf_Shdr **ret)
{
	struct rp_elf_table names;
	size_t i, length = strlen(name) + 1;
	const GElf_Shdr *sh;
	int r;

	*ret = NULL;
	r = read_names(f, &names);
	for (i = 1; !r && names.data && i < f->nr_shdrs && !*ret; i++) {
		sh = &f->shdrs[i];
		/* A file of debugging data alone has empty ones of the rest. */
		if (sh->sh_type == SHT_NOBITS || !sh->sh_size || sh->sh_name >= names.size ||
		    names.size - sh->sh_name < length)
			continue;
		if (!memcmp((const char *)names.data + sh->sh_name, name, length))
			*ret = sh;
	}
	if (!r)
		free(names.data);
	return r;
}
