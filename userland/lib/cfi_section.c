// SPDX-License-Identifier: GPL-2.0
/*
 * A running program finds .eh_frame by a segment (PT_GNU_EH_FRAME), which points to a
 * sorted index with the section's address in its head; a linker's file has names of
 * sections as well, which say how long it is and where .debug_frame lies. The index is not
 * used: it need not tell the truth, and sorting is cheap.
 */
#include "cfi.h"

#include <dwarf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "elf_file.h"
#include "gzip.h"

#define INFLATED_HEAD	12		/* of .zdebug_frame: "ZLIB", eight bytes of size */

/* As it lies in the file. */
static int read_plain(struct rp_elf_file *f, uint64_t offset, uint64_t size,
		      struct rp_cfi_section *s)
{
	struct rp_elf_table t;
	int r = rp_elf_file_table(f, ELF_T_BYTE, offset, size, RP_CFI_SECTION_MAX, &t);

	if (r)
		return r;
	s->data = t.data;
	s->size = t.size;
	return 0;
}

/* data -> what it inflates to. `head` bytes stand before the stream. */
static int inflate(struct rp_cfi_section *s, size_t head)
{
	void *inflated;
	size_t size;
	int r;

	if (s->size < head)
		return -EBADMSG;
	r = rp_gunzip_mem((const uint8_t *)s->data + head, s->size - head, RP_CFI_SECTION_MAX,
			  &inflated, &size, NULL, 0);
	if (r)
		return r;
	free(s->data);
	s->data = inflated;
	s->size = size;
	return 0;
}

static int read_section(struct rp_elf_file *f, const GElf_Shdr *sh, struct rp_cfi_section *s)
{
	struct rp_dwarf_cursor c;
	int r = read_plain(f, sh->sh_offset, sh->sh_size, s);

	s->address = sh->sh_addr;
	if (r || !(sh->sh_flags & SHF_COMPRESSED))
		return r;
	c = (struct rp_dwarf_cursor){ .at = s->data, .end = (uint8_t *)s->data + s->size };
	if (rp_dwarf_fixed(&c, 4) != ELFCOMPRESS_ZLIB)
		return -ENOTSUP;
	return inflate(s, sizeof(Elf64_Chdr));
}

/* A section that cannot be read is none, and is counted. */
static int settle(struct rp_cfi_section *s, int r, struct rp_cfi_section *ret,
		  uint64_t *skipped)
{
	if (r) {
		free(s->data);
		s->data = NULL;
		s->size = 0;
		if (r == -ENOMEM)
			return r;
		++*skipped;
	}
	*ret = *s;
	return 0;
}

/* The segment that holds an address in the file. */
static const GElf_Phdr *segment_of(const struct rp_elf_file *f, uint64_t address)
{
	size_t i;

	for (i = 0; i < f->nr_phdrs; i++)
		if (f->phdrs[i].p_type == PT_LOAD && address >= f->phdrs[i].p_vaddr &&
		    address - f->phdrs[i].p_vaddr < f->phdrs[i].p_filesz)
			return &f->phdrs[i];
	return NULL;
}

/* The index's head: a version, three encodings, and the section's address in the first. */
static int read_index(struct rp_elf_file *f, const GElf_Phdr *index, uint64_t *ret)
{
	struct rp_cfi_cie as = { .address_size = 8 };
	struct rp_cfi_section head = { .address = index->p_vaddr };
	struct rp_dwarf_cursor c;
	int r = read_plain(f, index->p_offset,
			   index->p_filesz < 16 ? index->p_filesz : 16, &head);

	if (r)
		return r;
	c = (struct rp_dwarf_cursor){ .at = head.data,
				      .end = (uint8_t *)head.data + head.size };
	if (rp_dwarf_byte(&c) != 1)
		c.bad = true;
	as.encoding = rp_dwarf_byte(&c);
	rp_dwarf_skip(&c, 2);
	if (c.bad || !rp_cfi_read_address(&head, &c, &as, ret))
		r = -EBADMSG;
	free(head.data);
	return r;
}

/* From there to the end of what is loaded with it; an empty entry ends it. */
static int by_index(struct rp_elf_file *f, struct rp_cfi_section *s)
{
	const GElf_Phdr *index = NULL, *segment;
	uint64_t address, offset, size;
	size_t i;
	int r;

	for (i = 0; i < f->nr_phdrs && !index; i++)
		if (f->phdrs[i].p_type == PT_GNU_EH_FRAME)
			index = &f->phdrs[i];
	if (!index)
		return 0;
	r = read_index(f, index, &address);
	if (r)
		return r;
	segment = segment_of(f, address);
	if (!segment)
		return -EBADMSG;
	offset = segment->p_offset + (address - segment->p_vaddr);
	size = segment->p_filesz - (address - segment->p_vaddr);
	if (offset > f->size)
		return -EBADMSG;
	if (size > f->size - offset)
		size = f->size - offset;
	s->address = address;
	s->open = true;
	return read_plain(f, offset, size < RP_CFI_SECTION_MAX ? size : RP_CFI_SECTION_MAX, s);
}

int rp_cfi_section_eh(struct rp_elf_file *f, struct rp_cfi_section *ret, uint64_t *skipped)
{
	struct rp_cfi_section s = { .eh = true };
	const GElf_Shdr *sh;
	int r = rp_elf_file_section(f, ".eh_frame", &sh);

	if (r)
		return r;
	return settle(&s, sh ? read_section(f, sh, &s) : by_index(f, &s), ret, skipped);
}

int rp_cfi_section_debug(struct rp_elf_file *f, struct rp_cfi_section *ret, uint64_t *skipped)
{
	struct rp_cfi_section s = { .eh = false };
	const GElf_Shdr *sh;
	int r = rp_elf_file_section(f, ".debug_frame", &sh);

	if (r)
		return r;
	if (sh)
		return settle(&s, read_section(f, sh, &s), ret, skipped);
	r = rp_elf_file_section(f, ".zdebug_frame", &sh);
	if (r)
		return r;
	if (sh)
		r = read_section(f, sh, &s);
	if (sh && !r)
		r = s.size < 4 || memcmp(s.data, "ZLIB", 4) ? -EBADMSG :
							     inflate(&s, INFLATED_HEAD);
	return settle(&s, r, ret, skipped);
}
