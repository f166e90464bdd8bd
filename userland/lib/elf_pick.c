// SPDX-License-Identifier: GPL-2.0
/*
 * What a symbol is good for is known from its neighbours: a label is dropped within a function
 * and ends where the next one begins, and of several at one address one is shown. So the
 * symbols are gone through three times, which takes a fraction of what it takes to sort all
 * of them and to read their names: for the labels; for where the functions begin that cover
 * a wanted address, or a label; and for all symbols that begin there.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "elf_marks.h"
#include "elf_relocs.h"
#include "elf_settle.h"
#include "elf_take.h"

struct picker {
	struct rp_elf_file *f;
	struct rp_elf_collection *c;
	unsigned int from;		/* which table of symbols: RP_ELF_STRINGS_... */
	bool is_tagged;			/* a bit of addresses says which instruction set */
	struct rp_elf_table symbols;
	struct rp_elf_strings strings;
	struct rp_elf_marks labels;	/* symbols without a size, or without a type */
	uint64_t *next;			/* of each label: where the first function behind it begins */
	struct rp_elf_marks wanted;	/* addresses, and labels */
	struct rp_elf_marks starts;	/* of what is to be taken */
};

static bool is_code(struct picker *p, const GElf_Sym *sym, struct rp_elf_raw_symbol *ret)
{
	return rp_elf_is_code(p->f, p->c, sym, p->from, ret);
}

static bool has_name(struct picker *p, const struct rp_elf_raw_symbol *s)
{
	return rp_elf_name_length(&p->strings, s->name);
}

/* ---- labels ------------------------------------------------------------------------- */

static bool is_label(const GElf_Sym *sym)
{
	return !sym->st_size || GELF_ST_TYPE(sym->st_info) == STT_NOTYPE;
}

static int find_labels(struct picker *p)
{
	struct rp_elf_raw_symbol s;
	GElf_Sym sym;
	size_t i;
	int r = 0;

	for (i = 1; i < p->symbols.nr && !r; i++) {
		sym = rp_elf_file_sym(p->f, &p->symbols, i);
		if (is_label(&sym) && is_code(p, &sym, &s) && has_name(p, &s))
			r = rp_elf_marks_add(&p->labels, s.addr);
	}
	r = r ? r : rp_elf_marks_ready(&p->labels);
	if (r)
		return r;
	p->next = malloc((p->labels.nr + 1) * sizeof(*p->next));
	if (!p->next)
		return -ENOMEM;
	for (i = 0; i < p->labels.nr && !r; i++) {
		p->next[i] = UINT64_MAX;
		r = rp_elf_marks_add(&p->wanted, p->labels.at[i]);
		r = r ? r : rp_elf_marks_add(&p->starts, p->labels.at[i]);
	}
	return r;
}

/* A function ends the label before it, if no other one does so earlier. */
static bool ends_label(const struct picker *p, uint64_t address)
{
	size_t i = rp_elf_marks_from(&p->labels, address);

	return i && address < p->next[i - 1];
}

static void note_next(struct picker *p, const struct rp_elf_raw_symbol *s)
{
	if (ends_label(p, s->addr) && has_name(p, s))
		p->next[rp_elf_marks_from(&p->labels, s->addr) - 1] = s->addr;
}

static void end_labels(struct picker *p)
{
	struct rp_elf_raw_symbol *s;
	uint64_t next;
	size_t i;

	/* Another label may be between the two, which is dropped within a function. */
	for (i = p->labels.nr; i > 1; i--)
		if (p->next[i - 1] < p->next[i - 2])
			p->next[i - 2] = p->next[i - 1];
	for (i = 0; i < p->c->nr; i++) {
		s = &p->c->symbols[i];
		if (s->strings != p->from || !(s->rank & RP_ELF_RANK_UNSIZED))
			continue;
		next = p->next[rp_elf_marks_from(&p->labels, s->addr)];
		if (s->size > next - s->addr)
			s->size = (uint32_t)(next - s->addr);
	}
}

/* ---- functions ----------------------------------------------------------------------- */

static bool covers_wanted(const struct picker *p, uint64_t address, uint64_t size)
{
	size_t i = rp_elf_marks_from(&p->wanted, address);

	return i < p->wanted.nr && p->wanted.at[i] - address < size;
}

/* Most are far from what is wanted, and are not looked at closely. */
static bool may_matter(const struct picker *p, const GElf_Sym *sym)
{
	return p->is_tagged || covers_wanted(p, sym->st_value, sym->st_size) ||
	       ends_label(p, sym->st_value);
}

static int find_starts(struct picker *p)
{
	struct rp_elf_raw_symbol s;
	GElf_Sym sym;
	size_t i;
	int r = 0;

	for (i = 1; i < p->symbols.nr && !r; i++) {
		sym = rp_elf_file_sym(p->f, &p->symbols, i);
		if (is_label(&sym) || !may_matter(p, &sym) || !is_code(p, &sym, &s))
			continue;
		note_next(p, &s);
		if (covers_wanted(p, s.addr, s.size))
			r = rp_elf_marks_add(&p->starts, s.addr);
	}
	return r ? r : rp_elf_marks_ready(&p->starts);
}

static int take(struct picker *p)
{
	struct rp_elf_raw_symbol s;
	GElf_Sym sym;
	size_t i;
	int r = 0;

	for (i = 1; i < p->symbols.nr && !r; i++) {
		sym = rp_elf_file_sym(p->f, &p->symbols, i);
		if (!p->is_tagged && !rp_elf_marks_has(&p->starts, sym.st_value))
			continue;
		if (is_code(p, &sym, &s) && rp_elf_marks_has(&p->starts, s.addr))
			r = rp_elf_collect_add(p->c, &s);
	}
	return r;
}

/* Those that were taken from this table, behind all that there were. */
static int read_names(struct picker *p, size_t first)
{
	struct rp_elf_collection *c = p->c;
	size_t nr = c->nr - first;
	int r;

	if (!nr)
		return 0;
	r = rp_elf_pick_names(&p->strings, c->symbols + first, &nr, &c->strings[p->from],
			      &c->strings_size[p->from]);
	if (!r)
		c->nr = first + nr;
	return r;
}

/* ---- stubs ---------------------------------------------------------------------------- */

/* Whether an address is in one of the sections that elf_plt.c looks into. */
static int wants_stubs(struct picker *p, bool *ret)
{
	const GElf_Shdr *sh;
	unsigned int n;
	size_t i;
	int r = 0;

	*ret = false;
	for (n = 0; rp_elf_plt_sections[n] && !r && !*ret; n++) {
		r = rp_elf_file_section(p->f, rp_elf_plt_sections[n], &sh);
		if (r || !sh)
			continue;
		i = rp_elf_marks_from(&p->wanted, sh->sh_addr);
		*ret = i < p->wanted.nr && p->wanted.at[i] - sh->sh_addr < sh->sh_size;
	}
	return r;
}

/* What resolvers are called is taken from the symbols there. */
static int want_resolvers(struct picker *p)
{
	struct rp_elf_relocs relocs = { .relocs = NULL };
	int r = rp_elf_relocs_read(p->f, &relocs);
	size_t i;

	for (i = 0; i < relocs.nr_resolvers && !r; i++)
		r = rp_elf_marks_add(&p->starts, relocs.resolvers[i].addr);
	rp_elf_relocs_free(&relocs);
	return r;
}

static int take_stubs(struct picker *p)
{
	const GElf_Shdr *sh = rp_elf_section_of_type(p->f, SHT_DYNSYM);
	struct rp_elf_strings strings;
	struct rp_elf_table symbols;
	int r;

	if (!sh || rp_elf_symbol_section(p->f, sh, &symbols, &strings))
		return rp_elf_collect_plt(p->f, NULL, NULL, p->c);
	r = rp_elf_collect_plt(p->f, &symbols, &strings, p->c);
	free(symbols.data);
	rp_elf_strings_free(&strings);
	return r;
}

/* ---- all of it ------------------------------------------------------------------------ */

static size_t entries(const struct rp_elf_file *f, const GElf_Shdr *sh)
{
	return (size_t)(sh->sh_size / (f->is_64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym)));
}

/* What a section header says of those that are not local. */
static size_t globals(const struct rp_elf_file *f, const GElf_Shdr *sh)
{
	size_t nr = sh ? entries(f, sh) : 0;

	return nr && sh->sh_info < nr ? nr - sh->sh_info : 0;
}

/*
 * Nearly all: a copy relocation gives a variable of a library all of its names, but in .dynsym
 * alone.
 */
bool rp_elf_can_pick(const struct rp_elf_file *f, size_t more_than)
{
	const GElf_Shdr *all = rp_elf_section_of_type(f, SHT_SYMTAB);
	size_t nr = all ? entries(f, all) : 0, global = globals(f, all);

	return nr > more_than && nr <= RP_ELF_SYMBOLS_MAX &&
	       global + global / 8 >= globals(f, rp_elf_section_of_type(f, SHT_DYNSYM));
}

static int want(struct picker *p, const uint64_t *addresses, size_t nr, bool *ret_stubs)
{
	size_t i;
	int r = 0;

	for (i = 0; i < nr && !r; i++)
		r = rp_elf_marks_add(&p->wanted, addresses[i]);
	r = r ? r : rp_elf_marks_ready(&p->wanted);
	if (!r && p->from == RP_ELF_STRINGS_SYMTAB)
		r = wants_stubs(p, ret_stubs);
	if (!r && *ret_stubs)
		r = want_resolvers(p);
	r = r ? r : find_labels(p);
	return r ? r : rp_elf_marks_ready(&p->wanted);
}

static int pick(struct picker *p, const uint64_t *addresses, size_t nr)
{
	const size_t first = p->c->nr;
	bool stubs = false;
	int r = want(p, addresses, nr, &stubs);

	r = r ? r : find_starts(p);
	r = r ? r : take(p);
	r = r ? r : read_names(p, first);
	if (r)
		return r;
	end_labels(p);
	return stubs ? take_stubs(p) : 0;
}

static int pick_from(struct rp_elf_file *f, unsigned int type, const uint64_t *addresses,
		     size_t nr, struct rp_elf_collection *c)
{
	const GElf_Shdr *sh = rp_elf_section_of_type(f, type);
	struct picker p = {
		.f = f, .c = c,
		.from = type == SHT_SYMTAB ? RP_ELF_STRINGS_SYMTAB : RP_ELF_STRINGS_DYNSYM,
		.is_tagged = f->ehdr.e_machine == EM_ARM || f->ehdr.e_machine == EM_MIPS,
	};
	int r;

	if (!sh || !nr)
		return 0;
	r = rp_elf_symbol_section(f, sh, &p.symbols, &p.strings);
	if (r)
		return r;
	r = pick(&p, addresses, nr);
	rp_elf_strings_free(&p.strings);
	free(p.symbols.data);
	free(p.next);
	rp_elf_marks_free(&p.labels);
	rp_elf_marks_free(&p.wanted);
	rp_elf_marks_free(&p.starts);
	return r;
}

/* The addresses that nothing in the collection covers; NULL without memory. */
static uint64_t *without_name(struct rp_elf_collection *c, const uint64_t *addresses, size_t nr,
			      size_t *ret_nr)
{
	uint64_t *rest = malloc((nr + 1) * sizeof(*rest)), end = 0;
	size_t i, n = 0, s = 0;

	if (!rest || rp_elf_settle(c)) {
		free(rest);
		return NULL;
	}
	for (i = 0; i < nr; i++) {
		for (; s < c->nr && c->symbols[s].addr <= addresses[i]; s++)
			if (c->symbols[s].addr + c->symbols[s].size > end)
				end = c->symbols[s].addr + c->symbols[s].size;
		if (addresses[i] >= end)
			rest[n++] = addresses[i];
	}
	*ret_nr = n;
	return rest;
}

static int pick_all(struct rp_elf_file *f, const uint64_t *addresses, size_t nr,
		    struct rp_elf_collection *c)
{
	int r = pick_from(f, SHT_SYMTAB, addresses, nr, c);
	uint64_t *rest;

	if (r)
		return r;
	rest = without_name(c, addresses, nr, &nr);
	if (!rest)
		return -ENOMEM;
	r = pick_from(f, SHT_DYNSYM, rest, nr, c);
	free(rest);
	return r;
}

int rp_elf_pick(struct rp_elf_file *f, const uint64_t *addresses, size_t nr,
		struct rp_elf_collection *c)
{
	size_t err_size = f->err_size;
	int r;

	c->symtab = RP_ELF_SYMTAB_OWN;
	f->err_size = 0;
	r = pick_all(f, addresses, nr, c);
	f->err_size = err_size;
	if (r && r != -ENOMEM)
		f->partial = true;
	return r == -ENOMEM ? r : 0;
}
