/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ELF relocations: which function each word of the global offset table is for, as far as
 * the dynamic linker writes functions' addresses there (JUMP_SLOT, GLOB_DAT, IRELATIVE).
 *
 * For x86-64, i386 and arm64; by section headers. Read in pieces, since a program may have
 * millions of relocations that are none of these; bounded by what is kept and by what is
 * read (RP_ELF_RELOCS_READ_MAX), beyond which f->partial is set.
 */
#ifndef RP_ELF_RELOCS_H
#define RP_ELF_RELOCS_H

#include "elf_file.h"

#define RP_ELF_RELOCS_MAX	(256u << 10)	/* kept */
#define RP_ELF_RELOCS_READ_MAX	(64u << 20)	/* bytes in all */
#define RP_ELF_NO_RELOC		UINT32_MAX
#define RP_ELF_NO_SYMBOL	SIZE_MAX

struct rp_elf_reloc {
	uint64_t word;		/* vaddr of what the linker writes */
	uint64_t target;	/* index in .dynsym; or the address of a resolver */
	bool resolves;		/* the latter */
};

struct rp_elf_resolver {
	uint64_t addr;
	size_t symbol;		/* the caller's; RP_ELF_NO_SYMBOL at first */
};

struct rp_elf_relocs {
	struct rp_elf_reloc *relocs;	/* first all of .rela.plt, by their number there */
	size_t nr, nr_plt, room;
	uint32_t *by_word;		/* indexes of those of a kind that counts */
	size_t nr_by_word;
	struct rp_elf_resolver *resolvers;	/* by addr */
	size_t nr_resolvers;
	uint64_t may_read;		/* bytes */
};

/* 0 or -ENOMEM; sections that cannot be read are left out. *ret is to be all zero. */
int rp_elf_relocs_read(struct rp_elf_file *f, struct rp_elf_relocs *ret);
void rp_elf_relocs_free(struct rp_elf_relocs *r);

/* The index of the relocation of a word; RP_ELF_NO_RELOC: there is none. */
uint32_t rp_elf_relocs_find(const struct rp_elf_relocs *r, uint64_t word);

/* The resolver that begins at an address, or NULL. */
struct rp_elf_resolver *rp_elf_relocs_resolver(const struct rp_elf_relocs *r, uint64_t addr);

#endif
