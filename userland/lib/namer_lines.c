// SPDX-License-Identifier: GPL-2.0
/*
 * Lines and inlined functions of a window's user addresses. Before anything of it is named,
 * all addresses are gathered and each file is asked once for all of its own: that is what
 * its debugging data are cheap to read for.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "demangle.h"
#include "namer_private.h"
#include "numbers.h"

#define FRAMES_MAX 128	/* functions inlined into each other at one address */

struct rp_namer_wanted {
	const struct rp_mapped *m;
	uint64_t offset;	/* in the file */
	uint32_t tgid;
};

struct gathering {
	struct rp_namer_wanted *wanted;
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
	struct rp_namer_wanted *larger;
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
	g->wanted[g->nr++] = (struct rp_namer_wanted){ .m = m, .offset = offset, .tgid = tgid };
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
	const struct rp_namer_wanted *a = va, *b = vb;

	if (a->m->file != b->m->file)
		return (uintptr_t)a->m->file < (uintptr_t)b->m->file ? -1 : 1;
	return a->offset < b->offset ? -1 : a->offset > b->offset;
}

/* All of one file; addresses has room for them. */
static int find_in_file(struct rp_namer *n, const struct rp_namer_wanted *w, size_t nr,
			uint64_t *addresses)
{
	const struct rp_elf_symbols *table = rp_namer_symbols(n, w->m, w->tgid, NULL);
	size_t i, used = 0;

	if (!table || !rp_symbol_cache_asks(n->symbols))
		return 0;
	for (i = 0; i < nr; i++)
		if (!rp_elf_symbols_vaddr(table, w[i].offset, &addresses[used]))
			used++;
	used = rp_numbers_unique(addresses, used);
	return rp_symbol_cache_find(n->symbols, addresses, used);
}

int rp_namer_lines_find(struct rp_namer *n, struct rp_spaces *spaces, const struct rp_window *w)
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

/* ---- locations ---------------------------------------------------------------------- */

/* A name as people know it, as a string of p; demangled once for each key. */
static uint32_t plain_name(struct rp_namer *n, struct rp_profile *p, const char *symbol,
			   const void *owner, uint64_t number)
{
	const struct rp_name_key key = { .profile = p, .owner = owner, .number = number,
					 .kind = RP_NAME_TEXT };
	uint32_t id = rp_name_cache_get(&n->cache, &key);
	char *name;

	if (!id) {
		name = rp_demangle(symbol, RP_DEMANGLE_SHORT);
		id = rp_profile_string(p, name ? name : symbol);
		free(name);
		rp_name_cache_put(&n->cache, &key, id);
	}
	return id;
}

static uint32_t function(struct rp_namer *n, struct rp_profile *p,
			 const struct rp_debug_frame *f, const void *owner, uint64_t number)
{
	const struct rp_profile_function made = {
		.name = plain_name(n, p, f->function, owner, number),
		.system_name = rp_profile_string(p, f->function),
		.filename = rp_profile_string(p, f->file),
	};

	return rp_profile_function_ids(p, &made);
}

/* The ELF symbol is the last word on whose code it is; those inlined there are the data's. */
static bool name_frames(struct rp_debug_frame *frame, unsigned int nr,
			const struct rp_elf_symbol *sym)
{
	unsigned int i;

	if (sym)
		frame[nr - 1].function = sym->name;
	for (i = 0; i + 1 < nr; i++)
		if (!*frame[i].function)	/* it is told in another file */
			frame[i].function = "[inlined]";
	return *frame[nr - 1].function && (nr > 1 || !sym || *frame[0].file);
}

uint32_t rp_namer_lines(struct rp_namer *n, struct rp_profile *p, const struct rp_mapped *m,
			uint64_t address, uint64_t vaddr, const struct rp_elf_symbol *sym)
{
	const struct rp_debug_places *places = rp_symbol_cache_places(n->symbols);
	struct rp_debug_frame frame[FRAMES_MAX];
	struct rp_profile_line line[FRAMES_MAX];
	unsigned int nr, i;

	if (!places || !rp_debug_places_get(places, vaddr, frame, FRAMES_MAX, &nr) ||
	    !name_frames(frame, nr, sym))
		return 0;
	if (!(n->options.debug & RP_DEBUG_INLINES)) {
		frame[0] = frame[nr - 1];
		nr = 1;
	}
	for (i = 0; i < nr; i++) {
		bool own = sym && i + 1 == nr;

		line[i] = (struct rp_profile_line){
			.function = function(n, p, &frame[i], own ? (void *)m->file :
					     (void *)places, own ? sym->start :
					     (uintptr_t)frame[i].function),
			.line = frame[i].line,
		};
		if (!line[i].function)
			return 0;
	}
	return rp_profile_location(p, rp_namer_user_mapping(n, p, m, RP_NAMER_FUNCTIONS |
							    RP_NAMER_LINES),
				   address, line, nr);
}

const char *rp_namer_debug_problem(const struct rp_namer *n)
{
	const char *problem = rp_symbol_cache_problem(n->symbols);

	return *problem ? problem : NULL;
}
