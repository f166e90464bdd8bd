// SPDX-License-Identifier: GPL-2.0
/*
 * Which symbols are functions is decided here. Types alone do not tell: assembly often
 * leaves the type out, and data has labels too. So a symbol counts if it lies in an area
 * of code and is a function or untyped; a type that says data never counts.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "elf_settle.h"
#include "elf_take.h"

/* Stripped files list exported functions only: the next symbol may be far away. */
#define STRIPPED_REACH	4096
#define ALIASES_MAX	64u	/* of one address that are looked through */

/*
 * Whether .symtab has a function like that there: then it has the names of it, too, and
 * those of .dynsym, nearly all of which are there again, need not be looked at.
 */
static bool is_known(const struct rp_elf_collection *c, const struct rp_elf_raw_symbol *s)
{
	size_t low = 0, high = c->nr_sorted, mid, stop;
	const struct rp_elf_raw_symbol *k;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (c->symbols[mid].addr < s->addr)
			low = mid + 1;
		else
			high = mid;
	}
	stop = c->nr_sorted - low > ALIASES_MAX ? low + ALIASES_MAX : c->nr_sorted;
	for (; low < stop && c->symbols[low].addr == s->addr; low++) {
		k = &c->symbols[low];
		if (k->rank == s->rank && k->size == s->size)
			return true;
	}
	return false;
}

bool rp_elf_is_code(const struct rp_elf_file *f, struct rp_elf_collection *c,
		    const GElf_Sym *sym, unsigned int from, struct rp_elf_raw_symbol *ret)
{
	unsigned int type = GELF_ST_TYPE(sym->st_info), machine = f->ehdr.e_machine;
	struct rp_elf_raw_symbol s = { .addr = sym->st_value, .name = sym->st_name,
				       .strings = from };
	uint64_t size = sym->st_size;
	const struct rp_elf_area *area;

	if (sym->st_shndx == SHN_UNDEF || sym->st_shndx == SHN_ABS ||
	    sym->st_shndx == SHN_COMMON)
		return false;
	if (type != STT_FUNC && type != STT_GNU_IFUNC && type != STT_NOTYPE)
		return false;
	/* Bit 0 says which instruction set (Thumb, microMIPS), not where. */
	if (type != STT_NOTYPE && (machine == EM_ARM || machine == EM_MIPS))
		s.addr &= ~1ull;
	area = rp_elf_area_of(c, s.addr);
	if (!area)
		return false;
	if (GELF_ST_BIND(sym->st_info) == STB_LOCAL)
		s.rank |= RP_ELF_RANK_LOCAL;
	if (type == STT_NOTYPE)
		s.rank |= RP_ELF_RANK_UNTYPED;
	if (!size) {
		s.rank |= RP_ELF_RANK_UNSIZED;
		size = area->end - s.addr;
		if (!c->symtab && size > STRIPPED_REACH)
			size = STRIPPED_REACH;
	}
	if (size > area->end - s.addr)
		size = area->end - s.addr;
	s.size = size < UINT32_MAX ? size : UINT32_MAX;
	*ret = s;
	return true;
}

static int take_symbol(struct rp_elf_file *f, struct rp_elf_collection *c, const GElf_Sym *sym,
		       unsigned int from, struct rp_elf_strings *strings)
{
	struct rp_elf_raw_symbol s;

	if (!rp_elf_is_code(f, c, sym, from, &s) || is_known(c, &s))
		return 0;
	s.name_len = rp_elf_name_length(strings, sym->st_name);
	return s.name_len ? rp_elf_collect_add(c, &s) : 0;
}

static int take_symbols(struct rp_elf_file *f, struct rp_elf_collection *c,
			const struct rp_elf_table *symbols, unsigned int from,
			struct rp_elf_strings *strings)
{
	size_t i;
	int r = 0;

	for (i = 1; i < symbols->nr && !r; i++) {
		GElf_Sym sym = rp_elf_file_sym(f, symbols, i);

		r = take_symbol(f, c, &sym, from, strings);
	}
	return r;
}

int rp_elf_symbol_section(struct rp_elf_file *f, const GElf_Shdr *sh,
			  struct rp_elf_table *ret_symbols, struct rp_elf_strings *ret_strings)
{
	const GElf_Shdr *str;
	struct rp_elf_table symbols;
	int r;

	if (!sh->sh_link || sh->sh_link >= f->nr_shdrs)
		return -EBADMSG;
	str = &f->shdrs[sh->sh_link];
	if (str->sh_type != SHT_STRTAB)
		return -EBADMSG;
	r = rp_elf_table_clamped(f, ELF_T_SYM, sh->sh_offset, sh->sh_size,
				 RP_ELF_SYMBOLS_MAX * (f->is_64 ? sizeof(Elf64_Sym) :
								  sizeof(Elf32_Sym)), &symbols);
	if (r)
		return r;
	r = rp_elf_strings_open(f, str->sh_offset, str->sh_size, ret_strings);
	if (r) {
		free(symbols.data);
		return r;
	}
	*ret_symbols = symbols;
	return 0;
}

const GElf_Shdr *rp_elf_section_of_type(const struct rp_elf_file *f, unsigned int type)
{
	size_t i;

	for (i = 1; i < f->nr_shdrs; i++)
		if (f->shdrs[i].sh_type == type)
			return &f->shdrs[i];
	return NULL;
}

int rp_elf_collect_kind(struct rp_elf_file *f, unsigned int type, enum rp_elf_symtab from,
			struct rp_elf_collection *c)
{
	unsigned int to = type == SHT_DYNSYM ? RP_ELF_STRINGS_DYNSYM : RP_ELF_STRINGS_SYMTAB;
	const GElf_Shdr *sh = rp_elf_section_of_type(f, type);
	struct rp_elf_strings strings;
	struct rp_elf_table symbols;
	bool unused = false;
	size_t before;
	int r = -ENOENT;

	if (sh)
		r = rp_elf_symbol_section(f, sh, &symbols, &strings);
	else if (type == SHT_DYNSYM && !f->nr_shdrs)
		r = rp_elf_dynamic_symbols(f, &symbols, &strings);
	if (r)
		return r;
	if (type == SHT_SYMTAB)
		c->symtab = from;
	c->strings[to] = strings.data;
	c->strings_size[to] = strings.size;
	before = c->nr;
	r = take_symbols(f, c, &symbols, to, &strings);
	if (type == SHT_DYNSYM) {
		unused = c->nr == before;
		r = r ? r : rp_elf_collect_plt(f, &symbols, &strings, c);
	}
	free(symbols.data);
	free(strings.is_read);
	/* .gnu_debugdata is without what .dynsym has. */
	if (!r && type == SHT_SYMTAB && from != RP_ELF_SYMTAB_DEBUG_DATA)
		r = rp_elf_sort(c);
	if (unused) {
		free(c->strings[to]);
		c->strings[to] = NULL;
		c->strings_size[to] = 0;
	}
	return r;
}

/* -ENOMEM ends everything; anything else is worth a mark if there was a table. */
static int go_on(struct rp_elf_file *f, int r)
{
	if (r && r != -ENOENT && r != -ENOMEM)
		f->partial = true;
	return r == -ENOMEM ? r : 0;
}

/*
 * A full table first, so that it is known when .dynsym is read. What a sentence would say
 * of a missing debug file is no failure of this one: err stays as it is.
 */
int rp_elf_take_all(struct rp_elf_file *f, const struct rp_debug_search *where,
		    struct rp_elf_collection *c)
{
	size_t err_size = f->err_size;
	int r;

	f->err_size = 0;
	r = go_on(f, rp_elf_collect_kind(f, SHT_SYMTAB, RP_ELF_SYMTAB_OWN, c));
	if (!r && !c->symtab && where)
		r = go_on(f, rp_elf_collect_debug_file(f, where, c));
	if (!r && !c->symtab)
		r = go_on(f, rp_elf_collect_debug_data(f, c));
	if (!r)
		r = rp_elf_collect_kind(f, SHT_DYNSYM, RP_ELF_SYMTAB_NONE, c);
	if (r == -ENOENT)	/* a static program has stubs for functions of its own */
		r = rp_elf_collect_plt(f, NULL, NULL, c);
	r = go_on(f, r);
	f->err_size = err_size;
	return r;
}
