// SPDX-License-Identifier: GPL-2.0
/* The head, and then each of the arrays, without a gap, those of larger things first. */
#include "elf_symbols_pack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "elf_symbols_private.h"

struct head {
	uint64_t nr, names_size, nr_segments;
	struct rp_build_id build_id;
	uint16_t machine, type;
	uint8_t symtab, is_64, partial, picked;
};

_Static_assert(sizeof(struct head) % sizeof(uint64_t) == 0 &&
	       sizeof(struct rp_elf_segment) % sizeof(uint64_t) == 0,
	       "what follows them has to be aligned");

/* The arrays of a table, with their sizes by its head. */
#define ARRAYS 5
struct array {
	void **at;
	size_t size;
};

static void arrays_of(struct rp_elf_symbols *es, struct array ret[ARRAYS])
{
	ret[0] = (struct array){ (void **)&es->addr, es->nr * sizeof(*es->addr) };
	ret[1] = (struct array){ (void **)&es->segments,
				 es->nr_segments * sizeof(*es->segments) };
	ret[2] = (struct array){ (void **)&es->size, es->nr * sizeof(*es->size) };
	ret[3] = (struct array){ (void **)&es->name, es->nr * sizeof(*es->name) };
	ret[4] = (struct array){ (void **)&es->names, es->names_size };
}

int rp_elf_symbols_pack(const struct rp_elf_symbols *es, void **ret, size_t *ret_size)
{
	struct rp_elf_symbols view = *es;
	struct array arrays[ARRAYS];
	size_t size = sizeof(struct head), i;
	struct head head;
	char *data, *to;

	memset(&head, 0, sizeof(head));
	head.nr = es->nr;
	head.names_size = es->names_size;
	head.nr_segments = es->nr_segments;
	head.build_id = es->build_id;
	head.machine = es->machine;
	head.type = es->type;
	head.symtab = (uint8_t)es->symtab;
	head.is_64 = es->is_64;
	head.partial = es->partial;
	head.picked = es->picked;
	arrays_of(&view, arrays);
	for (i = 0; i < ARRAYS; i++)
		size += arrays[i].size;
	data = to = malloc(size);
	if (!data)
		return -ENOMEM;
	memcpy(to, &head, sizeof(head));
	to += sizeof(head);
	for (i = 0; i < ARRAYS; i++) {
		if (arrays[i].size)
			memcpy(to, *arrays[i].at, arrays[i].size);
		to += arrays[i].size;
	}
	*ret = data;
	*ret_size = size;
	return 0;
}

static bool fits(const struct head *head, size_t size)
{
	return head->nr <= 2 * (uint64_t)RP_ELF_SYMBOLS_MAX &&
	       head->names_size <= RP_ELF_STRINGS_MAX &&
	       head->nr_segments && head->nr_segments <= RP_ELF_SEGMENTS_MAX &&
	       head->build_id.size <= RP_BUILD_ID_BYTES &&
	       head->symtab <= RP_ELF_SYMTAB_DEBUG_DATA && head->is_64 <= 1 &&
	       head->partial <= 1 && head->picked <= 1 && size == sizeof(*head) + head->nr * 16 + head->names_size +
		       head->nr_segments * sizeof(struct rp_elf_segment);
}

/* The arrays are where they lie. */
static void place(struct rp_elf_symbols *es, char *from)
{
	struct array arrays[ARRAYS];
	size_t i;

	arrays_of(es, arrays);
	for (i = 0; i < ARRAYS; i++) {
		*arrays[i].at = from;
		from += arrays[i].size;
	}
}

/* A name is looked at up to its NUL, a segment's `code` as what it is. */
static bool is_sound(const struct rp_elf_symbols *es)
{
	unsigned char code;
	size_t i;

	if (es->nr && (!es->names_size || es->names[es->names_size - 1]))
		return false;
	for (i = 0; i < es->nr; i++)
		if (es->name[i] >= es->names_size ||
		    (i && es->addr[i - 1] > es->addr[i]))
			return false;
	for (i = 0; i < es->nr_segments; i++) {
		memcpy(&code, &es->segments[i].code, 1);
		if (code > 1)
			return false;
	}
	return true;
}

int rp_elf_symbols_unpack(void *data, size_t size, struct rp_elf_symbols **ret)
{
	struct rp_elf_symbols *es;
	struct head head;

	if (size < sizeof(head))
		return -EBADMSG;
	memcpy(&head, data, sizeof(head));
	if (!fits(&head, size))
		return -EBADMSG;
	es = calloc(1, sizeof(*es));
	if (!es)
		return -ENOMEM;
	es->nr = (size_t)head.nr;
	es->names_size = (size_t)head.names_size;
	es->nr_segments = (size_t)head.nr_segments;
	es->build_id = head.build_id;
	es->machine = head.machine;
	es->type = head.type;
	es->symtab = (enum rp_elf_symtab)head.symtab;
	es->is_64 = head.is_64;
	es->partial = head.partial;
	es->picked = head.picked;
	place(es, (char *)data + sizeof(head));
	if (!is_sound(es)) {
		free(es);
		return -EBADMSG;
	}
	es->block = data;
	*ret = es;
	return 0;
}
