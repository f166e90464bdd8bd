/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From what a file says of its symbols to what a table has of them: one an address, in
 * order, with names that lie together. All of it happens where the symbols and strings lie
 * already, so that a table of a hundred thousand functions takes little more to be made
 * than to be kept.
 */
#ifndef RP_ELF_SETTLE_H
#define RP_ELF_SETTLE_H

#include "elf_collect.h"

/* By address; which of several at one comes first is left open. 0 or -ENOMEM. */
int rp_elf_sort(struct rp_elf_collection *c);

/*
 * Sorts, leaves one symbol an address, drops labels inside of functions, and ends
 * unsized symbols where the next one begins (elf_symbols.h). 0 or -ENOMEM.
 */
int rp_elf_settle(struct rp_elf_collection *c);

/*
 * Takes the strings of a collection that is settled: *ret_names, *ret_size bytes, has the
 * symbols' names, each with a NUL at its end, and ret_name[i] is the place of number i's.
 * Names that share bytes in the file do so here, too. In what goes to terminals and into
 * files of text a control character has no place: it becomes '?'. What does not fit into
 * RP_ELF_STRINGS_MAX is left out, with its symbols (c->nr). 0 or -ENOMEM.
 */
int rp_elf_take_names(struct rp_elf_collection *c, uint32_t *ret_name, char **ret_names,
		      size_t *ret_size);

#endif
