/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A unit's line program (DWARF 2 to 5): which line of which file an address is of.
 *
 * The program is run once for all addresses that are wanted of the unit. As debuggers do,
 * the last row at or before an address counts, in the first sequence that covers it.
 *
 * Source  The DWARF standard, version 5, 6.2.
 */
#ifndef RP_DWARF_LINES_H
#define RP_DWARF_LINES_H

#include "dwarf_unit.h"
#include "string_pool.h"

#define RP_DWARF_FILES_MAX	65536u	/* of a unit; and folders */

struct rp_dwarf_file {
	struct rp_dwarf_text name;
	uint32_t directory;
	uint32_t path;		/* in a pool, once it was asked for; 0: not yet */
};

/* To be used for unit after unit. All 0: empty. */
struct rp_dwarf_lines {
	uint64_t program, end;	/* in .debug_line */
	uint16_t version;
	uint8_t address_size, offset_size;
	uint8_t least_instruction, operations, line_range, opcode_base;
	int8_t line_base;
	uint8_t operands[256];		/* of standard opcodes */
	struct rp_dwarf_text *directories;
	struct rp_dwarf_file *files;
	uint32_t nr_directories, nr_files, directories_room, files_room;
	uint32_t unit_path;		/* of the unit's own file */
};

struct rp_dwarf_row {
	uint32_t file, line;
	bool known;
};

/* Numbers of those addresses whose line became known; room for all of them. */
struct rp_dwarf_fresh {
	uint32_t *number;
	size_t nr;
};

/* The head of u's program. 0; -ENOENT: it has none; -EBADMSG; -ENOTSUP; -ENOMEM. */
int rp_dwarf_lines_open(struct rp_dwarf *d, const struct rp_dwarf_unit *u,
			struct rp_dwarf_lines *l);
/* addresses ascend; rows[i] is addresses[i]'s, and left alone if nothing is known of it, or
 * something already. fresh may be NULL. */
int rp_dwarf_lines_run(struct rp_dwarf *d, const struct rp_dwarf_lines *l,
		       const uint64_t *addresses, size_t nr, struct rp_dwarf_row *rows,
		       struct rp_dwarf_fresh *fresh);
/* The path of a file by its number in rows and entries: as the compiler said it, from "/"
 * on if it said that much. 0: it has no such file. */
uint32_t rp_dwarf_lines_path(struct rp_dwarf *d, const struct rp_dwarf_unit *u,
			     struct rp_dwarf_lines *l, uint32_t file,
			     struct rp_string_pool *pool);
void rp_dwarf_lines_free(struct rp_dwarf_lines *l);

#endif
