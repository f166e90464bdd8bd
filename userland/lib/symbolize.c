// SPDX-License-Identifier: GPL-2.0
/*
 * File by file, so that one table of symbols is in memory at a time. The profile is copied
 * and not changed: functions of which there was one an address become one a function, and
 * stacks that differed by an address only become the same.
 */
#include "symbolize.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "debug_file.h"
#include "demangle.h"
#include "elf_symbols.h"
#include "profile_copy.h"
#include "unnamed.h"

/* A location without a name. */
struct place {
	uint32_t file, build_id;	/* strings of the profile: together, which file it is */
	uint32_t location;
};

struct work {
	const struct rp_profile *p;
	const struct rp_debug_index *ix;
	struct place *places;		/* by file */
	size_t nr;
	struct rp_profile_naming *naming;	/* by location */
	struct rp_symbolize_result result;
};

static const struct {
	const char *name, *text;
} reasons[] = {
#define X(id, name_, text_) [RP_SYMBOLIZE_##id] = { name_, text_ },
	RP_SYMBOLIZE_REASONS(X)
#undef X
};

/* ---- what has no name ----------------------------------------------------------- */

static bool has_no_name(const struct rp_profile *p, const struct rp_profile_location *l)
{
	const struct rp_profile_mapping *m = &p->mappings[l->mapping];
	const struct rp_profile_function *f;
	char text[RP_UNNAMED_SIZE];

	if (!l->nr_lines)
		return true;
	if (l->nr_lines > 1)
		return false;
	f = &p->functions[p->lines[l->first_line].function];
	rp_unnamed(rp_profile_str(p, m->filename), l->address - m->start + m->offset, text);
	return !strcmp(rp_profile_str(p, f->name), text);
}

/* In a file: areas without one have their names in brackets, as the kernel has. */
static bool in_file(const struct rp_profile *p, const struct rp_profile_location *l)
{
	const struct rp_profile_mapping *m = &p->mappings[l->mapping];
	const char *name = rp_profile_str(p, m->filename);

	return l->mapping && *name && *name != '[' && l->address >= m->start &&
	       l->address < m->limit;
}

static int compare_places(const void *va, const void *vb)
{
	const struct place *a = va, *b = vb;

	if (a->build_id != b->build_id)
		return a->build_id < b->build_id ? -1 : 1;
	if (a->file != b->file)
		return a->file < b->file ? -1 : 1;
	return (a->location > b->location) - (a->location < b->location);
}

static int find_places(struct work *w)
{
	const struct rp_profile *p = w->p;
	uint64_t i;

	w->places = malloc((p->nr_locations + 1) * sizeof(*w->places));
	if (!w->places)
		return -ENOMEM;
	for (i = 1; i <= p->nr_locations; i++) {
		const struct rp_profile_location *l = &p->locations[i];
		const struct rp_profile_mapping *m = &p->mappings[l->mapping];

		if (!has_no_name(p, l))
			continue;
		if (in_file(p, l))
			w->places[w->nr++] = (struct place){ m->filename, m->build_id,
							     (uint32_t)i };
		else
			w->result.no_file++;
	}
	qsort(w->places, w->nr, sizeof(*w->places), compare_places);
	return 0;
}

int rp_symbolize_wanted(const struct rp_profile *p, struct rp_build_id **ret, size_t *ret_nr)
{
	struct work w = { .p = p };
	struct rp_build_id *ids;
	size_t i, nr = 0;
	int r;

	r = find_places(&w);
	if (r)
		return r;
	ids = malloc((w.nr + 1) * sizeof(*ids));
	for (i = 0; ids && i < w.nr; i++) {
		if (i && w.places[i].build_id == w.places[i - 1].build_id)
			continue;
		nr += !rp_build_id_from_hex(rp_profile_str(p, w.places[i].build_id), &ids[nr]);
	}
	free(w.places);
	if (!ids)
		return -ENOMEM;
	*ret = ids;
	*ret_nr = nr;
	return 0;
}

/* ---- one file ------------------------------------------------------------------- */

/* Its build id again: what is opened need not be what the index saw. */
static bool is_still(int fd, const struct rp_build_id *id)
{
	struct rp_elf_file f = { .fd = fd, .name = "" };
	struct rp_build_id now = { 0 };
	struct stat st;

	if (fstat(fd, &st))
		return false;
	f.size = st.st_size;
	if (rp_elf_file_begin(&f))
		return false;
	rp_debug_build_id(&f, &now);
	rp_elf_file_end(&f);
	return rp_build_id_equal(id, &now);
}

/* symbols: a file with the symbols of a stripped one, or NULL. */
static int load(const char *path, const char *symbols, const struct rp_build_id *id,
		struct rp_elf_symbols **ret)
{
	static const char *const nowhere[] = { NULL };
	const struct rp_debug_search where = { .dirs = nowhere, .file = symbols };
	int fd, r;

	fd = rp_elf_open(path, NULL, NULL, 0);
	if (fd < 0)
		return fd;
	r = is_still(fd, id) ? rp_elf_symbols_from_fd(fd, path, &where, ret, NULL, 0) : -ESTALE;
	close(fd);
	return r;
}

/* The table of a file that was found, and which path it came from; NULL: none can be read. */
static struct rp_elf_symbols *load_found(const struct rp_debug_found *found,
					 const struct rp_build_id *id, const char **ret_from)
{
	struct rp_elf_symbols *es = NULL;

	if (found->code && !load(found->code, found->symbols, id, &es))
		*ret_from = found->symbols ? found->symbols : found->code;
	else if (found->symbols && !load(found->symbols, NULL, id, &es))
		*ret_from = found->symbols;
	return es;
}

/* The table of a build id; NULL: *ret_why is why there is none. */
static struct rp_elf_symbols *open_table(const struct work *w, const char *hex,
					 struct rp_symbolize_row *row,
					 enum rp_symbolize_reason *ret_why)
{
	struct rp_debug_found found;
	struct rp_build_id id;

	*ret_why = RP_SYMBOLIZE_NO_BUILD_ID;
	if (rp_build_id_from_hex(hex, &id))
		return NULL;
	found = rp_debug_index_get(w->ix, &id);
	*ret_why = RP_SYMBOLIZE_NO_FILE;
	if (!found.code && !found.symbols)
		return NULL;
	*ret_why = RP_SYMBOLIZE_UNREADABLE;
	return load_found(&found, &id, &row->from);
}

bool rp_symbolize_lacks(const struct rp_debug_index *ix, const struct rp_build_id *id)
{
	struct rp_debug_found found = rp_debug_index_get(ix, id);
	struct rp_elf_symbols_info info = { .symtab = RP_ELF_SYMTAB_NONE };
	struct rp_elf_symbols *es;
	const char *from;

	/* One with .symtab has them; what is packed in another shows when it is read. */
	if (found.symbols)
		return false;
	es = load_found(&found, id, &from);
	if (es)
		rp_elf_symbols_info(es, &info);
	rp_elf_symbols_free(es);
	return info.symtab == RP_ELF_SYMTAB_NONE;
}

/* The name of one place; RP_SYMBOLIZE_REASONS_NR: it has one. */
static enum rp_symbolize_reason name_place(struct work *w, const struct rp_elf_symbols *es,
					   uint32_t location)
{
	const struct rp_profile_location *l = &w->p->locations[location];
	const struct rp_profile_mapping *m = &w->p->mappings[l->mapping];
	struct rp_profile *to = w->result.p;
	struct rp_elf_symbols_info info;
	struct rp_elf_symbol s;
	uint64_t vaddr;
	char *name;

	if (rp_elf_symbols_mapped(es, m->start, m->limit, m->offset, l->address, &vaddr))
		return RP_SYMBOLIZE_NO_PLACE;
	if (rp_elf_symbols_lookup(es, vaddr, &s)) {
		rp_elf_symbols_info(es, &info);
		return info.symtab ? RP_SYMBOLIZE_NO_FUNCTION : RP_SYMBOLIZE_NO_SYMBOLS;
	}
	name = rp_demangle(s.name, RP_DEMANGLE_SHORT);
	w->naming[location].function = rp_profile_function(to, name ? name : s.name, s.name, "", 0);
	free(name);
	return RP_SYMBOLIZE_REASONS_NR;
}

/* Places [first, end) are of one file. */
static void name_file(struct work *w, size_t first, size_t end)
{
	const struct rp_profile *p = w->p;
	struct rp_symbolize_row *row = &w->result.rows[w->result.nr_rows++];
	enum rp_symbolize_reason none, why;
	struct rp_elf_symbols *es;
	size_t i;

	row->file = rp_profile_str(p, w->places[first].file);
	row->build_id = rp_profile_str(p, w->places[first].build_id);
	es = open_table(w, row->build_id, row, &none);
	for (i = first; i < end; i++) {
		why = es ? name_place(w, es, w->places[i].location) : none;
		if (why == RP_SYMBOLIZE_REASONS_NR) {
			row->named++;
		} else {
			row->left++;
			row->reasons[why]++;
		}
	}
	if (!row->named)
		row->from = NULL;
	w->result.named += row->named;
	w->result.left += row->left;
	rp_elf_symbols_free(es);
}

static void name_all(struct work *w)
{
	size_t first, end;

	for (first = 0; first < w->nr; first = end) {
		for (end = first + 1; end < w->nr; end++)
			if (w->places[end].file != w->places[first].file ||
			    w->places[end].build_id != w->places[first].build_id)
				break;
		name_file(w, first, end);
	}
}

/* ---- the whole ------------------------------------------------------------------ */

int rp_symbolize(const struct rp_profile *p, const struct rp_debug_index *ix,
		 struct rp_symbolize_result *ret)
{
	struct work w = { .p = p, .ix = ix };
	int r;

	r = find_places(&w);
	w.result.p = rp_profile_new();
	w.result.rows = calloc(w.nr + 1, sizeof(*w.result.rows));
	w.naming = calloc(p->nr_locations + 1, sizeof(*w.naming));
	if (!w.result.p || !w.result.rows || !w.naming)
		r = -ENOMEM;
	if (!r) {
		name_all(&w);
		r = rp_profile_copy(p, w.naming, w.result.p);
	}
	free(w.places);
	free(w.naming);
	if (r) {
		rp_profile_free(w.result.p);
		free(w.result.rows);
		return r;
	}
	*ret = w.result;
	return 0;
}

const char *rp_symbolize_reason_name(enum rp_symbolize_reason why)
{
	return (unsigned int)why < RP_SYMBOLIZE_REASONS_NR ? reasons[why].name : "unknown";
}

const char *rp_symbolize_reason_text(enum rp_symbolize_reason why)
{
	return (unsigned int)why < RP_SYMBOLIZE_REASONS_NR ? reasons[why].text : "unknown";
}
