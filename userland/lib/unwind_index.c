// SPDX-License-Identifier: GPL-2.0
/*
 * Descriptions lie in the order of the objects that a program was linked from, which is
 * not quite that of its code: compilers put cold parts elsewhere. Only where each lies is
 * kept; it is read again when it is its turn, which is cheaper than keeping it.
 */
#include "unwind_index.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool add(struct rp_unwind_index *ix, const struct rp_unwind_place *place)
{
	size_t room = ix->room + ix->room / 2 + 1024;
	struct rp_unwind_place *grown;

	if (ix->nr == ix->room) {
		grown = realloc(ix->places, room * sizeof(*grown));
		if (!grown)
			return false;
		ix->places = grown;
		ix->room = room;
	}
	ix->places[ix->nr++] = *place;
	return true;
}

/* Where the code of an FDE is in the file, or why it is of no use. */
static enum rp_unwind_reason place_of(const struct rp_unwind_text *text,
				      const struct rp_cfi_fde *fde, uint64_t *ret)
{
	const struct rp_unwind_segment *segment = rp_unwind_segment_of(text, fde->start);

	if (!segment)
		return RP_UNWIND_REASON_OUTSIDE;
	if (!fde->size)
		return RP_UNWIND_REASON_EMPTY;
	*ret = segment->offset + (fde->start - segment->address);
	return RP_UNWIND_SAID;
}

static int index_section(struct rp_unwind_index *ix, unsigned int number,
			 const struct rp_unwind_text *text, struct rp_unwind_ledger *l)
{
	const struct rp_cfi_section *s = &ix->sections[number];
	struct rp_unwind_place place = { .section = number };
	enum rp_unwind_reason wrong;
	struct rp_cfi_entry e;
	struct rp_cfi_fde fde;
	size_t at = 0;

	while (rp_cfi_next(s, &at, &e, &wrong)) {
		if (e.is_cie)
			continue;
		wrong = rp_cfi_read_fde(s, &e, &rp_cfi_cies_get(&ix->cies[number], s,
								e.cie)->cie, &fde);
		if (wrong == RP_UNWIND_SAID)
			wrong = place_of(text, &fde, &place.offset);
		if (wrong == RP_UNWIND_SAID && ix->nr == RP_UNWIND_FDES_MAX)
			wrong = RP_UNWIND_REASON_ENTRIES;
		place.at = e.at;
		if (wrong != RP_UNWIND_SAID)
			rp_unwind_note_entry(l, wrong, e.at, fde.start);
		else if (!add(ix, &place))
			return -ENOMEM;
	}
	if (wrong != RP_UNWIND_SAID)
		rp_unwind_note_entry(l, wrong, at, 0);
	return 0;
}

static int compare(const void *va, const void *vb)
{
	const struct rp_unwind_place *a = va, *b = vb;

	if (a->offset != b->offset)
		return a->offset < b->offset ? -1 : 1;
	if (a->section != b->section)
		return a->section < b->section ? -1 : 1;
	return (a->at > b->at) - (a->at < b->at);
}

int rp_unwind_index_begin(struct rp_unwind_index *ix, struct rp_elf_file *f,
			  const struct rp_unwind_text *text, struct rp_unwind_ledger *l)
{
	uint64_t skipped = 0;
	unsigned int i;
	int r;

	memset(ix, 0, sizeof(*ix));
	r = rp_cfi_section_eh(f, &ix->sections[RP_UNWIND_EH], &skipped);
	if (!r)
		r = rp_cfi_section_debug(f, &ix->sections[RP_UNWIND_DEBUG], &skipped);
	while (!r && skipped--)
		rp_unwind_note_entry(l, RP_UNWIND_REASON_SECTION, 0, 0);
	for (i = 0; !r && i < RP_UNWIND_SECTIONS; i++)
		if (ix->sections[i].data)
			r = index_section(ix, i, text, l);
	if (!r && ix->nr)
		qsort(ix->places, ix->nr, sizeof(*ix->places), compare);
	return r;
}

void rp_unwind_index_free(struct rp_unwind_index *ix)
{
	unsigned int i;

	for (i = 0; i < RP_UNWIND_SECTIONS; i++)
		free(ix->sections[i].data);
	free(ix->places);
	memset(ix, 0, sizeof(*ix));
}

void rp_unwind_index_read(struct rp_unwind_index *ix, const struct rp_unwind_place *place,
			  struct rp_cfi_fde *ret)
{
	const struct rp_cfi_section *s = &ix->sections[place->section];
	enum rp_unwind_reason wrong;
	struct rp_cfi_entry e;
	size_t at = place->at;

	rp_cfi_next(s, &at, &e, &wrong);
	rp_cfi_read_fde(s, &e, &rp_cfi_cies_get(&ix->cies[place->section], s, e.cie)->cie,
			ret);
}
