/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which of a file's symbols are functions, and how they come into a collection: all of them
 * (elf_take.c), or those that some addresses need (elf_pick.c).
 */
#ifndef RP_ELF_TAKE_H
#define RP_ELF_TAKE_H

#include "elf_collect.h"

/*
 * All that there are, .symtab's from wherever it is. where: the places of a separate debug
 * file, or NULL. 0 or -ENOMEM; what cannot be read is left out (f->partial).
 */
int rp_elf_take_all(struct rp_elf_file *f, const struct rp_debug_search *where,
		    struct rp_elf_collection *c);

/*
 * Whether a file has more than so many symbols in a .symtab of its own, one that nobody has
 * taken names out of: it has nearly all that .dynsym has, too.
 */
bool rp_elf_can_pick(const struct rp_elf_file *f, size_t more_than);
/*
 * From such a file what it takes to name these addresses (ascending) as all of its symbols
 * would; .dynsym names those alone that .symtab does not. As rp_elf_take_all().
 */
int rp_elf_pick(struct rp_elf_file *f, const uint64_t *addresses, size_t nr,
		struct rp_elf_collection *c);

/* ---- for these ---- */

/* Whether a symbol counts; *ret is what it says, but for the length of its name. */
bool rp_elf_is_code(const struct rp_elf_file *f, struct rp_elf_collection *c,
		    const GElf_Sym *sym, unsigned int from, struct rp_elf_raw_symbol *ret);
/* The first section of a type, or NULL. */
const GElf_Shdr *rp_elf_section_of_type(const struct rp_elf_file *f, unsigned int type);
/* A section of symbols and its strings; as rp_elf_file_table(). */
int rp_elf_symbol_section(struct rp_elf_file *f, const GElf_Shdr *sh,
			  struct rp_elf_table *ret_symbols, struct rp_elf_strings *ret_strings);
/*
 * The names of symbols (so far places in a table of strings) come to lie in memory of their
 * own: *ret, of *ret_size bytes; NULL if there are none. Symbols without a name go. 0 or
 * -ENOMEM.
 */
int rp_elf_pick_names(const struct rp_elf_strings *from, struct rp_elf_raw_symbol *symbols,
		      size_t *nr, char **ret, size_t *ret_size);

#endif
