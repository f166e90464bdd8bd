// SPDX-License-Identifier: GPL-2.0
/*
 * Calls into other files go by stubs, and a program that calls small functions is found in
 * them. No table names them. What a stub is for says the relocation of the word that it
 * jumps through; counting stubs along relocations would be shorter, and wrong where a
 * linker left one out or put them in another order. What stands before the first stub of a
 * lazy linker, and looks a function up at its first call, is ".plt", as perf calls it.
 *
 * Two indexes are made, both bounded: of the words that relocations are for, and of the
 * functions that resolvers (IRELATIVE) stand for, which have an address and no name there.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "elf_collect.h"
#include "elf_relocs.h"
#include "plt_stub.h"
#include "symbol_alias.h"

#define SECTION_MAX	(1u << 20)	/* bytes of one section of stubs */
#define NAMES_MAX	(16u << 20)	/* bytes of names made here */
#define NAMELESS_MAX	4096u
#define SUFFIX		"@plt"
#define HEAD_MAX	32u		/* bytes; of arm64, x86 has 16 */
#define HEAD		(RP_ELF_NO_RELOC - 1)	/* in the place of a relocation's index */

struct stub {
	uint64_t addr;
	uint32_t size;
	uint32_t reloc;		/* index */
};

struct finder {
	struct rp_elf_file *f;
	struct rp_elf_collection *c;
	const struct rp_elf_table *dynsym;
	struct rp_elf_strings *strings;
	struct rp_elf_relocs relocs;
	uint64_t got;
	struct stub *stubs;
	size_t nr, room;
};

/* ---- stubs ---------------------------------------------------------------------- */

static bool decode(const struct finder *x, const uint8_t *code, size_t size,
		   struct rp_plt_stub *ret)
{
	unsigned int machine = x->f->ehdr.e_machine;

	if (machine == EM_AARCH64)
		return rp_plt_stub_arm64(code, size, ret);
	return rp_plt_stub_x86(code, size, machine == EM_X86_64, ret);
}

/* What is pushed is the relocation's number, on i386 its offset in their table. */
static uint32_t reloc_of(const struct finder *x, const struct rp_plt_stub *s, uint64_t addr)
{
	uint32_t number = s->pushed;

	if (s->kind != RP_PLT_NO_WORD)
		return rp_elf_relocs_find(&x->relocs, rp_plt_stub_word(s, addr, x->got));
	if (x->f->ehdr.e_machine == EM_386)
		number /= sizeof(Elf32_Rel);
	return number < x->relocs.nr_plt ? number : RP_ELF_NO_RELOC;
}

static int add_stub(struct finder *x, const struct stub *s)
{
	size_t room = x->room ? 2 * x->room : 64;
	struct stub *stubs;

	if (x->nr == x->room) {
		stubs = realloc(x->stubs, room * sizeof(*stubs));
		if (!stubs)
			return -ENOMEM;
		x->stubs = stubs;
		x->room = room;
	}
	x->stubs[x->nr++] = *s;
	return 0;
}

/* Stubs are aligned to 8 bytes on x86 and to 4 on arm64, and padded up to that. */
static int find_stubs(struct finder *x, const uint8_t *code, size_t size, uint64_t addr)
{
	size_t at, next, align = x->f->ehdr.e_machine == EM_AARCH64 ? 4 : 8;
	struct rp_plt_stub stub;
	struct stub s;
	int r = 0;

	for (at = 0; at < size && !r; at = next) {
		next = at + align;
		if (!decode(x, code + at, size - at, &stub))
			continue;
		next = (at + stub.size + align - 1) & ~(align - 1);
		s = (struct stub){ addr + at, next - at, reloc_of(x, &stub, addr + at) };
		if (s.reloc != RP_ELF_NO_RELOC)
			r = add_stub(x, &s);
	}
	return r;
}

static int add_head(struct finder *x, size_t first, uint64_t start)
{
	uint64_t size;

	if (first == x->nr)
		return 0;
	size = x->stubs[first].addr - start;
	if (!size || size > HEAD_MAX)
		return 0;
	return add_stub(x, &(struct stub){ start, size, HEAD });
}

static int read_stubs(struct finder *x, const char *name)
{
	const size_t first = x->nr;
	struct rp_elf_table code;
	const GElf_Shdr *sh;
	int r;

	r = rp_elf_file_section(x->f, name, &sh);
	if (r || !sh || !(sh->sh_flags & SHF_EXECINSTR))
		return r;
	r = rp_elf_table_clamped(x->f, ELF_T_BYTE, sh->sh_offset, sh->sh_size, SECTION_MAX,
				 &code);
	if (r)
		return r == -ENOMEM ? r : 0;
	r = find_stubs(x, code.data, code.size, sh->sh_addr);
	free(code.data);
	if (!r && !strcmp(name, ".plt"))
		r = add_head(x, first, sh->sh_addr);
	return r;
}

const char *const rp_elf_plt_sections[] = { ".plt", ".plt.got", ".plt.sec", ".iplt", NULL };

static int read_all_stubs(struct finder *x)
{
	const GElf_Shdr *got;
	size_t i;
	int r;

	r = rp_elf_file_section(x->f, ".got.plt", &got);
	if (!r && !got)
		r = rp_elf_file_section(x->f, ".got", &got);
	x->got = got ? got->sh_addr : 0;
	for (i = 0; rp_elf_plt_sections[i] && !r; i++)
		r = read_stubs(x, rp_elf_plt_sections[i]);
	return r;
}

/* ---- what resolvers stand for --------------------------------------------------- */

static bool is_better(const struct rp_elf_collection *c, const struct rp_elf_raw_symbol *a,
		      const struct rp_elf_raw_symbol *b)
{
	if (a->rank != b->rank)
		return a->rank < b->rank;
	return rp_symbol_alias_compare(rp_elf_raw_name(c, a), a->name_len, rp_elf_raw_name(c, b),
				       b->name_len) < 0;
}

/* Every function that begins where a resolver does is looked at once. */
static void name_resolvers(struct finder *x)
{
	const struct rp_elf_raw_symbol *s;
	struct rp_elf_resolver *r;
	size_t i;

	for (i = 0; i < x->c->nr && x->relocs.nr_resolvers; i++) {
		s = &x->c->symbols[i];
		r = rp_elf_relocs_resolver(&x->relocs, s->addr);
		if (!r)
			continue;
		if (r->symbol == RP_ELF_NO_SYMBOL ||
		    is_better(x->c, s, &x->c->symbols[r->symbol]))
			r->symbol = i;
	}
}

/* ---- names ---------------------------------------------------------------------- */

/* The name that a stub's relocation is for, without suffix; *ret_len 0: none. */
static const char *name_of(struct finder *x, const struct stub *stub, size_t *ret_len)
{
	const struct rp_elf_reloc *reloc;
	const struct rp_elf_resolver *r;
	GElf_Sym sym;

	*ret_len = 0;
	if (stub->reloc == HEAD) {
		*ret_len = sizeof(".plt") - 1;
		return ".plt";
	}
	reloc = &x->relocs.relocs[stub->reloc];
	if (reloc->resolves) {
		r = rp_elf_relocs_resolver(&x->relocs, reloc->target);
		if (!r || r->symbol == RP_ELF_NO_SYMBOL)
			return NULL;
		*ret_len = x->c->symbols[r->symbol].name_len;
		return rp_elf_raw_name(x->c, &x->c->symbols[r->symbol]);
	}
	if (!x->dynsym || !reloc->target || reloc->target >= x->dynsym->nr)
		return NULL;
	sym = rp_elf_file_sym(x->f, x->dynsym, reloc->target);
	*ret_len = rp_elf_name_length(x->strings, sym.st_name);
	return x->strings->data + sym.st_name;
}

/*
 * Stubs whose names have no room any more are dropped; and all that follow many without a
 * name, each of which may be looked for in a long string. Returns bytes of names.
 */
static size_t measure(struct finder *x)
{
	size_t i, len, size = 0, nameless = 0;

	for (i = 0; i < x->nr; i++) {
		name_of(x, &x->stubs[i], &len);
		nameless += !len;
		if (size + len + sizeof(SUFFIX) > NAMES_MAX || nameless > NAMELESS_MAX)
			break;
		size += len + sizeof(SUFFIX);
	}
	if (i < x->nr)
		x->f->partial = true;
	x->nr = i;
	return size;
}

static int add_symbols(struct finder *x)
{
	size_t i, len, at = 0, size = measure(x);
	struct rp_elf_raw_symbol s = { .rank = RP_ELF_RANK_LOCAL,
				       .strings = RP_ELF_STRINGS_PLT };
	const struct rp_elf_area *area;
	const char *name, *suffix;
	char *names;
	int r = 0;

	names = malloc(size + 1);
	if (!names)
		return -ENOMEM;
	x->c->strings[RP_ELF_STRINGS_PLT] = names;
	x->c->strings_size[RP_ELF_STRINGS_PLT] = size;
	for (i = 0; i < x->nr && !r; i++) {
		s.addr = x->stubs[i].addr;
		area = rp_elf_area_of(x->c, s.addr);
		name = name_of(x, &x->stubs[i], &len);
		if (!len || !area)
			continue;
		s.size = x->stubs[i].size;
		if (s.size > area->end - s.addr)
			s.size = area->end - s.addr;
		suffix = x->stubs[i].reloc == HEAD ? "" : SUFFIX;
		s.name = at;
		s.name_len = len + strlen(suffix);
		memcpy(names + at, name, len);
		memcpy(names + at + len, suffix, strlen(suffix) + 1);
		at += s.name_len + 1u;
		r = rp_elf_collect_add(x->c, &s);
	}
	return r;
}

int rp_elf_collect_plt(struct rp_elf_file *f, const struct rp_elf_table *dynsym,
		       struct rp_elf_strings *strings, struct rp_elf_collection *c)
{
	struct finder x = { .f = f, .c = c, .dynsym = dynsym, .strings = strings };
	unsigned int machine = f->ehdr.e_machine;
	int r;

	if (machine != EM_X86_64 && machine != EM_386 && machine != EM_AARCH64)
		return 0;
	r = rp_elf_relocs_read(f, &x.relocs);
	if (!r && x.relocs.nr)
		r = read_all_stubs(&x);
	if (!r && x.nr) {
		name_resolvers(&x);
		r = add_symbols(&x);
	}
	free(x.stubs);
	rp_elf_relocs_free(&x.relocs);
	return r;
}
