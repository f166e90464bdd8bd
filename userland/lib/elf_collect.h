/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ELF collection: what a file says about its code, before it becomes a table: loadable
 * segments, the areas in which code lies, and symbols of functions with the tables of
 * strings that their names point into.
 */
#ifndef RP_ELF_COLLECT_H
#define RP_ELF_COLLECT_H

#include "build_id.h"
#include "debug_file.h"
#include "elf_file.h"
#include "elf_strings.h"
#include "elf_symbols.h"

/* Ranks add up; less is better among the names of one address. */
#define RP_ELF_RANK_LOCAL	1
#define RP_ELF_RANK_UNTYPED	2
#define RP_ELF_RANK_UNSIZED	4

/* The tables of strings that names may be in. */
enum {
	RP_ELF_STRINGS_SYMTAB,
	RP_ELF_STRINGS_DYNSYM,
	RP_ELF_STRINGS_PLT,		/* made here */
	RP_ELF_STRINGS
};

struct rp_elf_raw_symbol {
	uint64_t addr;
	uint32_t size;		/* within its area, UINT32_MAX at most; if unsized: as far as
				 * it may reach */
	uint32_t name;		/* place in the strings; no NUL at its end: there may be a
				 * version behind it */
	uint32_t name_len;
	uint8_t strings;	/* which ones */
	uint8_t rank;
};

struct rp_elf_segment {		/* a PT_LOAD */
	uint64_t offset, vaddr, filesz, memsz;
	bool code;
};

struct rp_elf_area {		/* [start, end): an executable section, or segment */
	uint64_t start, end;
};

struct rp_elf_collection {
	struct rp_elf_raw_symbol *symbols;
	size_t nr, room, nr_sorted;	/* nr_sorted: the first ones are, by address */
	struct rp_elf_segment *segments;
	size_t nr_segments;
	struct rp_elf_area *areas;	/* by start */
	size_t nr_areas, last_area;
	char *strings[RP_ELF_STRINGS];	/* what the names are in */
	size_t strings_size[RP_ELF_STRINGS];
	struct rp_build_id build_id;
	enum rp_elf_symtab symtab;	/* where a full table of symbols was, if anywhere */
	bool partial;			/* something was left out after reading */
};

static inline const char *rp_elf_raw_name(const struct rp_elf_collection *c,
					  const struct rp_elf_raw_symbol *s)
{
	return c->strings[s->strings] + s->name;
}

/*
 * 0 or -ENOMEM; tables that cannot be read are left out, and f->partial says so. where:
 * the places of a stripped file's debug file; NULL: not looked for. wanted: of a file of which
 * one can pick (rp_elf_can_pick()), nothing but these; NULL: everything.
 */
int rp_elf_collect(struct rp_elf_file *f, const struct rp_debug_search *where,
		   const struct rp_elf_wanted *wanted, struct rp_elf_collection *ret);
/*
 * The symbols of sections of a kind (SHT_SYMTAB, SHT_DYNSYM), or of the dynamic segment,
 * are added; those of .symtab were found there. 0; -ENOENT: there are none; -ENOMEM; or as
 * rp_elf_file_table().
 */
int rp_elf_collect_kind(struct rp_elf_file *f, unsigned int type, enum rp_elf_symtab from,
			struct rp_elf_collection *c);

/* .symtab as it is kept in a separate file, or packed. As rp_elf_collect_kind(). */
int rp_elf_collect_debug_file(struct rp_elf_file *f, const struct rp_debug_search *where,
			      struct rp_elf_collection *c);
int rp_elf_collect_debug_data(struct rp_elf_file *f, struct rp_elf_collection *c);

/*
 * The stubs of the procedure linkage table, as "NAME@plt": each is named by the relocation
 * of the word that it jumps through, and by nothing else. dynsym and its strings: NULL if
 * there are none. For x86-64, i386 and arm64, with section headers. 0 or -ENOMEM.
 */
int rp_elf_collect_plt(struct rp_elf_file *f, const struct rp_elf_table *dynsym,
		       struct rp_elf_strings *strings, struct rp_elf_collection *c);

/* The sections that stubs may be in, ended by NULL. */
extern const char *const rp_elf_plt_sections[];

/* For these: the area that an address lies in, or NULL; and a symbol more, 0 or -ENOMEM. */
const struct rp_elf_area *rp_elf_area_of(struct rp_elf_collection *c, uint64_t addr);
int rp_elf_collect_add(struct rp_elf_collection *c, const struct rp_elf_raw_symbol *s);

void rp_elf_collection_free(struct rp_elf_collection *c);

/*
 * The build id, from the notes; *ret, which is empty before, stays so when there is none.
 * 0 or -ENOMEM.
 */
int rp_elf_file_build_id(struct rp_elf_file *f, struct rp_build_id *ret);

/*
 * From the dynamic segment, for files without section headers: finds .dynsym and its
 * strings. 0, -ENOENT if there are none, or as rp_elf_file_table().
 */
int rp_elf_dynamic_symbols(struct rp_elf_file *f, struct rp_elf_table *ret_symbols,
			   struct rp_elf_strings *ret_strings);

/* Like rp_elf_file_table(), but takes what there is of a table that is cut off or too long. */
int rp_elf_table_clamped(struct rp_elf_file *f, Elf_Type type, uint64_t offset, uint64_t size,
			 uint64_t limit, struct rp_elf_table *ret);

#endif
