// SPDX-License-Identifier: GPL-2.0
/*
 * In blocks, each read once: a file that changes meanwhile is looked at twice nowhere.
 */
#include "elf_strings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "elf_symbols.h"

#define BLOCK	((size_t)64 << 10)	/* bytes */

enum { UNREAD, READ, BAD };

int rp_elf_strings_open(struct rp_elf_file *f, uint64_t offset, uint64_t size,
			struct rp_elf_strings *ret)
{
	struct rp_elf_strings s = { .file = f, .offset = offset };

	s.size = rp_elf_file_clamp(f, offset, size, RP_ELF_STRINGS_MAX);
	s.data = malloc(s.size + 1);	/* so that a name can be ended */
	s.is_read = calloc(s.size / BLOCK + 1, 1);
	if (!s.data || !s.is_read) {
		rp_elf_strings_free(&s);
		return rp_elf_file_fail(f, -ENOMEM, "no memory for %llu bytes of names",
					(unsigned long long)size);
	}
	*ret = s;
	return 0;
}

void rp_elf_strings_free(struct rp_elf_strings *s)
{
	free(s->data);
	free(s->is_read);
	s->data = NULL;
	s->is_read = NULL;
}

/* Whether the block is there, from its start on. */
static bool has_block(struct rp_elf_strings *s, size_t block)
{
	size_t start = block * BLOCK;
	size_t size = s->size - start < BLOCK ? s->size - start : BLOCK;

	if (s->is_read[block] == UNREAD) {
		s->is_read[block] = rp_elf_file_read(s->file, s->data + start,
						     s->offset + start, size) ? BAD : READ;
		s->file->partial |= s->is_read[block] == BAD;
	}
	return s->is_read[block] == READ;
}

/* Up to its NUL; 0: it has none within the table or the limit. */
static size_t whole_length(struct rp_elf_strings *s, size_t at)
{
	const size_t start = at;
	size_t behind, len;

	while (at < s->size && at - start <= RP_ELF_NAME_MAX) {
		if (!has_block(s, at / BLOCK))
			return 0;
		behind = (at / BLOCK + 1) * BLOCK;
		if (behind > s->size)
			behind = s->size;
		len = strnlen(s->data + at, behind - at);
		at += len;
		if (at < behind)
			return at - start <= RP_ELF_NAME_MAX ? at - start : 0;
	}
	return 0;
}

size_t rp_elf_usable_name(const char *name, size_t len)
{
	const char *version;

	/* Compilers' local labels, and ARM's and RISC-V's mapping symbols. */
	if (!len || *name == '$' || (name[0] == '.' && name[1] == 'L'))
		return 0;
	version = memchr(name, '@', len);
	return version && version > name ? (size_t)(version - name) : len;
}

size_t rp_elf_name_length(struct rp_elf_strings *s, uint32_t at)
{
	size_t len = whole_length(s, at);

	return len ? rp_elf_usable_name(s->data + at, len) : 0;
}
