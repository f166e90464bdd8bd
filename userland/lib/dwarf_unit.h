/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DWARF 2 to 5, 32 and 64 bit, little endian: a file's sections, its units, their
 * abbreviations and the values of attributes. What the reader's parts share.
 *
 * Nothing here is kept in memory as a whole but a unit's abbreviations. Everything in the
 * file may be a lie: offsets are checked where they are followed, sizes are limited, and
 * what it takes is counted (rp_dwarf.work) and given up at a limit.
 *
 * Source  The DWARF standard, version 5 (7.5 for layouts and forms), and the extensions of
 *	   GNU that came before it.
 */
#ifndef RP_DWARF_UNIT_H
#define RP_DWARF_UNIT_H

#include "debug_section.h"

#define RP_DWARF_ABBREVS_MAX	65536u		/* in a unit */
#define RP_DWARF_ATTRS_MAX	(1u << 20)	/* in a unit's abbreviations */
#define RP_DWARF_UNITS_MAX	(1u << 20)
#define RP_DWARF_RANGES_MAX	(1u << 20)	/* of code, in all units */
#define RP_DWARF_DIE_MAX	(16u << 20)	/* bytes of one entry */

enum rp_dwarf_section {
	RP_DWARF_INFO,
	RP_DWARF_ABBREV,
	RP_DWARF_LINE,
	RP_DWARF_STR,
	RP_DWARF_LINE_STR,
	RP_DWARF_STR_OFFSETS,
	RP_DWARF_ADDR,
	RP_DWARF_RANGES,
	RP_DWARF_RNGLISTS,
	RP_DWARF_SECTIONS
};

/* A string, by where it lies; offset in that section. size of the section 0: none. */
struct rp_dwarf_text {
	uint64_t offset;
	uint8_t section;	/* enum rp_dwarf_section; RP_DWARF_NO_TEXT: there is none */
};
#define RP_DWARF_NO_TEXT 0xff

/* ---- attributes ------------------------------------------------------------- */

enum rp_dwarf_class {
	RP_DWARF_OTHER,		/* blocks, expressions, flags, what is in other files */
	RP_DWARF_ADDRESS,
	RP_DWARF_ADDRESS_INDEX,	/* in .debug_addr */
	RP_DWARF_CONSTANT,
	RP_DWARF_REFERENCE,	/* offset in .debug_info */
	RP_DWARF_OFFSET,	/* in the attribute's own section */
	RP_DWARF_LIST_INDEX,	/* of a list of ranges */
	RP_DWARF_TEXT,		/* offset in the section `text` */
	RP_DWARF_TEXT_INDEX,	/* in .debug_str_offsets */
	RP_DWARF_ELSEWHERE,	/* in a supplementary file, or a type unit */
};

struct rp_dwarf_value {
	enum rp_dwarf_class class;
	uint8_t text;
	uint64_t value;
};

struct rp_dwarf_attr {
	uint16_t name, form;
	int64_t constant;	/* of DW_FORM_implicit_const */
};

enum rp_dwarf_kind {		/* what an entry is to those who look for code */
	RP_DWARF_PLAIN,
	RP_DWARF_TYPE,		/* with members */
	RP_DWARF_FUNCTION,
	RP_DWARF_INLINED,
	RP_DWARF_BLOCK,
};

struct rp_dwarf_abbrev {
	uint64_t code;
	uint32_t first_attr, nr_attrs;
	uint8_t kind;		/* enum rp_dwarf_kind */
	bool children;
	uint32_t fixed;		/* bytes of all attributes; 0: they differ */
};

struct rp_dwarf_abbrevs {
	struct rp_dwarf_abbrev *abbrev;
	struct rp_dwarf_attr *attr;
	uint32_t nr, nr_attrs, room, attr_room;
	bool dense;		/* abbrev[i] has the code i + 1 */
	/* What they were read for; address_size 0: nothing yet. */
	uint64_t offset;
	uint8_t address_size, offset_size, version;
};

/* ---- units --------------------------------------------------------------------- */

struct rp_dwarf_unit {
	uint64_t offset, end;	/* in .debug_info: of the header, and behind the unit */
	uint64_t root;		/* of its first entry */
	uint64_t abbrevs;	/* in .debug_abbrev */
	uint8_t version, type, address_size, offset_size;

	/* From the root entry. */
	uint64_t str_offsets_base, addr_base, ranges_base;
	struct rp_dwarf_value low, high, ranges, stmt_list;
	struct rp_dwarf_value name, directory;
	uint64_t base;		/* of its ranges */
	bool split;		/* the rest is in a .dwo file */
};

struct rp_dwarf_stats {		/* since it was opened */
	uint64_t units;		/* walked */
	uint64_t bad_units;	/* given up: corrupt, or not known */
	uint64_t split_units;	/* whose functions are in .dwo files */
	uint64_t elsewhere;	/* names that are in a supplementary file */
	uint64_t over_limit;	/* things left out because of a limit */
};

struct rp_dwarf {
	struct rp_debug_section section[RP_DWARF_SECTIONS];
	struct rp_debug_view view[RP_DWARF_SECTIONS];
	struct rp_dwarf_abbrevs abbrevs;	/* of the unit that was read last */
	int64_t work;		/* entries, rows and ranges that may still be looked at */
	struct rp_dwarf_stats stats;
};

/* Whether n more steps may be done; once not, never again before work is set anew. */
static inline bool rp_dwarf_work(struct rp_dwarf *d, uint64_t n)
{
	d->work -= n < INT32_MAX ? (int64_t)n : INT32_MAX;
	return d->work > 0;
}

/* How many of nr ascending addresses are below one: the place of the first that is not. */
static inline size_t rp_dwarf_first_from(const uint64_t *addresses, size_t nr, uint64_t address)
{
	size_t low = 0, high = nr, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (addresses[mid] < address)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/*
 * Reads the length that stands before a unit or line program: the offset behind that one; 0:
 * nonsense, or more than there is.
 */
uint64_t rp_dwarf_length(const struct rp_debug_view *v, struct rp_dwarf_cursor *c,
			 uint8_t *offset_size);
/*
 * The unit whose header is at offset, without its root. 0, or -ENOENT: no unit begins
 * there (the end, or nonsense: those behind it are not to be had either); -ENOTSUP: one of
 * a kind that is not known, *ret says where it ends.
 */
int rp_dwarf_unit_header(struct rp_dwarf *d, uint64_t offset, struct rp_dwarf_unit *ret);
/* Reads its abbreviations, and from its root what is above. 0, -EBADMSG, -ENOMEM. */
int rp_dwarf_unit_root(struct rp_dwarf *d, struct rp_dwarf_unit *u);

/* Those of u to d->abbrevs, unless they are there. 0, -EBADMSG, -EFBIG, -ENOMEM. */
int rp_dwarf_abbrevs_read(struct rp_dwarf *d, const struct rp_dwarf_unit *u);
void rp_dwarf_abbrevs_free(struct rp_dwarf_abbrevs *a);
const struct rp_dwarf_abbrev *rp_dwarf_abbrev_other(const struct rp_dwarf_abbrevs *a,
						    uint64_t code);
static inline const struct rp_dwarf_abbrev *
rp_dwarf_abbrev(const struct rp_dwarf_abbrevs *a, uint64_t code)
{
	if (a->dense)
		return code - 1 < a->nr ? &a->abbrev[code - 1] : NULL;
	return rp_dwarf_abbrev_other(a, code);
}

/* The bytes of a form where all its values have as many; -1: they do not. */
int rp_dwarf_form_size(unsigned int form, const struct rp_dwarf_unit *u);
void rp_dwarf_attr_skip(struct rp_dwarf_cursor *c, unsigned int form,
			const struct rp_dwarf_unit *u);
/* view: the one that c is a cursor of, `section` is its section. */
void rp_dwarf_attr_read(const struct rp_debug_view *view, enum rp_dwarf_section section,
			struct rp_dwarf_cursor *c, const struct rp_dwarf_attr *attr,
			const struct rp_dwarf_unit *u, struct rp_dwarf_value *ret);

/*
 * Calls each for every attribute of the entry at offset of u, whose abbreviations have been
 * read; perhaps once more from the first one on. False: it cannot be read.
 */
typedef void (*rp_dwarf_take)(void *arg, unsigned int name, const struct rp_dwarf_value *v);
bool rp_dwarf_entry(struct rp_dwarf *d, const struct rp_dwarf_unit *u, uint64_t offset,
		    rp_dwarf_take each, void *arg);

/* What a value of u stands for. False: it does not, or it cannot be read. */
bool rp_dwarf_address(struct rp_dwarf *d, const struct rp_dwarf_unit *u,
		      const struct rp_dwarf_value *v, uint64_t *ret);
struct rp_dwarf_text rp_dwarf_text(struct rp_dwarf *d, const struct rp_dwarf_unit *u,
				   const struct rp_dwarf_value *v);
/* The text itself, until the next; NULL: none. */
const char *rp_dwarf_string(struct rp_dwarf *d, struct rp_dwarf_text t, size_t *ret_len);

/*
 * Calls each for every range of code that low, high and ranges of an entry of u say. What
 * cannot be real (nothing in it, at address 0, where a linker puts what it threw away) is
 * left out. False: one of them could not be read.
 */
typedef void (*rp_dwarf_range)(void *arg, uint64_t start, uint64_t end);
bool rp_dwarf_ranges(struct rp_dwarf *d, const struct rp_dwarf_unit *u,
		     const struct rp_dwarf_value *low, const struct rp_dwarf_value *high,
		     const struct rp_dwarf_value *ranges, rp_dwarf_range each, void *arg);

#endif
