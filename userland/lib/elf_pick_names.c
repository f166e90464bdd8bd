// SPDX-License-Identifier: GPL-2.0
/*
 * In the order in which they lie in the file, through a window: of a table of megabytes, some
 * thousand names are needed, and each page of memory that is touched for the first time costs
 * as much as to read it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "elf_take.h"
#include "numbers.h"

/* A name and its NUL, wherever in a page it begins; and then pages. */
#define WINDOW ((size_t)128 << 10)
_Static_assert(WINDOW > RP_ELF_NAME_MAX + 1, "a name has to fit");

struct names {
	const struct rp_elf_strings *from;
	char *window;
	size_t start, fill;		/* of the table, what is in the window */
	char *to;
	size_t size, room;
};

/* The name at a place, with its NUL, if there is one of a length that may be; or NULL. */
static const char *look(struct names *n, size_t at, size_t *ret_len)
{
	size_t size = n->from->size, len;

	if (at >= size)
		return NULL;
	if (at < n->start || at - n->start >= n->fill ||
	    !memchr(n->window + (at - n->start), '\0', n->fill - (at - n->start))) {
		n->start = at;
		n->fill = size - at < WINDOW ? size - at : WINDOW;
		if (rp_elf_file_read(n->from->file, n->window, n->from->offset + at, n->fill)) {
			n->from->file->partial = true;
			n->fill = 0;
			return NULL;
		}
	}
	len = strnlen(n->window + (at - n->start), n->fill - (at - n->start));
	if (len == n->fill - (at - n->start) || len > RP_ELF_NAME_MAX)
		return NULL;
	*ret_len = len;
	return n->window + (at - n->start);
}

static int append(struct names *n, const char *name, size_t len)
{
	size_t room = n->room ? 2 * n->room : WINDOW;
	char *larger;

	if (n->room - n->size <= len) {
		larger = realloc(n->to, room);		/* WINDOW and more is enough for any */
		if (!larger)
			return -ENOMEM;
		n->to = larger;
		n->room = room;
	}
	memcpy(n->to + n->size, name, len);
	n->to[n->size + len] = '\0';
	n->size += len + 1;
	return 0;
}

/* Over the limit only if a hostile file has its names within each other. */
static int read_one(struct names *n, struct rp_elf_raw_symbol *s)
{
	size_t len = 0;
	const char *name = n->size < RP_ELF_STRINGS_MAX - WINDOW ? look(n, s->name, &len) : NULL;

	s->name = (uint32_t)n->size;
	s->name_len = name ? (uint32_t)rp_elf_usable_name(name, len) : 0;
	n->from->file->partial |= !name;
	return s->name_len ? append(n, name, s->name_len) : 0;
}

/* Number i's place in the upper half, i in the lower one. */
static int read_in_order(struct names *n, struct rp_elf_raw_symbol *symbols, size_t nr)
{
	uint64_t *order = malloc((nr + 1) * sizeof(*order));
	size_t i;
	int r = order ? 0 : -ENOMEM;

	for (i = 0; i < nr && !r; i++)
		order[i] = (uint64_t)symbols[i].name << 32 | i;
	if (!r)
		rp_numbers_sort(order, nr);
	for (i = 0; i < nr && !r; i++)
		r = read_one(n, &symbols[(uint32_t)order[i]]);
	free(order);
	return r;
}

int rp_elf_pick_names(const struct rp_elf_strings *from, struct rp_elf_raw_symbol *symbols,
		      size_t *nr, char **ret, size_t *ret_size)
{
	struct names n = { .from = from, .window = malloc(WINDOW) };
	size_t i, kept = 0;
	int r = n.window ? read_in_order(&n, symbols, *nr) : -ENOMEM;

	free(n.window);
	if (r) {
		free(n.to);
		return r;
	}
	for (i = 0; i < *nr; i++)
		if (symbols[i].name_len)
			symbols[kept++] = symbols[i];
	*nr = kept;
	*ret = n.to;
	*ret_size = n.size;
	return 0;
}
