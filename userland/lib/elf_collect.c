// SPDX-License-Identifier: GPL-2.0
/*
 * Which symbols are functions is decided here. Types alone do not tell: assembly often
 * leaves the type out, and data has labels too. So a symbol counts if it lies in an area
 * of code and is a function or untyped; a type that says data never counts.
 */
#include "elf_collect.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "elf_settle.h"

/* Stripped files list exported functions only: the next symbol may be far away. */
#define STRIPPED_REACH	4096
#define NOTES_MAX	(1u << 20)
#define ALIASES_MAX	64u	/* of one address that are looked through */

int rp_elf_table_clamped(struct rp_elf_file *f, Elf_Type type, uint64_t offset, uint64_t size,
			 uint64_t limit, struct rp_elf_table *ret)
{
	uint64_t room = offset < f->size ? f->size - offset : 0;

	if (size > room || size > limit)
		f->partial = true;
	if (size > room)
		size = room;
	if (size > limit)
		size = limit;
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

size_t rp_elf_name_length(const struct rp_elf_table *strings, uint32_t at)
{
	const char *name, *version;
	size_t room, len;

	if (at >= strings->size)
		return 0;
	name = (const char *)strings->data + at;
	room = strings->size - at;
	len = strnlen(name, room < RP_ELF_NAME_MAX + 1 ? room : RP_ELF_NAME_MAX + 1);
	if (len == room || len > RP_ELF_NAME_MAX)
		return 0;	/* not ended within the table, or over the limit */
	version = memchr(name, '@', len);
	if (version && version > name)
		len = version - name;
	/* Compilers' local labels, and ARM's and RISC-V's mapping symbols. */
	if (*name == '$' || (name[0] == '.' && name[1] == 'L'))
		return 0;
	return len;
}

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

static int take_symbol(struct rp_elf_file *f, struct rp_elf_collection *c, const GElf_Sym *sym,
		       unsigned int from, const struct rp_elf_table *strings)
{
	unsigned int type = GELF_ST_TYPE(sym->st_info), machine = f->ehdr.e_machine;
	struct rp_elf_raw_symbol s = { .addr = sym->st_value, .name = sym->st_name,
				       .strings = from };
	uint64_t size = sym->st_size;
	const struct rp_elf_area *area;

	if (sym->st_shndx == SHN_UNDEF || sym->st_shndx == SHN_ABS ||
	    sym->st_shndx == SHN_COMMON)
		return 0;
	if (type != STT_FUNC && type != STT_GNU_IFUNC && type != STT_NOTYPE)
		return 0;
	/* Bit 0 says which instruction set (Thumb, microMIPS), not where. */
	if (type != STT_NOTYPE && (machine == EM_ARM || machine == EM_MIPS))
		s.addr &= ~1ull;
	area = rp_elf_area_of(c, s.addr);
	if (!area)
		return 0;
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
	if (is_known(c, &s))
		return 0;
	s.name_len = rp_elf_name_length(strings, sym->st_name);
	if (!s.name_len)
		return 0;
	return rp_elf_collect_add(c, &s);
}

static int take_symbols(struct rp_elf_file *f, struct rp_elf_collection *c,
			const struct rp_elf_table *symbols, unsigned int from,
			const struct rp_elf_table *strings)
{
	size_t i;
	int r = 0;

	for (i = 1; i < symbols->nr && !r; i++) {
		GElf_Sym sym = rp_elf_file_sym(f, symbols, i);

		r = take_symbol(f, c, &sym, from, strings);
	}
	return r;
}

static int read_section(struct rp_elf_file *f, const GElf_Shdr *sh,
			struct rp_elf_table *ret_symbols, struct rp_elf_table *ret_strings)
{
	struct rp_elf_table symbols, strings;
	const GElf_Shdr *str;
	int r;

	if (!sh->sh_link || sh->sh_link >= f->nr_shdrs)
		return -EBADMSG;
	str = &f->shdrs[sh->sh_link];
	if (str->sh_type != SHT_STRTAB)
		return -EBADMSG;
	r = rp_elf_table_clamped(f, ELF_T_BYTE, str->sh_offset, str->sh_size,
				 RP_ELF_STRINGS_MAX, &strings);
	if (r)
		return r;
	r = rp_elf_table_clamped(f, ELF_T_SYM, sh->sh_offset, sh->sh_size,
				 RP_ELF_SYMBOLS_MAX * (f->is_64 ? sizeof(Elf64_Sym) :
								  sizeof(Elf32_Sym)), &symbols);
	if (r) {
		free(strings.data);
		return r;
	}
	*ret_symbols = symbols;
	*ret_strings = strings;
	return 0;
}

static const GElf_Shdr *section_of_type(const struct rp_elf_file *f, unsigned int type)
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
	const GElf_Shdr *sh = section_of_type(f, type);
	struct rp_elf_table symbols, strings;
	bool unused = false;
	size_t before;
	int r = -ENOENT;

	if (sh)
		r = read_section(f, sh, &symbols, &strings);
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
static int read_symbols(struct rp_elf_file *f, const struct rp_debug_search *where,
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
		   struct rp_elf_collection *ret)
{
	struct rp_elf_collection c = { 0 };
	int r;

	r = read_segments(f, &c);
	if (!r)
		r = read_areas(f, &c);
	if (!r)
		r = rp_elf_file_build_id(f, &c.build_id);
	if (!r)
		r = read_symbols(f, where, &c);
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
