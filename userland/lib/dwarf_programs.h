/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lines without units: all line programs of a file, one after the other.
 *
 * From version 5 on a program says by itself which files it is about. Where .debug_info is
 * compressed, and lines are all that is wanted, so that need not be inflated: it is five
 * times as large as .debug_line, and what says which program is whose is all over it.
 */
#ifndef RP_DWARF_PROGRAMS_H
#define RP_DWARF_PROGRAMS_H

#include "debug_places.h"
#include "dwarf_lines.h"

/* Whether that is how lines of this file are best read. */
bool rp_dwarf_programs_do(const struct rp_dwarf *d);

/*
 * addresses ascend; place[i] is addresses[i]'s and gets file (in strings) and line, if any
 * program has them. address_size: 4 or 8. 0; -ENOTSUP: there are older programs, places are
 * to be found by units; -EBADMSG, -EFBIG: what was found till then counts; -ENOMEM.
 */
int rp_dwarf_programs(struct rp_dwarf *d, unsigned int address_size, struct rp_dwarf_lines *l,
		      const uint64_t *addresses, size_t nr, struct rp_debug_place *place,
		      struct rp_string_pool *strings);

#endif
