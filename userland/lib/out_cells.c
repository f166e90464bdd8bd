// SPDX-License-Identifier: GPL-2.0
/*
 * The width of a column is known when its last row is: so a table is collected
 * first. Rows are cut to the columns of the first one, so that a caller's mistake
 * cannot shift a number under another heading.
 */
#include "out_cells.h"

#include "utf8.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int rp_cells_add(struct rp_cells *c, const char *title, char *text, bool right)
{
	struct rp_cell cell = { strdup(title), text, right };
	struct rp_cell *more;
	size_t room;

	if (c->nr == c->room) {
		room = c->room ? c->room * 2 : 32;
		more = realloc(c->cells, room * sizeof(*more));
		if (more) {
			c->cells = more;
			c->room = room;
		}
	}
	if (!cell.title || !cell.text || c->nr == c->room) {
		free(cell.title);
		free(cell.text);
		return -ENOMEM;
	}
	c->cells[c->nr++] = cell;
	return 0;
}

static void drop_last(struct rp_cells *c)
{
	c->nr--;
	free(c->cells[c->nr].title);
	free(c->cells[c->nr].text);
}

int rp_cells_end_row(struct rp_cells *c)
{
	int err = 0;

	if (!c->row)
		c->columns = c->nr;
	while (c->nr > c->row + c->columns)
		drop_last(c);
	while (c->nr < c->row + c->columns && !err)
		err = rp_cells_add(c, "", strdup(""), false);
	c->row = c->nr;
	return err;
}

static int width_of(const char *s)
{
	int n = 0;

	while (rp_utf8_next(&s))
		n++;
	return n;
}

static void pad(FILE *f, int n)
{
	if (n > 0)
		fprintf(f, "%*s", n, "");
}

static void forget(struct rp_cells *c)
{
	while (c->nr)
		drop_last(c);
	c->columns = c->row = 0;
}

void rp_cells_print_fields(struct rp_cells *c, FILE *f, int indent)
{
	int widest = 0, w;
	size_t i;

	for (i = 0; i < c->nr; i++) {
		w = width_of(c->cells[i].title);
		widest = w > widest ? w : widest;
	}
	for (i = 0; i < c->nr; i++) {
		pad(f, indent);
		fputs(c->cells[i].title, f);
		if (*c->cells[i].title && *c->cells[i].text)
			pad(f, widest - width_of(c->cells[i].title) + 2);
		fprintf(f, "%s\n", c->cells[i].text);
	}
	forget(c);
}

static void print_cell(FILE *f, const char *text, bool right, int width, bool last)
{
	int space = width - width_of(text);

	if (right)
		pad(f, space);
	fputs(text, f);
	if (!last)
		pad(f, right ? 2 : space + 2);
}

static void wider(int *width, const char *text)
{
	int w = width_of(text);

	if (w > *width)
		*width = w;
}

int rp_cells_print_table(struct rp_cells *c, FILE *f, int indent)
{
	size_t i, n = c->columns;
	int *widths;

	if (!c->nr || !n)
		return 0;
	widths = calloc(n, sizeof(*widths));
	if (!widths)
		return -ENOMEM;
	for (i = 0; i < c->nr; i++) {
		wider(&widths[i % n], c->cells[i].text);
		if (i < n)
			wider(&widths[i], c->cells[i].title);
	}
	pad(f, indent);
	for (i = 0; i < n; i++)
		print_cell(f, c->cells[i].title, c->cells[i].right, widths[i], i == n - 1);
	putc('\n', f);
	for (i = 0; i < c->nr; i++) {
		if (i % n == 0)
			pad(f, indent);
		print_cell(f, c->cells[i].text, c->cells[i].right, widths[i % n],
			   i % n == n - 1);
		if (i % n == n - 1)
			putc('\n', f);
	}
	free(widths);
	forget(c);
	return 0;
}

void rp_cells_free(struct rp_cells *c)
{
	forget(c);
	free(c->cells);
	c->cells = NULL;
	c->room = 0;
}
