// SPDX-License-Identifier: GPL-2.0
/*
 * The names of entries. An entry may leave it to another (abstract_origin, specification),
 * in its unit or any; that one to a third, and so on. So they are looked up in rounds, in
 * each of them in the order in which they lie in the file, and in the end the texts in
 * theirs: what is compressed is inflated from front to back.
 */
#include <dwarf.h>
#include <errno.h>
#include <stdlib.h>

#include "dwarf_inlines.h"

#define ROUNDS_MAX	16u	/* entries that leave it to another */

struct name {
	struct rp_dwarf_text text;	/* the best so far */
	uint64_t entry;			/* to look at next; 0: none */
	uint32_t node;
	uint32_t id;			/* in the pool */
};

struct found {
	struct rp_dwarf_value linker, source, next;
};

struct names {
	struct rp_dwarf *d;
	const uint64_t *units;
	size_t nr_units;
	struct rp_dwarf_unit unit;	/* the one looked at last; end 0: none */
};

static int by_entry(const void *va, const void *vb)
{
	const struct name *a = va, *b = vb;

	return a->entry < b->entry ? -1 : a->entry > b->entry;
}

static int by_text(const void *va, const void *vb)
{
	const struct name *a = va, *b = vb;

	if (a->text.section != b->text.section)
		return a->text.section - b->text.section;
	return a->text.offset < b->text.offset ? -1 : a->text.offset > b->text.offset;
}

/* Makes the unit that holds an entry, and its abbreviations, those at hand. */
static bool enter_unit(struct names *n, uint64_t entry)
{
	size_t low = 0, high = n->nr_units, mid;

	if (n->unit.end && entry >= n->unit.root && entry < n->unit.end)
		return true;
	n->unit.end = 0;
	while (low < high) {
		mid = low + (high - low) / 2;
		if (n->units[mid] <= entry)
			low = mid + 1;
		else
			high = mid;
	}
	if (!low || rp_dwarf_unit_header(n->d, n->units[low - 1], &n->unit) ||
	    rp_dwarf_unit_root(n->d, &n->unit) || entry < n->unit.root ||
	    entry >= n->unit.end) {
		n->unit.end = 0;
		return false;
	}
	return true;
}

static void take(void *found, unsigned int name, const struct rp_dwarf_value *v)
{
	struct found *f = found;

	switch (name) {
	case DW_AT_linkage_name:
	case DW_AT_MIPS_linkage_name:
		f->linker = *v;
		break;
	case DW_AT_name:
		f->source = *v;
		break;
	case DW_AT_abstract_origin:
	case DW_AT_specification:
		f->next = *v;
		break;
	}
}

/* What an entry says: texts, and who may say more. */
struct step {
	struct rp_dwarf_text linker, source;
	uint64_t next;
};

static void look_up(struct names *n, uint64_t entry, struct step *ret)
{
	struct found f = { .next = { .class = RP_DWARF_OTHER } };

	ret->linker.section = ret->source.section = RP_DWARF_NO_TEXT;
	ret->next = 0;
	if (!rp_dwarf_work(n->d, 1) || !enter_unit(n, entry))
		return;
	if (!rp_dwarf_entry(n->d, &n->unit, entry, take, &f))
		return;
	ret->linker = rp_dwarf_text(n->d, &n->unit, &f.linker);
	ret->source = rp_dwarf_text(n->d, &n->unit, &f.source);
	if (f.next.class == RP_DWARF_REFERENCE)
		ret->next = f.next.value;
	else if (f.next.class == RP_DWARF_ELSEWHERE)
		n->d->stats.elsewhere++;
}

/* The linker's name is the best; of the others the first. */
static void apply(const struct step *s, struct name *name)
{
	name->entry = 0;
	if (s->linker.section != RP_DWARF_NO_TEXT) {
		name->text = s->linker;
		return;
	}
	if (name->text.section == RP_DWARF_NO_TEXT)
		name->text = s->source;
	name->entry = s->next;
}

static void look_up_all(struct names *n, struct name *name, size_t nr)
{
	uint64_t last;
	unsigned int round;
	struct step s = { .next = 0 };
	size_t i;

	for (round = 0; round < ROUNDS_MAX; round++) {
		qsort(name, nr, sizeof(*name), by_entry);
		last = 0;
		for (i = 0; i < nr; i++) {
			if (!name[i].entry)
				continue;
			/* Many calls are of one function. */
			if (name[i].entry != last) {
				last = name[i].entry;
				look_up(n, last, &s);
			}
			apply(&s, &name[i]);
		}
		if (!last)
			return;
	}
}

static void read_texts(struct names *n, struct name *name, size_t nr,
		       struct rp_debug_places *places)
{
	const char *s;
	size_t i, len;

	qsort(name, nr, sizeof(*name), by_text);
	for (i = 0; i < nr; i++) {
		if (i && !by_text(&name[i - 1], &name[i])) {
			name[i].id = name[i - 1].id;
		} else {
			s = rp_dwarf_string(n->d, name[i].text, &len);
			name[i].id = s ? rp_string_pool_add(&places->strings, s, len) : 0;
		}
		places->node[name[i].node].name = name[i].id;
	}
}

int rp_dwarf_names(struct rp_dwarf *d, struct rp_dwarf_origins *origins,
		   const uint64_t *units, size_t nr_units, struct rp_debug_places *places)
{
	struct names n = { .d = d, .units = units, .nr_units = nr_units };
	struct name *name;
	size_t i;

	if (!origins->nr)
		return 0;
	name = malloc(origins->nr * sizeof(*name));
	if (!name)
		return -ENOMEM;
	for (i = 0; i < origins->nr; i++)
		name[i] = (struct name){ .text.section = RP_DWARF_NO_TEXT,
					 .entry = origins->origin[i].entry,
					 .node = origins->origin[i].node };
	look_up_all(&n, name, origins->nr);
	read_texts(&n, name, origins->nr, places);
	free(name);
	return 0;
}
