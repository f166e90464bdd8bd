// SPDX-License-Identifier: GPL-2.0
/*
 * All relocations of .rela.plt are kept, whatever their kind, because stubs push their
 * numbers; of the others only those that may be for a stub.
 */
#include "elf_relocs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PIECE 4096u		/* relocations read at once */

struct kinds {
	uint32_t machine, jump_slot, glob_dat, irelative;
};

static const struct kinds kinds[] = {
	{ EM_X86_64, R_X86_64_JUMP_SLOT, R_X86_64_GLOB_DAT, R_X86_64_IRELATIVE },
	{ EM_386, R_386_JMP_SLOT, R_386_GLOB_DAT, R_386_IRELATIVE },
	{ EM_AARCH64, R_AARCH64_JUMP_SLOT, R_AARCH64_GLOB_DAT, R_AARCH64_IRELATIVE },
};

static const struct kinds *kinds_of(const struct rp_elf_file *f)
{
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].machine == f->ehdr.e_machine)
			return &kinds[i];
	return NULL;
}

static GElf_Rela widened(uint64_t offset, uint32_t info, int64_t addend)
{
	return (GElf_Rela){ .r_offset = offset, .r_addend = addend,
			    .r_info = GELF_R_INFO((uint64_t)ELF32_R_SYM(info),
						  ELF32_R_TYPE(info)) };
}

static GElf_Rela entry(const struct rp_elf_file *f, const struct rp_elf_table *t, bool rela,
		       size_t i)
{
	const Elf64_Rel *rel64 = t->data;
	const Elf32_Rela *rela32 = t->data;
	const Elf32_Rel *rel32 = t->data;

	if (f->is_64 && rela)
		return ((const Elf64_Rela *)t->data)[i];
	if (f->is_64)
		return (GElf_Rela){ .r_offset = rel64[i].r_offset, .r_info = rel64[i].r_info };
	if (rela)
		return widened(rela32[i].r_offset, rela32[i].r_info, rela32[i].r_addend);
	return widened(rel32[i].r_offset, rel32[i].r_info, 0);
}

static int add(struct rp_elf_relocs *x, const struct rp_elf_reloc *reloc)
{
	size_t room = x->room ? 2 * x->room : 256;
	struct rp_elf_reloc *relocs;

	if (x->nr == x->room) {
		relocs = realloc(x->relocs, room * sizeof(*relocs));
		if (!relocs)
			return -ENOMEM;
		x->relocs = relocs;
		x->room = room;
	}
	x->relocs[x->nr++] = *reloc;
	return 0;
}

/* One piece of a section. keep_all: relocations of other kinds take a number, too. */
static int take(struct rp_elf_file *f, const struct rp_elf_table *t, bool rela, bool keep_all,
		struct rp_elf_relocs *x)
{
	const struct kinds *k = kinds_of(f);
	struct rp_elf_reloc reloc;
	GElf_Rela r;
	uint32_t type;
	size_t i;

	for (i = 0; i < t->nr; i++) {
		r = entry(f, t, rela, i);
		type = GELF_R_TYPE(r.r_info);
		reloc = (struct rp_elf_reloc){ .word = r.r_offset };
		if (type == k->jump_slot || type == k->glob_dat)
			reloc.target = GELF_R_SYM(r.r_info);
		else if (type == k->irelative && rela)
			reloc.target = r.r_addend;
		reloc.resolves = type == k->irelative && rela;
		if (!keep_all && !reloc.target)
			continue;
		if (x->nr == RP_ELF_RELOCS_MAX) {
			f->partial = true;
			return 0;
		}
		if (add(x, &reloc))
			return -ENOMEM;
	}
	return 0;
}

static int read_section(struct rp_elf_file *f, const GElf_Shdr *sh, bool keep_all,
			struct rp_elf_relocs *x)
{
	const bool rela = sh->sh_type == SHT_RELA;
	const Elf_Type type = rela ? ELF_T_RELA : ELF_T_REL;
	const size_t size = f->is_64 ? elf64_fsize(type, 1, EV_CURRENT) :
				       elf32_fsize(type, 1, EV_CURRENT);
	uint64_t at, piece, left = sh->sh_size;
	struct rp_elf_table t;
	int r = 0;

	if (left > x->may_read) {
		f->partial = true;
		left = x->may_read;
	}
	x->may_read -= left;
	for (at = sh->sh_offset; left >= size && !r; at += piece) {
		piece = left < PIECE * size ? left : PIECE * size;
		r = rp_elf_file_table(f, type, at, piece, PIECE * size, &t);
		if (r) {
			f->partial = true;
			break;
		}
		r = take(f, &t, rela, keep_all, x);
		free(t.data);
		left -= piece;
	}
	return r == -ENOMEM ? r : 0;
}

/* .rela.plt first, and then all others that are for the dynamic linker. */
static int read_sections(struct rp_elf_file *f, struct rp_elf_relocs *x)
{
	const GElf_Shdr *plt, *sh;
	size_t i;
	int r;

	x->may_read = RP_ELF_RELOCS_READ_MAX;
	r = rp_elf_file_section(f, ".rela.plt", &plt);
	if (!r && !plt)
		r = rp_elf_file_section(f, ".rel.plt", &plt);
	if (!r && plt && plt->sh_type != SHT_RELA && plt->sh_type != SHT_REL)
		plt = NULL;
	if (!r && plt)
		r = read_section(f, plt, true, x);
	x->nr_plt = x->nr;
	for (i = 1; i < f->nr_shdrs && !r; i++) {
		sh = &f->shdrs[i];
		if (sh != plt && (sh->sh_flags & SHF_ALLOC) &&
		    (sh->sh_type == SHT_RELA || sh->sh_type == SHT_REL))
			r = read_section(f, sh, false, x);
	}
	return r;
}

static int compare_words(const void *a, const void *b, void *arg)
{
	const struct rp_elf_reloc *relocs = arg;
	uint64_t wa = relocs[*(const uint32_t *)a].word, wb = relocs[*(const uint32_t *)b].word;

	return (wa > wb) - (wa < wb);
}

static int compare_resolvers(const void *va, const void *vb)
{
	const struct rp_elf_resolver *a = va, *b = vb;

	return (a->addr > b->addr) - (a->addr < b->addr);
}

static int make_indexes(struct rp_elf_relocs *x)
{
	size_t i, n = 0;

	x->by_word = malloc(x->nr * sizeof(*x->by_word));
	x->resolvers = malloc(x->nr * sizeof(*x->resolvers));
	if (!x->by_word || !x->resolvers)
		return -ENOMEM;
	for (i = 0; i < x->nr; i++) {
		if (x->relocs[i].target)
			x->by_word[x->nr_by_word++] = i;
		if (x->relocs[i].resolves)
			x->resolvers[x->nr_resolvers++] = (struct rp_elf_resolver){
				x->relocs[i].target, RP_ELF_NO_SYMBOL };
	}
	qsort_r(x->by_word, x->nr_by_word, sizeof(*x->by_word), compare_words, x->relocs);
	qsort(x->resolvers, x->nr_resolvers, sizeof(*x->resolvers), compare_resolvers);
	for (i = 0; i < x->nr_resolvers; i++)	/* each once */
		if (!i || x->resolvers[i].addr != x->resolvers[n - 1].addr)
			x->resolvers[n++] = x->resolvers[i];
	x->nr_resolvers = n;
	return 0;
}

int rp_elf_relocs_read(struct rp_elf_file *f, struct rp_elf_relocs *ret)
{
	int r;

	if (!kinds_of(f))
		return 0;
	r = read_sections(f, ret);
	return r || !ret->nr ? r : make_indexes(ret);
}

void rp_elf_relocs_free(struct rp_elf_relocs *r)
{
	free(r->relocs);
	free(r->by_word);
	free(r->resolvers);
	memset(r, 0, sizeof(*r));
}

uint32_t rp_elf_relocs_find(const struct rp_elf_relocs *r, uint64_t word)
{
	size_t low = 0, high = r->nr_by_word, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (r->relocs[r->by_word[mid]].word < word)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == r->nr_by_word || r->relocs[r->by_word[low]].word != word)
		return RP_ELF_NO_RELOC;
	return r->by_word[low];
}

struct rp_elf_resolver *rp_elf_relocs_resolver(const struct rp_elf_relocs *r, uint64_t addr)
{
	const struct rp_elf_resolver key = { .addr = addr };

	if (!r->nr_resolvers)
		return NULL;
	return bsearch(&key, r->resolvers, r->nr_resolvers, sizeof(key), compare_resolvers);
}
