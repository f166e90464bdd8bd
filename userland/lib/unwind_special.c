// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel has a signal's handler return into two instructions that call rt_sigreturn:
 * the C library's (x86-64) or the vDSO's (arm64). Debuggers know them by these bytes, so
 * nobody changes them. musl's, Go's and older kernels' have no description, or none that
 * says what they are; and where a description says so, the bytes show that it is right.
 */
#include "unwind_special.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "elf_symbols.h"
#include "unwind_rule.h"

#define PIECE		(256u << 10)	/* bytes of code read at once */
#define SCAN_MAX	(1ull << 30)	/* and in all: as much as a table can be about */
#define SYMBOLS		65536u		/* symbols read at once */
#define CODE_MAX	9		/* bytes of the longest pattern */

static void add(struct rp_unwind_specials *s, uint64_t start, uint64_t end,
		enum rp_unwind_special_kind kind, struct rp_unwind_rule rule)
{
	s->at[s->nr++] = (struct rp_unwind_special){ start, end, kind, rule };
}

/* Signals' returns come first. */
static int add_signal(struct rp_unwind_specials *s, uint64_t start, uint64_t end)
{
	if (s->nr == RP_UNWIND_SIGNALS_MAX)
		return -ENOSPC;
	if (!s->nr || s->at[s->nr - 1].start != start)	/* else in what two pieces share */
		add(s, start, end, RP_UNWIND_SIGNAL, rp_unwind_rule_signal());
	return 0;
}

/* ---- signals' returns --------------------------------------------------------- */

/* mov $15,%rax or mov $15,%eax; syscall. Where it begins behind `from`, and its length. */
static const uint8_t *find_x86_64(const uint8_t *from, const uint8_t *end, size_t *ret_size)
{
	static const uint8_t tail[] = { 15, 0, 0, 0, 0x0f, 0x05 };
	static const uint8_t wide[] = { 0x48, 0xc7, 0xc0 }, narrow = 0xb8;
	const uint8_t *p = from;

	while ((p = memmem(p, end - p, tail, sizeof(tail)))) {
		if (p - from >= 3 && !memcmp(p - 3, wide, sizeof(wide))) {
			*ret_size = sizeof(wide) + sizeof(tail);
			return p - 3;
		}
		if (p > from && p[-1] == narrow) {
			*ret_size = 1 + sizeof(tail);
			return p - 1;
		}
		p++;
	}
	return NULL;
}

/* mov x8, #139 or mov w8, #139; svc #0. Instructions are aligned, as pieces are. */
static const uint8_t *find_arm64(const uint8_t *from, const uint8_t *end, size_t *ret_size)
{
	static const uint8_t call[] = { 0x01, 0x00, 0x00, 0xd4 };
	static const uint8_t move[] = { 0x68, 0x11, 0x80 };
	const uint8_t *p;

	for (p = from; end - p >= 8; p += 4) {
		if (memcmp(p, move, sizeof(move)) || (p[3] & 0x7f) != 0x52 ||
		    memcmp(p + 4, call, sizeof(call)))
			continue;
		*ret_size = 8;
		return p;
	}
	return NULL;
}

static int scan_piece(const struct rp_elf_file *f, const struct rp_elf_table *t,
		      uint64_t offset, struct rp_unwind_specials *s)
{
	const uint8_t *base = t->data, *end = base + t->size, *p = base;
	size_t size;
	int r;

	for (;;) {
		p = f->ehdr.e_machine == EM_X86_64 ? find_x86_64(p, end, &size) :
						     find_arm64(p, end, &size);
		if (!p)
			return 0;
		r = add_signal(s, offset + (p - base), offset + (p - base) + size);
		if (r)
			return r;
		p += size;
	}
}

/* Pieces overlap by less than a pattern, so that none is cut; on arm64 by an instruction. */
static int scan(struct rp_elf_file *f, uint64_t offset, uint64_t end,
		struct rp_unwind_specials *s)
{
	unsigned int overlap = f->ehdr.e_machine == EM_X86_64 ? CODE_MAX - 1 : 4;
	struct rp_elf_table t;
	uint64_t size;
	int r = 0;

	for (; !r && offset < end; offset += size - (size == PIECE ? overlap : 0)) {
		size = end - offset < PIECE ? end - offset : PIECE;
		if (rp_elf_file_table(f, ELF_T_BYTE, offset, size, PIECE, &t))
			return 0;
		r = scan_piece(f, &t, offset, s);
		free(t.data);
	}
	return r;
}

/* ---- the entry point ------------------------------------------------------------ */

/* What symbols say of a function's end: its own one's size, or where the next begins. */
struct ending {
	uint64_t by_size, by_next;	/* addresses; UINT64_MAX: nothing said */
};

static int end_by_symbols(struct rp_elf_file *f, const GElf_Shdr *sh, uint64_t entry,
			  struct ending *end)
{
	uint64_t nr = sh->sh_size / sizeof(Elf64_Sym), first, i;
	struct rp_elf_table t;
	GElf_Sym sym;
	int r;

	if (nr > RP_ELF_SYMBOLS_MAX)
		nr = RP_ELF_SYMBOLS_MAX;
	for (first = 0; first < nr; first += SYMBOLS) {
		r = rp_elf_file_table(f, ELF_T_SYM, sh->sh_offset + first * sizeof(Elf64_Sym),
				      (nr - first < SYMBOLS ? nr - first : SYMBOLS) *
				      sizeof(Elf64_Sym), SYMBOLS * sizeof(Elf64_Sym), &t);
		if (r)
			return r == -ENOMEM ? r : 0;
		for (i = 0; i < t.nr; i++) {
			sym = rp_elf_file_sym(f, &t, i);
			if (sym.st_shndx == SHN_UNDEF || sym.st_shndx == SHN_ABS ||
			    GELF_ST_TYPE(sym.st_info) != STT_FUNC)
				continue;
			if (sym.st_value > entry && sym.st_value < end->by_next)
				end->by_next = sym.st_value;
			if (sym.st_value == entry && sym.st_size &&
			    sym.st_size <= RP_UNWIND_ENTRY_MAX)
				end->by_size = entry + sym.st_size;
		}
		free(t.data);
	}
	return 0;
}

static int end_by_table(struct rp_elf_file *f, unsigned int type, uint64_t entry,
			struct ending *end)
{
	size_t i;

	for (i = 0; i < f->nr_shdrs; i++)
		if (f->shdrs[i].sh_type == type)
			return end_by_symbols(f, &f->shdrs[i], entry, end);
	return 0;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static int find_entry(struct rp_elf_file *f, const struct rp_unwind_text *text,
		      struct rp_unwind_specials *s)
{
	const uint64_t entry = f->ehdr.e_entry;
	const struct rp_unwind_segment *segment = rp_unwind_segment_of(text, entry);
	struct ending end = { UINT64_MAX, UINT64_MAX };
	uint64_t size;
	int r;

	if (!entry || !segment)
		return 0;
	r = end_by_table(f, SHT_SYMTAB, entry, &end);
	if (!r)
		r = end_by_table(f, SHT_DYNSYM, entry, &end);
	if (r)
		return r;
	if (end.by_size != UINT64_MAX)
		size = smaller(end.by_size, end.by_next) - entry;
	else
		size = smaller(end.by_next - entry, RP_UNWIND_ENTRY_GUESS);
	size = smaller(size, segment->size - (entry - segment->address));
	add(s, segment->offset + (entry - segment->address),
	    segment->offset + (entry - segment->address) + size, RP_UNWIND_ENTRY,
	    rp_unwind_rule_root(f->ehdr.e_machine == EM_X86_64 ? RP_UNWIND_X86_64 :
								 RP_UNWIND_ARM64));
	return 0;
}

/* ---- stubs ---------------------------------------------------------------------- */

static int find_stubs(struct rp_elf_file *f, const struct rp_unwind_text *text,
		      struct rp_unwind_specials *s)
{
	struct rp_unwind_stubs stubs[RP_UNWIND_STUBS_MAX];
	int nr = rp_unwind_find_stubs(f, text, stubs), i;

	for (i = 0; i < nr; i++)
		add(s, stubs[i].start, stubs[i].end, RP_UNWIND_STUBS, stubs[i].rule);
	return nr < 0 ? nr : 0;
}

/* ---- for the compiler -------------------------------------------------------------- */

static int compare(const void *va, const void *vb)
{
	const struct rp_unwind_special *a = va, *b = vb;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return (int)a->kind - (int)b->kind;
}

int rp_unwind_find_specials(struct rp_elf_file *f, const struct rp_unwind_text *text,
			    struct rp_unwind_specials *ret)
{
	uint64_t left = SCAN_MAX, size;
	size_t i;
	int r = 0;

	ret->nr = 0;
	for (i = 0; i < text->nr && !r; i++) {
		size = text->at[i].size < left ? text->at[i].size : left;
		left -= size;
		r = scan(f, text->at[i].offset, text->at[i].offset + size, ret);
	}
	if (r == -ENOSPC || !r)
		r = find_stubs(f, text, ret);
	if (!r)
		r = find_entry(f, text, ret);
	qsort(ret->at, ret->nr, sizeof(*ret->at), compare);
	return r;
}

bool rp_unwind_signal_in(const struct rp_unwind_specials *s, uint64_t start, uint64_t end,
			 uint64_t *ret)
{
	size_t low = 0, high = s->nr;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->at[middle].start < start)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < s->nr && s->at[low].start < end; low++) {
		if (s->at[low].kind != RP_UNWIND_SIGNAL)
			continue;
		*ret = s->at[low].start;
		return true;
	}
	return false;
}
