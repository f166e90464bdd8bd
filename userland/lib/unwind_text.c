// SPDX-License-Identifier: GPL-2.0
/*
 * A program counter becomes a place in the file by the mapping that it is in. So code
 * that two segments show at two addresses could only have one description: the first
 * segment's, and linkers make no such files.
 */
#include "unwind_text.h"

#include <stdlib.h>

static int compare(const void *va, const void *vb)
{
	const struct rp_unwind_segment *a = va, *b = vb;

	return (a->offset > b->offset) - (a->offset < b->offset);
}

/* What of it lies in the file, and wraps around nowhere. */
static void add(const struct rp_elf_file *f, const GElf_Phdr *p, struct rp_unwind_text *t)
{
	uint64_t size = p->p_filesz;

	if (p->p_offset >= f->size || t->nr == RP_UNWIND_SEGMENTS_MAX)
		return;
	if (size > f->size - p->p_offset)
		size = f->size - p->p_offset;
	if (size > UINT64_MAX - p->p_vaddr)
		size = UINT64_MAX - p->p_vaddr;
	if (size)
		t->at[t->nr++] = (struct rp_unwind_segment){ p->p_offset, p->p_vaddr, size };
}

static void set_apart(struct rp_unwind_text *t)
{
	uint64_t covered = 0, by;
	size_t i, nr = 0;

	for (i = 0; i < t->nr; i++) {
		struct rp_unwind_segment s = t->at[i];

		by = covered > s.offset ? covered - s.offset : 0;
		if (by >= s.size)
			continue;
		s.offset += by;
		s.address += by;
		s.size -= by;
		covered = s.offset + s.size;
		t->at[nr++] = s;
	}
	t->nr = nr;
}

static uint64_t section_bytes(const struct rp_elf_file *f)
{
	const uint64_t code = SHF_ALLOC | SHF_EXECINSTR;
	uint64_t bytes = 0;
	size_t i;

	for (i = 0; i < f->nr_shdrs; i++)
		if ((f->shdrs[i].sh_flags & code) == code && f->shdrs[i].sh_type != SHT_NOBITS &&
		    f->shdrs[i].sh_size <= f->size)
			bytes += f->shdrs[i].sh_size;
	return bytes;
}

void rp_unwind_text_of(const struct rp_elf_file *f, struct rp_unwind_text *ret)
{
	uint64_t sections = section_bytes(f);
	size_t i;

	ret->nr = 0;
	ret->bytes = 0;
	for (i = 0; i < f->nr_phdrs; i++)
		if (f->phdrs[i].p_type == PT_LOAD && f->phdrs[i].p_flags & PF_X)
			add(f, &f->phdrs[i], ret);
	qsort(ret->at, ret->nr, sizeof(*ret->at), compare);
	set_apart(ret);
	for (i = 0; i < ret->nr; i++)
		ret->bytes += ret->at[i].size;
	if (sections && sections < ret->bytes)
		ret->bytes = sections;
}

const struct rp_unwind_segment *rp_unwind_segment_of(const struct rp_unwind_text *t,
						     uint64_t address)
{
	size_t i;

	for (i = 0; i < t->nr; i++)
		if (address >= t->at[i].address && address - t->at[i].address < t->at[i].size)
			return &t->at[i];
	return NULL;
}

uint64_t rp_unwind_address_of(const struct rp_unwind_text *t, uint64_t offset)
{
	size_t i;

	for (i = 0; i < t->nr; i++)
		if (offset >= t->at[i].offset && offset - t->at[i].offset < t->at[i].size)
			return t->at[i].address + (offset - t->at[i].offset);
	return 0;
}
