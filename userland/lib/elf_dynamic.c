// SPDX-License-Identifier: GPL-2.0
/*
 * A program runs without section headers (stripped of them to save room, or packed), but
 * not without its dynamic segment: the loader finds the exported functions there, and so
 * do we. The table's length stands nowhere; it follows from either hash table.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "elf_collect.h"
#include "elf_symbols.h"

#define DYNAMIC_MAX	(1u << 20)	/* bytes; a few hundred in practice */

struct dynamic {
	uint64_t symtab, strtab, strsz, hash, gnu_hash;	/* addresses, but for strsz */
};

/* The file offset of an address, and how much of the segment lies behind it. */
static int offset_of(const struct rp_elf_file *f, uint64_t vaddr, uint64_t *ret_offset,
		     uint64_t *ret_room)
{
	size_t i;

	for (i = 0; i < f->nr_phdrs; i++) {
		const GElf_Phdr *p = &f->phdrs[i];

		if (p->p_type != PT_LOAD || vaddr < p->p_vaddr ||
		    vaddr - p->p_vaddr >= p->p_filesz)
			continue;
		*ret_offset = p->p_offset + (vaddr - p->p_vaddr);
		*ret_room = p->p_filesz - (vaddr - p->p_vaddr);
		return 0;
	}
	return -ENOENT;
}

static int read_dynamic(struct rp_elf_file *f, struct dynamic *ret)
{
	struct rp_elf_table t;
	size_t i;
	int r;

	for (i = 0; i < f->nr_phdrs; i++)
		if (f->phdrs[i].p_type == PT_DYNAMIC)
			break;
	if (i == f->nr_phdrs)
		return -ENOENT;
	r = rp_elf_table_clamped(f, ELF_T_DYN, f->phdrs[i].p_offset, f->phdrs[i].p_filesz,
				 DYNAMIC_MAX, &t);
	if (r)
		return r;
	memset(ret, 0, sizeof(*ret));
	for (i = 0; i < t.nr; i++) {
		GElf_Dyn d = rp_elf_file_dyn(f, &t, i);

		if (d.d_tag == DT_NULL)
			break;
		switch (d.d_tag) {
		case DT_SYMTAB:	  ret->symtab = d.d_un.d_ptr; break;
		case DT_STRTAB:	  ret->strtab = d.d_un.d_ptr; break;
		case DT_STRSZ:	  ret->strsz = d.d_un.d_val; break;
		case DT_HASH:	  ret->hash = d.d_un.d_ptr; break;
		case DT_GNU_HASH: ret->gnu_hash = d.d_un.d_ptr; break;
		}
	}
	free(t.data);
	return ret->symtab && ret->strtab ? 0 : -ENOENT;
}

/* The table of words at an address, up to the end of its segment. */
static int read_words(struct rp_elf_file *f, uint64_t vaddr, struct rp_elf_table *ret)
{
	uint64_t offset, room;
	int r = offset_of(f, vaddr, &offset, &room);

	if (r)
		return r;
	return rp_elf_table_clamped(f, ELF_T_WORD, offset, room,
				    RP_ELF_SYMBOLS_MAX * 8ull, ret);
}

/* DT_HASH: words 0 and 1 are the numbers of buckets and of symbols. */
static uint64_t count_by_hash(const struct rp_elf_table *t)
{
	const uint32_t *w = t->data;

	return t->nr >= 2 ? w[1] : 0;
}

/*
 * DT_GNU_HASH: the highest chain's last link is the last symbol. Header: buckets, first
 * symbol, words of the Bloom filter (each as wide as an address), shift.
 */
static uint64_t count_by_gnu_hash(const struct rp_elf_table *t, bool is_64)
{
	const uint32_t *w = t->data;
	uint64_t buckets, first, at, i, last = 0;

	if (t->nr < 4)
		return 0;
	buckets = w[0];
	first = w[1];
	at = 4 + (uint64_t)w[2] * (is_64 ? 2 : 1);
	if (at + buckets > t->nr)
		return 0;
	for (i = 0; i < buckets; i++)
		if (w[at + i] > last)
			last = w[at + i];
	if (last < first)
		return first;	/* empty chains: what precedes them is all */
	at += buckets;
	while (at + (last - first) < t->nr && !(w[at + (last - first)] & 1))
		last++;
	return last + 1;
}

static uint64_t count_symbols(struct rp_elf_file *f, const struct dynamic *d)
{
	struct rp_elf_table t;
	uint64_t n = 0;

	if (d->hash && read_words(f, d->hash, &t) == 0) {
		n = count_by_hash(&t);
		free(t.data);
	} else if (d->gnu_hash && read_words(f, d->gnu_hash, &t) == 0) {
		n = count_by_gnu_hash(&t, f->is_64);
		free(t.data);
	}
	return n;
}

int rp_elf_dynamic_symbols(struct rp_elf_file *f, struct rp_elf_table *ret_symbols,
			   struct rp_elf_strings *ret_strings)
{
	uint64_t n, offset, room, size = f->is_64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
	struct rp_elf_table symbols;
	struct dynamic d;
	int r;

	r = read_dynamic(f, &d);
	if (r)
		return r;
	n = count_symbols(f, &d);
	if (!n)
		return -ENOENT;
	if (n > RP_ELF_SYMBOLS_MAX) {
		f->partial = true;
		n = RP_ELF_SYMBOLS_MAX;
	}
	r = offset_of(f, d.symtab, &offset, &room);
	if (r)
		return r;
	r = rp_elf_table_clamped(f, ELF_T_SYM, offset, n * size < room ? n * size : room,
				 RP_ELF_SYMBOLS_MAX * size, &symbols);
	if (r)
		return r;
	r = offset_of(f, d.strtab, &offset, &room);
	if (!r)
		r = rp_elf_strings_open(f, offset, d.strsz < room ? d.strsz : room,
					ret_strings);
	if (r) {
		free(symbols.data);
		return r;
	}
	*ret_symbols = symbols;
	return 0;
}
