// SPDX-License-Identifier: GPL-2.0
/*
 * The head of a line program: how to run it, and its tables of folders and files. Of these
 * only what lies where is kept; names are read when an address is in that file.
 */
#include "dwarf_lines.h"

#include <dwarf.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define HEAD_BYTES	512u		/* of the fixed part */
#define TABLES_MAX	(16u << 20)	/* bytes of head and tables */
#define FORMATS_MAX	32u

struct head {
	struct rp_dwarf *d;
	struct rp_dwarf_lines *l;
	struct rp_debug_view *view;
	struct rp_dwarf_cursor c;
	struct rp_dwarf_unit as;	/* for the sizes of forms */
	const struct rp_dwarf_unit *unit;
};

static int add_directory(struct rp_dwarf_lines *l, struct rp_dwarf_text name)
{
	struct rp_dwarf_text *larger;
	uint32_t room;

	if (l->nr_directories == l->directories_room) {
		if (l->nr_directories == RP_DWARF_FILES_MAX)
			return -EFBIG;
		room = l->directories_room ? l->directories_room * 2 : 64;
		larger = realloc(l->directories, room * sizeof(*larger));
		if (!larger)
			return -ENOMEM;
		l->directories = larger;
		l->directories_room = room;
	}
	l->directories[l->nr_directories++] = name;
	return 0;
}

static int add_file(struct rp_dwarf_lines *l, struct rp_dwarf_text name, uint64_t directory)
{
	struct rp_dwarf_file *larger;
	uint32_t room;

	if (l->nr_files == l->files_room) {
		if (l->nr_files == RP_DWARF_FILES_MAX)
			return -EFBIG;
		room = l->files_room ? l->files_room * 2 : 128;
		larger = realloc(l->files, room * sizeof(*larger));
		if (!larger)
			return -ENOMEM;
		l->files = larger;
		l->files_room = room;
	}
	l->files[l->nr_files++] = (struct rp_dwarf_file){
		.name = name, .directory = directory < UINT32_MAX ? directory : UINT32_MAX };
	return 0;
}

/* A string that lies here; false: an empty one. */
static bool read_here(struct head *h, struct rp_dwarf_text *ret)
{
	ret->section = RP_DWARF_LINE;
	ret->offset = rp_debug_view_offset(h->view, h->c.at);
	if (!rp_dwarf_byte(&h->c))
		return false;
	while (rp_dwarf_byte(&h->c))
		;
	return !h->c.bad;
}

/* Up to version 4: numbers begin with 1, and 0 is what the unit says of itself. */
static int read_old_tables(struct head *h)
{
	struct rp_dwarf_text name = { .section = RP_DWARF_NO_TEXT };
	uint64_t directory;
	int r = add_directory(h->l, name);

	while (!r && read_here(h, &name))
		r = add_directory(h->l, name);
	name.section = RP_DWARF_NO_TEXT;
	if (!r)
		r = add_file(h->l, name, 0);
	while (!r && read_here(h, &name)) {
		directory = rp_dwarf_uleb(&h->c);
		rp_dwarf_uleb(&h->c);
		rp_dwarf_uleb(&h->c);
		r = add_file(h->l, name, directory);
	}
	return r ? r : h->c.bad ? -EBADMSG : 0;
}

/* One of version 5's two tables; each of its entries has the values that the format says. */
static int read_table(struct head *h, bool files)
{
	struct rp_dwarf_attr format[FORMATS_MAX];
	unsigned int nr_format = rp_dwarf_byte(&h->c), i;
	struct rp_dwarf_text name;
	struct rp_dwarf_value v;
	uint64_t n, directory;
	int r = 0;

	if (nr_format > FORMATS_MAX)
		return -EBADMSG;
	for (i = 0; i < nr_format; i++) {
		format[i] = (struct rp_dwarf_attr){ .name = rp_dwarf_uleb(&h->c) };
		format[i].form = rp_dwarf_uleb(&h->c);
	}
	n = rp_dwarf_uleb(&h->c);
	if (n > RP_DWARF_FILES_MAX)
		return -EFBIG;
	for (; n && !r && !h->c.bad; n--) {
		name.section = RP_DWARF_NO_TEXT;
		directory = 0;
		for (i = 0; i < nr_format; i++) {
			rp_dwarf_attr_read(h->view, RP_DWARF_LINE, &h->c, &format[i], &h->as,
					   &v);
			if (format[i].name == DW_LNCT_path)
				name = rp_dwarf_text(h->d, h->unit, &v);
			else if (format[i].name == DW_LNCT_directory_index)
				directory = v.value;
		}
		r = files ? add_file(h->l, name, directory) : add_directory(h->l, name);
	}
	return r ? r : h->c.bad ? -EBADMSG : 0;
}

/* The fixed part; the tables are behind it. */
static int read_fixed(struct head *h)
{
	struct rp_dwarf_cursor *c = &h->c;
	struct rp_dwarf_lines *l = h->l;
	uint64_t length;
	unsigned int i;

	l->end = rp_dwarf_length(h->view, c, &l->offset_size);
	if (!l->end)
		return -EBADMSG;
	l->version = rp_dwarf_fixed(c, 2);
	if (l->version < 2 || l->version > 5)
		return -ENOTSUP;
	l->address_size = h->unit->address_size;
	if (l->version == 5) {
		l->address_size = rp_dwarf_byte(c);
		rp_dwarf_byte(c);
	}
	length = rp_dwarf_fixed(c, l->offset_size);
	l->program = rp_debug_view_offset(h->view, c->at) + length;
	if (c->bad || length > TABLES_MAX || l->program > l->end ||
	    (l->address_size != 4 && l->address_size != 8))
		return -EBADMSG;
	l->least_instruction = rp_dwarf_byte(c);
	l->operations = l->version >= 4 ? rp_dwarf_byte(c) : 1;
	rp_dwarf_byte(c);
	l->line_base = rp_dwarf_byte(c);
	l->line_range = rp_dwarf_byte(c);
	l->opcode_base = rp_dwarf_byte(c);
	for (i = 1; i < l->opcode_base; i++)
		l->operands[i] = rp_dwarf_byte(c);
	return c->bad || !l->line_range || !l->operations || !l->opcode_base ? -EBADMSG : 0;
}

int rp_dwarf_lines_open(struct rp_dwarf *d, const struct rp_dwarf_unit *u,
			struct rp_dwarf_lines *l)
{
	struct head h = { .d = d, .l = l, .view = &d->view[RP_DWARF_LINE], .unit = u };
	uint64_t at;
	int r;

	l->nr_files = l->nr_directories = l->unit_path = 0;
	if (u->stmt_list.class != RP_DWARF_OFFSET && u->stmt_list.class != RP_DWARF_CONSTANT)
		return -ENOENT;
	h.c = rp_debug_view_at(h.view, u->stmt_list.value, HEAD_BYTES);
	r = read_fixed(&h);
	if (r)
		return r;
	h.as = (struct rp_dwarf_unit){ .version = l->version, .offset_size = l->offset_size,
				       .address_size = l->address_size };
	at = rp_debug_view_offset(h.view, h.c.at);
	if (at > l->program)
		return -EBADMSG;
	h.c = rp_debug_view_within(h.view, at, l->program - at, l->program);
	if (l->version < 5)
		return read_old_tables(&h);
	r = read_table(&h, false);
	r = r ? r : read_table(&h, true);
	rp_dwarf_work(d, l->nr_files + l->nr_directories);
	return r;
}

void rp_dwarf_lines_free(struct rp_dwarf_lines *l)
{
	free(l->directories);
	free(l->files);
	*l = (struct rp_dwarf_lines){ 0 };
}

/* ---- paths ------------------------------------------------------------------------- */

struct path {
	char text[PATH_MAX];
	size_t size;
};

/* Another part of the path; one from the root begins it anew. */
static void append(struct path *p, const char *part, size_t len)
{
	if (!part || !len)
		return;
	if (*part == '/')
		p->size = 0;
	else if (p->size && p->text[p->size - 1] != '/' && p->size < sizeof(p->text))
		p->text[p->size++] = '/';
	if (len > sizeof(p->text) - p->size)
		len = sizeof(p->text) - p->size;
	memcpy(p->text + p->size, part, len);
	p->size += len;
}

static void append_text(struct rp_dwarf *d, struct path *p, struct rp_dwarf_text t)
{
	size_t len = 0;
	const char *s = rp_dwarf_string(d, t, &len);

	append(p, s, len);
}

static uint32_t unit_path(struct rp_dwarf *d, const struct rp_dwarf_unit *u,
			  struct rp_dwarf_lines *l, struct rp_string_pool *pool)
{
	struct path p = { .size = 0 };

	if (!l->unit_path) {
		append_text(d, &p, rp_dwarf_text(d, u, &u->directory));
		append_text(d, &p, rp_dwarf_text(d, u, &u->name));
		l->unit_path = rp_string_pool_add(pool, p.text, p.size);
	}
	return l->unit_path;
}

uint32_t rp_dwarf_lines_path(struct rp_dwarf *d, const struct rp_dwarf_unit *u,
			     struct rp_dwarf_lines *l, uint32_t file,
			     struct rp_string_pool *pool)
{
	struct path p = { .size = 0 };
	struct rp_dwarf_file *f;

	if (file >= l->nr_files)
		return 0;
	f = &l->files[file];
	if (!file && f->name.section == RP_DWARF_NO_TEXT)
		return unit_path(d, u, l, pool);
	if (!f->path) {
		/* In version 5 the first folder is the unit's; a file in it has both before
		 * its name, as with others who read this. */
		if (u->directory.class != RP_DWARF_OTHER)
			append_text(d, &p, rp_dwarf_text(d, u, &u->directory));
		else if (l->version == 5 && l->nr_directories)
			append_text(d, &p, l->directories[0]);
		if (f->directory < l->nr_directories)
			append_text(d, &p, l->directories[f->directory]);
		append_text(d, &p, f->name);
		f->path = rp_string_pool_add(pool, p.text, p.size);
	}
	return f->path;
}
