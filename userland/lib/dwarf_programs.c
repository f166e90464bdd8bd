// SPDX-License-Identifier: GPL-2.0
/*
 * Each program is run for all addresses, and says of which of them it knew the line first:
 * so that only these are looked at behind it, not all of them behind each of thousands.
 */
#include "dwarf_programs.h"

#include <errno.h>
#include <stdlib.h>

struct wanted {
	const uint64_t *addresses;
	size_t nr;
	struct rp_dwarf_row *rows;
	struct rp_dwarf_fresh fresh;
	struct rp_debug_place *place;
	struct rp_string_pool *strings;
};

bool rp_dwarf_programs_do(const struct rp_dwarf *d)
{
	return d->section[RP_DWARF_INFO].inflater && d->section[RP_DWARF_LINE].size;
}

/* What a unit would say, and a line program of version 5 does not need to be told. */
static struct rp_dwarf_unit unit_at(uint64_t offset, unsigned int address_size)
{
	return (struct rp_dwarf_unit){
		.version = 5,
		.address_size = address_size,
		.str_offsets_base = UINT64_MAX,		/* nowhere */
		.stmt_list = { .class = RP_DWARF_OFFSET, .text = RP_DWARF_NO_TEXT,
			       .value = offset },
	};
}

static int run_one(struct rp_dwarf *d, const struct rp_dwarf_unit *u, struct rp_dwarf_lines *l,
		   struct wanted *w)
{
	uint32_t at;
	size_t i;
	int r;

	r = rp_dwarf_lines_open(d, u, l);
	if (!l->end)
		return -EBADMSG;	/* nobody knows where the next one is */
	if (l->version && l->version < 5)
		return -ENOTSUP;
	w->fresh.nr = 0;
	r = r ? r : rp_dwarf_lines_run(d, l, w->addresses, w->nr, w->rows, &w->fresh);
	for (i = 0; i < w->fresh.nr; i++) {
		at = w->fresh.number[i];
		w->place[at].line = w->rows[at].line;
		w->place[at].file = rp_dwarf_lines_path(d, u, l, w->rows[at].file, w->strings);
	}
	return r;
}

int rp_dwarf_programs(struct rp_dwarf *d, unsigned int address_size, struct rp_dwarf_lines *l,
		      const uint64_t *addresses, size_t nr, struct rp_debug_place *place,
		      struct rp_string_pool *strings)
{
	uint64_t at = 0, size = d->section[RP_DWARF_LINE].size;
	struct wanted w = { .addresses = addresses, .nr = nr, .place = place,
			    .strings = strings };
	struct rp_dwarf_unit u;
	int r = 0;

	w.rows = calloc(nr + 1, sizeof(*w.rows));
	w.fresh.number = malloc((nr + 1) * sizeof(*w.fresh.number));
	if (!w.rows || !w.fresh.number)
		r = -ENOMEM;
	for (; !r && at < size; at = l->end) {
		u = unit_at(at, address_size);
		l->end = 0;
		r = run_one(d, &u, l, &w);
		if (r == -EBADMSG && l->end) {
			d->stats.bad_units++;
			r = 0;
		}
	}
	free(w.rows);
	free(w.fresh.number);
	return r;
}
