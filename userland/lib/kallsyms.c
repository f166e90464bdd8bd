// SPDX-License-Identifier: GPL-2.0
/*
 * Reading kallsyms, apart from the table that it becomes: what a line means (which
 * symbols are functions, which only mark a place, whose they are) has its own reasons,
 * and changes with kernels; the table does not.
 */
#include "kallsyms.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "symbol_alias.h"

static bool ends_with(const char *s, size_t len, const char *end)
{
	size_t n = strlen(end);

	return len >= n && memcmp(s + len - n, end, n) == 0;
}

/* Linker script markers and compilers' padding stand for places, not for functions. */
static bool names_nothing(const char *name, size_t len)
{
	static const char *const markers[] = {
		"_text", "_stext", "_etext", "_sinittext", "_einittext", "_end",
		"__init_begin", "__init_end", "_sextratext", "_eextratext",
	};
	size_t i;

	if (strncmp(name, "__pfx_", 6) == 0 || strncmp(name, "__cfi_", 6) == 0)
		return true;
	for (i = 0; i < sizeof(markers) / sizeof(*markers); i++)
		if (strcmp(name, markers[i]) == 0)
			return true;
	return strncmp(name, "__", 2) == 0 &&
	       (ends_with(name, len, "text_start") || ends_with(name, len, "text_end") ||
		ends_with(name, len, "thunk_start") || ends_with(name, len, "thunk_end"));
}

static void note_marker(struct rp_kallsyms *k, const char *name, uint64_t addr)
{
	if (strcmp(name, "_text") == 0)
		k->text = addr;
	else if (strcmp(name, "_stext") == 0)
		k->stext = addr;
	else if (strcmp(name, "_etext") == 0)
		k->etext = addr;
	else if (strcmp(name, "_end") == 0)
		k->end = addr;
}

/* Puts a name into the pool; 0 if there is no room for it in 32 bits or in memory. */
static uint32_t add_name(struct rp_kallsyms *k, const char *name, size_t len)
{
	size_t room = k->names_room, at = k->names_size;
	char *names;

	if (len + 1 > UINT32_MAX - at)
		return 0;
	while (room - at < len + 1)
		room = room ? 2 * room : 1 << 20;
	if (room != k->names_room) {
		names = realloc(k->names, room);
		if (!names)
			return 0;
		k->names = names;
		k->names_room = room;
	}
	memcpy(k->names + at, name, len);
	k->names[at + len] = '\0';
	k->names_size = at + len + 1;
	return at;
}

static int add_entry(struct rp_kallsyms *k, const struct rp_kallsyms_entry *e)
{
	size_t room = k->room ? 2 * k->room : 1 << 16;
	struct rp_kallsyms_entry *entries;

	if (k->nr == k->room) {
		entries = realloc(k->entries, room * sizeof(*entries));
		if (!entries)
			return -ENOMEM;
		k->entries = entries;
		k->room = room;
	}
	k->entries[k->nr++] = *e;
	return 0;
}

/* Lines of one module follow one another, so the last image is nearly always right. */
static int image_of(struct rp_kallsyms *k, const char *module)
{
	int i = k->last_image;

	if (!*module)
		return 0;
	if (!i || strcmp(k->images.of[i].name, module) != 0)
		i = rp_kernel_images_get(&k->images, module);
	if (i > 0)
		k->last_image = i;
	return i == -E2BIG ? 0 : i;
}

/* ADDRESS TYPE NAME, and for modules a tab and [MODULE]. Odd lines are skipped. */
static int add_line(struct rp_kallsyms *k, char *line)
{
	char module[RP_KERNEL_IMAGE_NAME] = "", type, *name, *tail;
	struct rp_kallsyms_entry e = { 0 };
	size_t len;
	int image;

	e.addr = strtoull(line, &tail, 16);
	if (tail == line || tail[0] != ' ' || !tail[1] || tail[2] != ' ')
		return 0;
	type = tail[1];
	name = tail + 3;
	len = strcspn(name, " \t\n");
	if (name[len] == '\t' && sscanf(name + len, " [%63[^]\n]]", module) != 1)
		*module = '\0';
	name[len] = '\0';
	if (!len || *name == '$' || type == 'a' || type == 'A' || type == 'U')
		return 0;	/* ARM's mapping symbols; absolute numbers */
	if (!e.addr)
		return 0;	/* hidden, or per-CPU offsets: nothing to look up */
	k->seen_address = true;

	image = image_of(k, module);
	if (image < 0)
		return image;
	e.image = image;
	e.rank = RP_KALLSYMS_GAP;
	if (!image)
		note_marker(k, name, e.addr);
	if (strchr("tTwW", type) && !names_nothing(name, len)) {
		e.rank = type == 'T' ? 0 : type == 't' ? 2 : 1;
		e.name = add_name(k, name, len);
		if (!e.name)
			return -ENOMEM;
	}
	return add_entry(k, &e);
}

static int read_lines(struct rp_kallsyms *k, const char *path)
{
	char *line = NULL;
	size_t room = 0;
	FILE *f;
	int r;

	r = add_name(k, "", 0) == 0 && k->names ? 0 : -ENOMEM;	/* place 0: a gap */
	f = fopen(path, "re");
	if (!f)
		k->error = errno;
	while (f && !r && getline(&line, &room, f) > 0)
		r = add_line(k, line);
	if (f && !r && ferror(f))
		k->error = EIO;
	free(line);
	if (f)
		fclose(f);
	return r;
}

static int compare_entries(const void *va, const void *vb, void *arg)
{
	const struct rp_kallsyms_entry *a = va, *b = vb;
	const struct rp_kallsyms *k = arg;
	const char *x = k->names + a->name, *y = k->names + b->name;

	if (a->addr != b->addr)
		return a->addr < b->addr ? -1 : 1;
	if (a->rank != b->rank)
		return a->rank - b->rank;
	return rp_symbol_alias_compare(x, strlen(x), y, strlen(y));
}

static void set_kernel_bounds(struct rp_kallsyms *k)
{
	struct rp_kernel_image *kernel = &k->images.of[0];
	uint64_t base = k->text ? k->text : k->stext;
	uint64_t end = k->end > base ? k->end : k->etext;

	if (base && end > base) {
		kernel->base = base;
		kernel->end = end;
	}
}

int rp_kallsyms_read(const char *kallsyms, const char *modules, struct rp_kallsyms *ret)
{
	struct rp_kallsyms k = { 0 };
	int r;

	r = rp_kernel_images_read(modules, &k.images);
	if (!r)
		r = read_lines(&k, kallsyms);
	if (!r) {
		set_kernel_bounds(&k);
		r = rp_kernel_images_sort(&k.images);
	}
	if (r) {
		rp_kallsyms_free(&k);
		return r;
	}
	if (k.nr)
		qsort_r(k.entries, k.nr, sizeof(*k.entries), compare_entries, &k);
	*ret = k;
	return 0;
}

void rp_kallsyms_free(struct rp_kallsyms *k)
{
	rp_kernel_images_free(&k->images);
	free(k->entries);
	free(k->names);
	memset(k, 0, sizeof(*k));
}
