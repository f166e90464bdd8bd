/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Text in columns; private to the print layer. Cells are collected, and printed
 * once their widths are known: either as fields (title and value) or as a table.
 * Widths count code points.
 */
#ifndef RP_OUT_CELLS_H
#define RP_OUT_CELLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct rp_cells {
	struct rp_cell {
		char *title, *text;
		bool right;		/* numbers stand right */
	} *cells;
	size_t nr, room;
	size_t columns;			/* of a table: cells of its first row */
	size_t row;			/* where the row being collected begins */
};

/* Takes text over, also on failure (also NULL). 0 or -ENOMEM. */
int rp_cells_add(struct rp_cells *c, const char *title, char *text, bool right);
/* The cells since the last row are one. Missing ones are filled up, others dropped. */
int rp_cells_end_row(struct rp_cells *c);

/* Print what was collected, and forget it. */
void rp_cells_print_fields(struct rp_cells *c, FILE *f, int indent);
int rp_cells_print_table(struct rp_cells *c, FILE *f, int indent);
void rp_cells_free(struct rp_cells *c);

#endif
