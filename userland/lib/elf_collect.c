// SPDX-License-Identifier: GPL-2.0
/* Where code lies, and what there is of it; which symbols are functions says elf_take.c. */
#include "elf_collect.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "elf_take.h"

#define NOTES_MAX	(1u << 20)

int rp_elf_table_clamped(struct rp_elf_file *f, Elf_Type type, uint64_t offset, uint64_t size,
			 uint64_t limit, struct rp_elf_table *ret)
{
	size = rp_elf_file_clamp(f, offset, size, limit);
	return rp_elf_file_table(f, type, size ? offset : 0, size, limit, ret);
}

static int read_segments(struct rp_elf_file *f, struct rp_elf_collection *c)
{
	size_t i;

	c->segments = calloc(f->nr_phdrs, sizeof(*c->segments));
	if (!c->segments)
		return -ENOMEM;
	for (i = 0; i < f->nr_phdrs; i++) {
		const GElf_Phdr *p = &f->phdrs[i];

		if (p->p_type != PT_LOAD)
			continue;
		if (c->nr_segments == RP_ELF_SEGMENTS_MAX) {
			f->partial = true;
			break;
		}
		c->segments[c->nr_segments++] = (struct rp_elf_segment){
			.offset = p->p_offset, .vaddr = p->p_vaddr,
			.filesz = p->p_filesz, .memsz = p->p_memsz, .code = p->p_flags & PF_X };
	}
	return 0;
}

static void add_area(struct rp_elf_collection *c, uint64_t start, uint64_t size)
{
	if (size && start + size > start)
		c->areas[c->nr_areas++] = (struct rp_elf_area){ start, start + size };
}

static int compare_areas(const void *va, const void *vb)
{
	const struct rp_elf_area *a = va, *b = vb;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return (a->end > b->end) - (a->end < b->end);
}

/* Which of two an address lies in would depend on who asks: what overlaps is one. */
static void merge_areas(struct rp_elf_collection *c)
{
	struct rp_elf_area *a = c->areas;
	size_t i, n = 0;

	for (i = 0; i < c->nr_areas; i++) {
		if (!n || a[i].start >= a[n - 1].end)
			a[n++] = a[i];
		else if (a[i].end > a[n - 1].end)
			a[n - 1].end = a[i].end;
	}
	c->nr_areas = n;
}

static int read_areas(struct rp_elf_file *f, struct rp_elf_collection *c)
{
	const uint64_t code = SHF_ALLOC | SHF_EXECINSTR;
	size_t i;

	c->areas = calloc(f->nr_shdrs + f->nr_phdrs, sizeof(*c->areas));
	if (!c->areas)
		return -ENOMEM;
	for (i = 0; i < f->nr_shdrs; i++)
		if ((f->shdrs[i].sh_flags & code) == code)
			add_area(c, f->shdrs[i].sh_addr, f->shdrs[i].sh_size);
	for (i = 0; !f->nr_shdrs && i < f->nr_phdrs; i++)
		if (f->phdrs[i].p_type == PT_LOAD && (f->phdrs[i].p_flags & PF_X))
			add_area(c, f->phdrs[i].p_vaddr, f->phdrs[i].p_memsz);
	if (c->nr_areas)
		qsort(c->areas, c->nr_areas, sizeof(*c->areas), compare_areas);
	merge_areas(c);
	return 0;
}

const struct rp_elf_area *rp_elf_area_of(struct rp_elf_collection *c, uint64_t addr)
{
	size_t low = 0, high = c->nr_areas, mid;
	const struct rp_elf_area *a;

	if (!c->nr_areas)
		return NULL;
	a = &c->areas[c->last_area];
	if (addr >= a->start && addr < a->end)
		return a;
	while (low < high) {
		mid = low + (high - low) / 2;
		if (c->areas[mid].start <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	if (!low || addr >= c->areas[low - 1].end)
		return NULL;
	c->last_area = low - 1;
	return &c->areas[low - 1];
}

int rp_elf_collect_add(struct rp_elf_collection *c, const struct rp_elf_raw_symbol *s)
{
	size_t room = c->room ? 2 * c->room : 1024;
	struct rp_elf_raw_symbol *symbols;

	if (c->nr == c->room) {
		symbols = realloc(c->symbols, room * sizeof(*symbols));
		if (!symbols)
			return -ENOMEM;
		c->symbols = symbols;
		c->room = room;
	}
	c->symbols[c->nr++] = *s;
	return 0;
}

int rp_elf_file_build_id(struct rp_elf_file *f, struct rp_build_id *ret)
{
	struct rp_elf_table notes;
	size_t i;
	int r;

	for (i = 0; i < f->nr_phdrs && !ret->size; i++) {
		const GElf_Phdr *p = &f->phdrs[i];

		if (p->p_type != PT_NOTE)
			continue;
		r = rp_elf_file_table(f, ELF_T_BYTE, p->p_offset, p->p_filesz, NOTES_MAX,
				      &notes);
		if (r == -ENOMEM)
			return r;
		if (r) {
			f->partial = true;
			continue;
		}
		rp_build_id_from_notes(notes.data, notes.size, p->p_align, f->swap, ret);
		free(notes.data);
	}
	return 0;
}

int rp_elf_collect(struct rp_elf_file *f, const struct rp_debug_search *where,
		   const struct rp_elf_wanted *wanted, struct rp_elf_collection *ret)
{
	struct rp_elf_collection c = { 0 };
	int r;

	r = read_segments(f, &c);
	if (!r)
		r = read_areas(f, &c);
	if (!r)
		r = rp_elf_file_build_id(f, &c.build_id);
	if (!r)
		r = wanted ? rp_elf_pick(f, wanted->addresses, wanted->nr, &c) :
			rp_elf_take_all(f, where, &c);
	if (r) {
		rp_elf_collection_free(&c);
		return r;
	}
	*ret = c;
	return 0;
}

void rp_elf_collection_free(struct rp_elf_collection *c)
{
	size_t i;

	free(c->symbols);
	free(c->segments);
	free(c->areas);
	for (i = 0; i < RP_ELF_STRINGS; i++)
		free(c->strings[i]);
	memset(c, 0, sizeof(*c));
}
