// SPDX-License-Identifier: GPL-2.0
/*
 * A window of a profile asks for thousands of addresses of a file at once. They are sorted
 * by unit, and for each unit its line program is run once and its entries are walked once
 * for all of them; that is what makes it cheap, and needs no memory for what is not asked.
 */
#include "debug_info.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "debug_file.h"
#include "dwarf_index.h"
#include "dwarf_inlines.h"
#include "dwarf_lines.h"
#include "dwarf_programs.h"
#include "elf_file.h"

#define WORK_MAX	(400ll << 20)	/* entries, rows and ranges in one call */
#define WINDOW		(256u << 10)	/* bytes of .debug_info read at once */

struct rp_debug_info {
	int fd;				/* ours; -1: an image */
	struct rp_dwarf d;
	struct rp_dwarf_index index;
	struct rp_dwarf_lines lines;
	struct rp_dwarf_origins origins;
	bool indexed, supplementary, compressed;
	bool by_units;			/* lines: not by programs alone */
	uint8_t address_size;
};

static const char *const names[RP_DWARF_SECTIONS] = {
	[RP_DWARF_INFO] = ".debug_info",
	[RP_DWARF_ABBREV] = ".debug_abbrev",
	[RP_DWARF_LINE] = ".debug_line",
	[RP_DWARF_STR] = ".debug_str",
	[RP_DWARF_LINE_STR] = ".debug_line_str",
	[RP_DWARF_STR_OFFSETS] = ".debug_str_offsets",
	[RP_DWARF_ADDR] = ".debug_addr",
	[RP_DWARF_RANGES] = ".debug_ranges",
	[RP_DWARF_RNGLISTS] = ".debug_rnglists",
};

/* ---- opening ------------------------------------------------------------------------ */

static int open_sections(struct rp_debug_info *i, struct rp_elf_file *f)
{
	const GElf_Shdr *alternate;
	unsigned int s;
	int r;

	i->address_size = f->is_64 ? 8 : 4;
	if (f->ehdr.e_ident[EI_DATA] != ELFDATA2LSB)
		return rp_elf_file_fail(f, -ENOTSUP, "is big endian: its lines are not read");
	for (s = 0; s < RP_DWARF_SECTIONS; s++) {
		i->d.view[s].section = &i->d.section[s];
		r = rp_debug_section_open(f, names[s], &i->d.section[s]);
		if (r == -ENOMEM)
			return r;
		i->compressed |= r == -ENOTSUP;
		i->d.stats.over_limit += r && r != -ENOTSUP;
	}
	i->d.view[RP_DWARF_INFO].step = WINDOW;
	r = rp_elf_file_section(f, ".gnu_debugaltlink", &alternate);
	i->supplementary = alternate;
	if (r || i->d.section[RP_DWARF_INFO].size)
		return r;
	return rp_elf_file_fail(f, i->compressed ? -ENOTSUP : -ENODATA, i->compressed ?
				"has debugging data that are not compressed by zlib" :
				"has no debugging data");
}

static bool has_own(struct rp_elf_file *f)
{
	const GElf_Shdr *sh = NULL;

	return !rp_elf_file_section(f, names[RP_DWARF_INFO], &sh) && sh;
}

/* Those of the debug file instead. The sentence of its search is not worth more. */
static int open_separate(struct rp_debug_info *i, struct rp_elf_file *f,
			 const struct rp_debug_search *where)
{
	struct rp_debug_file found;
	struct rp_elf_file debug = { .name = found.path, .err = f->err,
				     .err_size = f->err_size };
	struct stat st;
	int r = rp_debug_file_open(f, where, &found);

	if (r == -ENOMEM)
		return r;
	if (r)
		return rp_elf_file_fail(f, -ENODATA, "has no debugging data, and there is no "
					"debug file of it");
	close(i->fd);
	i->fd = debug.fd = found.fd;
	if (fstat(found.fd, &st) < 0)
		return rp_elf_file_fail(&debug, -errno, "%s", strerror(errno));
	debug.size = st.st_size;
	r = rp_elf_file_begin(&debug);
	if (!r) {
		r = open_sections(i, &debug);
		rp_elf_file_end(&debug);
	}
	return r;
}

/* fd: ours from now on. */
static int open_file(struct rp_elf_file *f, int fd, const struct rp_debug_search *where,
		     struct rp_debug_info **ret)
{
	struct rp_debug_info *i = calloc(1, sizeof(*i));
	int r;

	if (!i) {
		if (fd >= 0)
			close(fd);
		return rp_elf_file_fail(f, -ENOMEM, "no memory for debugging data");
	}
	i->fd = f->fd = fd;
	r = rp_elf_file_begin(f);
	if (!r) {
		r = where && !has_own(f) ? open_separate(i, f, where) : open_sections(i, f);
		rp_elf_file_end(f);
	}
	if (r)
		rp_debug_info_close(i);
	else
		*ret = i;
	return r;
}

int rp_debug_info_open(int fd, const char *path, const struct rp_debug_search *where,
		       struct rp_debug_info **ret, char *err, size_t err_size)
{
	struct rp_elf_file f = { .name = path, .err = err, .err_size = err_size };
	struct stat st;

	if (fstat(fd, &st) < 0)
		return rp_elf_file_fail(&f, -errno, "%s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return rp_elf_file_fail(&f, -ENOTSUP, "is not a regular file");
	f.size = st.st_size;
	fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (fd < 0)
		return rp_elf_file_fail(&f, -errno, "%s", strerror(errno));
	return open_file(&f, fd, where, ret);
}

int rp_debug_info_open_memory(const void *image, size_t size, const char *name,
			      struct rp_debug_info **ret, char *err, size_t err_size)
{
	struct rp_elf_file f = { .fd = -1, .image = image, .size = size, .name = name,
				 .err = err, .err_size = err_size };

	return open_file(&f, -1, NULL, ret);
}

/* What is only needed while addresses are looked for. */
static void let_go(struct rp_debug_info *i)
{
	unsigned int s;

	for (s = 0; s < RP_DWARF_SECTIONS; s++) {
		rp_debug_view_close(&i->d.view[s]);
		rp_debug_section_rest(&i->d.section[s]);
	}
	i->d.view[RP_DWARF_INFO].step = WINDOW;
	rp_dwarf_abbrevs_free(&i->d.abbrevs);
	rp_dwarf_lines_free(&i->lines);
	free(i->origins.origin);
	i->origins = (struct rp_dwarf_origins){ 0 };
}

void rp_debug_info_close(struct rp_debug_info *i)
{
	unsigned int s;

	if (!i)
		return;
	let_go(i);
	for (s = 0; s < RP_DWARF_SECTIONS; s++)
		rp_debug_section_close(&i->d.section[s]);
	rp_dwarf_index_free(&i->index);
	if (i->fd >= 0)
		close(i->fd);
	free(i);
}

void rp_debug_info_use(struct rp_debug_info *i, int fd)
{
	unsigned int s;

	if (i->fd >= 0)
		close(i->fd);
	i->fd = fd;
	for (s = 0; s < RP_DWARF_SECTIONS; s++)
		i->d.section[s].fd = fd;
}

/* ---- finding ------------------------------------------------------------------------ */

/* An address and where it is to be looked for. */
struct wanted {
	uint64_t unit, address;
};

/* Those of one unit. */
struct batch {
	const uint64_t *addresses;
	size_t nr;
	struct rp_dwarf_row *rows;
	uint32_t *nodes;
	struct rp_dwarf_unit unit;
};

static int by_unit(const void *va, const void *vb)
{
	const struct wanted *a = va, *b = vb;

	if (a->unit != b->unit)
		return a->unit < b->unit ? -1 : 1;
	return a->address < b->address ? -1 : a->address > b->address;
}

static int note(struct rp_debug_info *i, int r)
{
	if (!r || r == -ENOENT)
		return 0;
	if (r == -EFBIG)
		i->d.stats.over_limit++;
	else
		i->d.stats.bad_units++;
	return r == -ENOMEM ? r : 0;
}

/* The nodes' files from numbers of the unit's to paths. */
static void name_files(struct rp_debug_info *i, const struct batch *b, bool lines,
		       uint32_t first, struct rp_debug_places *places)
{
	struct rp_debug_node *n;
	uint32_t node;

	for (node = first ? first : 1; node < places->nr_nodes; node++) {
		n = &places->node[node];
		if (!lines || !n->parent)
			n->file = n->line = 0;
		else
			n->file = rp_dwarf_lines_path(&i->d, &b->unit, &i->lines, n->file,
						      &places->strings);
	}
}

static int find_in_unit(struct rp_debug_info *i, unsigned int what, struct batch *b,
			struct rp_debug_place *ret, struct rp_debug_places *places)
{
	uint32_t first = places->nr_nodes;
	bool lines = false;
	size_t n;
	int r;

	i->d.stats.units++;
	memset(b->rows, 0, b->nr * sizeof(*b->rows));
	memset(b->nodes, 0, b->nr * sizeof(*b->nodes));
	if (what & RP_DEBUG_LINES) {
		r = rp_dwarf_lines_open(&i->d, &b->unit, &i->lines);
		lines = !r;
		r = r ? r : rp_dwarf_lines_run(&i->d, &i->lines, b->addresses, b->nr, b->rows,
						NULL);
		if (note(i, r))
			return r;
	}
	if (what & RP_DEBUG_INLINES) {
		i->d.stats.split_units += b->unit.split;
		r = rp_dwarf_inlines(&i->d, &b->unit, b->addresses, b->nr, b->nodes, places,
				     &i->origins);
		if (note(i, r))
			return r;
		name_files(i, b, lines, first, places);
	}
	for (n = 0; n < b->nr; n++) {
		ret[n] = (struct rp_debug_place){ .address = b->addresses[n],
						  .node = b->nodes[n] };
		if (!b->rows[n].known)
			continue;
		ret[n].line = b->rows[n].line;
		ret[n].file = rp_dwarf_lines_path(&i->d, &b->unit, &i->lines, b->rows[n].file,
						  &places->strings);
	}
	return 0;
}

/* Addresses of one unit after the other; nr places are there to be filled. */
static int find_all(struct rp_debug_info *i, unsigned int what, const struct wanted *w,
		    size_t nr, uint64_t *addresses, struct batch *b,
		    struct rp_debug_places *places)
{
	size_t from, to, base = places->nr - nr, n;
	int r = 0;

	for (n = 0; n < nr; n++) {
		addresses[n] = w[n].address;
		places->place[base + n] = (struct rp_debug_place){ .address = w[n].address };
	}
	for (from = 0; from < nr && !r; from = to) {
		for (to = from + 1; to < nr && w[to].unit == w[from].unit; to++)
			;
		b->addresses = addresses + from;
		b->nr = to - from;
		if (w[from].unit == UINT64_MAX)
			continue;
		r = rp_dwarf_unit_header(&i->d, w[from].unit, &b->unit);
		r = note(i, r ? r : rp_dwarf_unit_root(&i->d, &b->unit));
		if (!r && b->unit.end)
			r = find_in_unit(i, what, b, places->place + base + from, places);
	}
	return r;
}

static void allow(struct rp_debug_info *i)
{
	unsigned int s;

	i->d.work = WORK_MAX;
	for (s = 0; s < RP_DWARF_SECTIONS; s++)
		rp_debug_section_allow(&i->d.section[s]);
}

/* By programs alone. -ENOTSUP: by units instead. */
static int find_lines(struct rp_debug_info *i, const uint64_t *addresses, size_t nr,
		      struct rp_debug_places *places)
{
	struct rp_debug_place *place = rp_debug_places_add(places, nr);
	size_t n;
	int r;

	if (!place)
		return -ENOMEM;
	for (n = 0; n < nr; n++)
		place[n] = (struct rp_debug_place){ .address = addresses[n] };
	r = rp_dwarf_programs(&i->d, i->address_size, &i->lines, addresses, nr, place,
			      &places->strings);
	if (r == -ENOTSUP) {
		i->by_units = true;
		places->nr -= nr;
		return r;
	}
	rp_debug_places_sort(places);
	return note(i, r);
}

static int prepare(struct rp_debug_info *i)
{
	int r = 0;

	allow(i);
	if (!i->indexed) {
		r = rp_dwarf_index_make(&i->d, &i->index);
		i->indexed = !r;
	}
	return r;
}

static int find_by_units(struct rp_debug_info *i, unsigned int what, const uint64_t *addresses,
			 size_t nr, struct rp_debug_places *places)
{
	struct wanted *w = malloc((nr + 1) * sizeof(*w));
	uint64_t *sorted = malloc((nr + 1) * sizeof(*sorted));
	struct batch b = { .rows = malloc((nr + 1) * sizeof(*b.rows)),
			   .nodes = malloc((nr + 1) * sizeof(*b.nodes)) };
	size_t n;
	int r = w && sorted && b.rows && b.nodes ? prepare(i) : -ENOMEM;

	for (n = 0; n < nr && !r; n++) {
		w[n] = (struct wanted){ .unit = UINT64_MAX, .address = addresses[n] };
		rp_dwarf_index_find(&i->index, addresses[n], &w[n].unit);
	}
	if (!r && !rp_debug_places_add(places, nr))
		r = nr ? -ENOMEM : 0;
	if (!r && nr) {
		qsort(w, nr, sizeof(*w), by_unit);
		r = find_all(i, what, w, nr, sorted, &b, places);
		rp_debug_places_sort(places);
	}
	free(w);
	free(sorted);
	free(b.rows);
	free(b.nodes);
	if (!r)
		r = rp_dwarf_names(&i->d, &i->origins, i->index.units, i->index.nr_units,
				   places);
	return r;
}

int rp_debug_info_find(struct rp_debug_info *i, unsigned int what, const uint64_t *addresses,
		       size_t nr, struct rp_debug_places *places)
{
	int r = -ENOTSUP;

	if (nr && what == RP_DEBUG_LINES && !i->by_units && !i->indexed &&
	    rp_dwarf_programs_do(&i->d)) {
		allow(i);
		r = find_lines(i, addresses, nr, places);
	}
	if (r == -ENOTSUP)
		r = find_by_units(i, what, addresses, nr, places);
	let_go(i);
	return r;
}

/* ---- what is to be said of it ------------------------------------------------------------ */

bool rp_debug_info_said(const struct rp_debug_info *i, char *buf, size_t size)
{
	const struct rp_dwarf_stats *s = &i->d.stats;

	if (i->compressed)
		snprintf(buf, size, "some of its debugging data are not compressed by zlib and "
			 "not read: objcopy --compress-debug-sections=zlib changes that");
	else if (s->split_units)
		snprintf(buf, size, "inlined functions of %llu of its units are in .dwo files, "
			 "which are not read: build without -gsplit-dwarf",
			 (unsigned long long)s->split_units);
	else if (s->elsewhere)
		snprintf(buf, size, "%llu names are in a supplementary file, which is not "
			 "read%s", (unsigned long long)s->elsewhere,
			 i->supplementary ? " (.gnu_debugaltlink)" : "");
	else if (s->bad_units)
		snprintf(buf, size, "%llu of its units are corrupt, of a kind that is not "
			 "known, or take too long to unpack",
			 (unsigned long long)s->bad_units);
	else if (s->over_limit)
		snprintf(buf, size, "its debugging data are over the limits in %llu places",
			 (unsigned long long)s->over_limit);
	else
		return false;
	return true;
}

size_t rp_debug_info_bytes(const struct rp_debug_info *i)
{
	size_t bytes = sizeof(*i) + rp_dwarf_index_bytes(&i->index);
	unsigned int s;

	for (s = 0; s < RP_DWARF_SECTIONS; s++)
		bytes += rp_debug_section_bytes(&i->d.section[s]);
	return bytes;
}
