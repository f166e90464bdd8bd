// SPDX-License-Identifier: GPL-2.0
/*
 * Two tables of one file, each of some of its functions, become one. Where both have a
 * function, they say the same of it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "elf_symbols_private.h"

/* What is made is whole or is not there: four arrays, of which none is in a block. */
static int make_room(struct rp_elf_symbols *es, size_t nr, size_t names_size, size_t segments)
{
	es->addr = malloc(nr * sizeof(*es->addr) + 1);
	es->size = malloc(nr * sizeof(*es->size) + 1);
	es->name = malloc(nr * sizeof(*es->name) + 1);
	es->names = malloc(names_size + 1);
	es->segments = malloc(segments * sizeof(*es->segments) + 1);
	if (es->addr && es->size && es->name && es->names && es->segments)
		return 0;
	free(es->addr);
	free(es->size);
	free(es->name);
	free(es->names);
	free(es->segments);
	return -ENOMEM;
}

static void put(struct rp_elf_symbols *to, const struct rp_elf_symbols *from, size_t i)
{
	const char *name = from->names + from->name[i];
	size_t len = strlen(name) + 1;

	to->addr[to->nr] = from->addr[i];
	to->size[to->nr] = from->size[i];
	to->name[to->nr++] = (uint32_t)to->names_size;
	memcpy(to->names + to->names_size, name, len);
	to->names_size += len;
}

/* Names may share bytes in a table; each by itself they are so many. */
static size_t bytes_of_names(const struct rp_elf_symbols *es)
{
	size_t i, size = 0;

	for (i = 0; i < es->nr && size <= RP_ELF_STRINGS_MAX; i++)
		size += strlen(es->names + es->name[i]) + 1;
	return size;
}

int rp_elf_symbols_merge(struct rp_elf_symbols *es, const struct rp_elf_symbols *more)
{
	const size_t names = bytes_of_names(es) + bytes_of_names(more);
	struct rp_elf_symbols made = *es;
	size_t a = 0, b = 0;

	if (names > RP_ELF_STRINGS_MAX)
		return -EFBIG;
	if (make_room(&made, es->nr + more->nr, names, es->nr_segments))
		return -ENOMEM;
	memcpy(made.segments, es->segments, es->nr_segments * sizeof(*es->segments));
	made.block = NULL;
	made.nr = made.names_size = 0;
	made.partial |= more->partial;
	while (a < es->nr || b < more->nr) {
		if (b == more->nr || (a < es->nr && es->addr[a] <= more->addr[b])) {
			b += b < more->nr && es->addr[a] == more->addr[b];
			put(&made, es, a++);
		} else {
			put(&made, more, b++);
		}
	}
	rp_elf_symbols_empty(es);
	*es = made;
	return 0;
}
