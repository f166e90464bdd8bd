/* SPDX-License-Identifier: GPL-2.0 */
/* A symbol table from the inside, for elf_symbols*.c. Private to them. */
#ifndef RP_ELF_SYMBOLS_PRIVATE_H
#define RP_ELF_SYMBOLS_PRIVATE_H

#include "elf_collect.h"
#include "elf_symbols.h"

struct rp_elf_symbols {
	uint64_t *addr;		/* three in parallel, by address */
	uint32_t *size;
	uint32_t *name;		/* place in the names */
	size_t nr;
	char *names;
	size_t names_size;
	struct rp_elf_segment *segments;
	size_t nr_segments;
	void *block;		/* that all of these are in; NULL: each is by itself */
	struct rp_build_id build_id;
	uint16_t machine, type;
	enum rp_elf_symtab symtab;
	bool is_64, partial;
	bool picked;		/* functions of some addresses alone */
};

/* Frees what a table holds. */
void rp_elf_symbols_empty(struct rp_elf_symbols *es);

#endif
