/* SPDX-License-Identifier: GPL-2.0 */
/* Symbols of hand-written files: how they are read, and what is to be found in them. */
#ifndef TEST_ELF_SYMBOLS_FIXTURE_H
#define TEST_ELF_SYMBOLS_FIXTURE_H

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "elf_image.h"
#include "elf_symbols.h"

#define TEXT (IMAGE_VADDR + IMAGE_TEXT)

/* From a copy of exactly that size, so that ASan sees a read of one byte too many. */
static inline int load(const void *bytes, size_t size, struct rp_elf_symbols **ret)
{
	void *copy = calloc(1, size ? size : 1);
	char err[256] = "";
	int r;

	memcpy(copy, bytes, size);
	r = rp_elf_symbols_from_memory(copy, size, "image", ret, err, sizeof(err));
	free(copy);
	if (r) {
		assert_true(r == -ENOEXEC || r == -EBADMSG || r == -EFBIG);
		assert_memory_equal(err, "image: ", 7);	/* a sentence with the name */
	}
	return r;
}

static inline void expect(const struct rp_elf_symbols *es, uint64_t vaddr, const char *name,
			  uint64_t offset)
{
	struct rp_elf_symbol s;
	int r = rp_elf_symbols_lookup(es, vaddr, &s);

	if (!name) {
		assert_int_equal(r, -ENOENT);
		return;
	}
	assert_int_equal(r, 0);
	assert_string_equal(s.name, name);
	assert_int_equal(s.offset, offset);
	assert_int_equal(s.start + s.offset, vaddr);
	assert_in_range(s.offset, 0, s.size - 1);
}

#endif
