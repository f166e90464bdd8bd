// SPDX-License-Identifier: GPL-2.0
/*
 * What has to be asked for before a window can be named: lines and inlined functions, and the
 * functions of large files. All of its user addresses are gathered, and each file is asked
 * once for all of its own: that is what its data are cheap to read for.
 */
#include <errno.h>
#include <stdlib.h>

#include "namer_private.h"
#include "numbers.h"

struct wanted {
	const struct rp_mapped *m;
	uint64_t offset;	/* in the file */
	uint32_t tgid;
};

struct gathering {
	struct wanted *wanted;
	size_t nr, room;
	bool no_memory;
};

/* ---- what is wanted ---------------------------------------------------------------- */

static void gather(struct rp_namer *n, struct gathering *g, const struct rp_mapped *m,
		   uint64_t address, uint32_t tgid)
{
	const uint64_t offset = address - m->start + m->offset;
	const struct rp_name_key key = { .owner = m->file, .number = offset,
					 .kind = RP_NAME_WANTED };
	struct wanted *larger;
	size_t room;

	if ((!n->options.debug && !m->file->note->asks) || m->file->flags & RP_MAP_ANON ||
	    rp_name_cache_get(&n->cache, &key))
		return;
	rp_name_cache_put(&n->cache, &key, 1);
	if (g->nr == g->room) {
		room = g->room ? g->room * 2 : 1024;
		larger = realloc(g->wanted, room * sizeof(*larger));
		if (!larger) {
			g->no_memory = true;
			return;
		}
		g->wanted = larger;
		g->room = room;
	}
	g->wanted[g->nr++] = (struct wanted){ .m = m, .offset = offset, .tgid = tgid };
}

static void gather_stack(struct rp_namer *n, struct gathering *g, struct rp_spaces *spaces,
			 const struct rp_window *w, const struct rp_window_entry *e)
{
	const struct rp_maps *maps = rp_spaces_maps(spaces, e->space, e->map_gen);
	uint64_t addr[RP_DEPTH_MAX];
	unsigned int nr = rp_window_stack(w, e->user_stack, addr), i;
	const struct rp_mapped *m;

	for (i = 0; i < nr && !g->no_memory; i++) {
		m = rp_maps_find(maps, rp_namer_call(addr, i));
		if (m)
			gather(n, g, m, rp_namer_call(addr, i), e->space->id.tgid);
	}
}

static int by_file(const void *va, const void *vb)
{
	const struct wanted *a = va, *b = vb;

	if (a->m->file != b->m->file)
		return (uintptr_t)a->m->file < (uintptr_t)b->m->file ? -1 : 1;
	return a->offset < b->offset ? -1 : a->offset > b->offset;
}

/* All of one file; addresses has room for them. */
static int find_in_file(struct rp_namer *n, const struct wanted *w, size_t nr,
			uint64_t *addresses)
{
	const struct rp_elf_symbols *table = rp_namer_symbols(n, w->m, w->tgid, NULL);
	size_t i, used = 0;

	if (!table || !rp_symbol_cache_asks(n->symbols) || !rp_namer_affords(n))
		return 0;
	for (i = 0; i < nr; i++)
		if (!rp_elf_symbols_vaddr(table, w[i].offset, &addresses[used]))
			used++;
	used = rp_numbers_unique(addresses, used);
	return rp_symbol_cache_find(n->symbols, addresses, used);
}

int rp_namer_ask(struct rp_namer *n, struct rp_spaces *spaces, const struct rp_window *w)
{
	struct gathering g = { .wanted = NULL };
	const struct rp_window_entry *entries;
	uint64_t *addresses = NULL, i, nr;
	size_t from, to;
	int err;

	if (!n->options.debug && !n->any_asks)
		return 0;
	entries = rp_window_entries(w, &nr);
	for (i = 0; i < nr && !g.no_memory; i++)
		gather_stack(n, &g, spaces, w, &entries[i]);
	if (g.nr) {
		qsort(g.wanted, g.nr, sizeof(*g.wanted), by_file);
		addresses = malloc(g.nr * sizeof(*addresses));
	}
	err = g.no_memory || (g.nr && !addresses) ? -ENOMEM : 0;
	for (from = 0; from < g.nr && !err; from = to) {
		for (to = from + 1; to < g.nr && g.wanted[to].m->file == g.wanted[from].m->file;
		     to++)
			;
		err = find_in_file(n, g.wanted + from, to - from, addresses);
	}
	free(addresses);
	free(g.wanted);
	return err;
}
