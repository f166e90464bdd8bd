// SPDX-License-Identifier: GPL-2.0
/*
 * It is known from the start which ids are wanted, so only those are kept: an index of a
 * folder with the debug files of a whole distribution takes no more memory than one of a
 * few files. The walk ends as soon as nothing is missing.
 */
#include "debug_index.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "debug_file.h"
#include "elf_file.h"
#include "root_open.h"
#include "why.h"

struct wanted {
	struct rp_build_id id;
	char *code, *symbols;
};

struct rp_debug_index {
	struct wanted *wanted;		/* by id, each once */
	size_t nr, missing;		/* paths that are still NULL: two an id */
	struct rp_debug_index_stats stats;
	dev_t dev;			/* of the folder at hand */
};

/* What kind of file it is. */
struct kind {
	struct rp_build_id id;
	bool has_code, has_symtab;
};

static int compare_ids(const struct rp_build_id *a, const struct rp_build_id *b)
{
	if (a->size != b->size)
		return a->size < b->size ? -1 : 1;
	return memcmp(a->bytes, b->bytes, a->size);
}

static int compare_wanted(const void *a, const void *b)
{
	return compare_ids(&((const struct wanted *)a)->id, &((const struct wanted *)b)->id);
}

struct rp_debug_index *rp_debug_index_new(const struct rp_build_id *ids, size_t nr)
{
	struct rp_debug_index *ix = calloc(1, sizeof(*ix));
	size_t i;

	if (!ix)
		return NULL;
	ix->wanted = calloc(nr ? nr : 1, sizeof(*ix->wanted));
	if (!ix->wanted) {
		free(ix);
		return NULL;
	}
	for (i = 0; i < nr; i++)
		ix->wanted[i].id = ids[i];
	qsort(ix->wanted, nr, sizeof(*ix->wanted), compare_wanted);
	for (i = 0; i < nr; i++)
		if (!i || compare_ids(&ix->wanted[i].id, &ix->wanted[ix->nr - 1].id))
			ix->wanted[ix->nr++] = ix->wanted[i];
	ix->missing = 2 * ix->nr;
	return ix;
}

void rp_debug_index_free(struct rp_debug_index *ix)
{
	size_t i;

	if (!ix)
		return;
	for (i = 0; i < ix->nr; i++) {
		free(ix->wanted[i].code);
		free(ix->wanted[i].symbols);
	}
	free(ix->wanted);
	free(ix);
}

/* ---- one file ------------------------------------------------------------------- */

/* Code is there unless all of its sections are empty, as in a debug file. */
static void look_at(const struct rp_elf_file *f, struct kind *ret)
{
	bool any = false;
	size_t i;

	for (i = 1; i < f->nr_shdrs; i++) {
		const GElf_Shdr *sh = &f->shdrs[i];

		ret->has_symtab |= sh->sh_type == SHT_SYMTAB && sh->sh_size;
		any |= (sh->sh_flags & SHF_EXECINSTR) != 0;
		ret->has_code |= (sh->sh_flags & SHF_EXECINSTR) && sh->sh_type != SHT_NOBITS;
	}
	if (!any)
		ret->has_code = true;
}

/* 0; -ENOMEM; anything else: it is no ELF file with code or symbols of it. */
static int read_kind(int fd, uint64_t size, struct kind *ret)
{
	struct rp_elf_file f = { .fd = fd, .size = size, .name = "" };
	int r = rp_elf_file_begin(&f);

	if (r)
		return r;
	r = rp_debug_build_id(&f, &ret->id);
	look_at(&f, ret);
	rp_elf_file_end(&f);
	return r;
}

static int keep(struct rp_debug_index *ix, char **place, const char *path)
{
	if (*place)
		return 0;
	*place = strdup(path);
	if (!*place)
		return -ENOMEM;
	ix->missing--;
	return 0;
}

/* fd is closed. 0 or -ENOMEM. */
static int take_file(struct rp_debug_index *ix, int fd, uint64_t size, const char *path)
{
	struct kind kind = { 0 };
	struct wanted *w;
	int r;

	ix->stats.files++;
	r = read_kind(fd, size, &kind);
	close(fd);
	if (r || !kind.id.size)
		return r == -ENOMEM ? r : 0;
	w = bsearch(&(struct wanted){ .id = kind.id }, ix->wanted, ix->nr, sizeof(*w),
		    compare_wanted);
	if (w && kind.has_code)
		r = keep(ix, &w->code, path);
	if (w && kind.has_symtab && !r)
		r = keep(ix, &w->symbols, path);
	return r;
}

/* ---- .build-id ------------------------------------------------------------------ */

/* The path is for others to open, so one that leads out of the folder is not kept. */
static int take_named(struct rp_debug_index *ix, const char *dir, const struct wanted *w,
		      const char *suffix)
{
	char hex[RP_BUILD_ID_HEX], inner[2 * RP_BUILD_ID_HEX], path[PATH_MAX];
	struct stat st, outside;
	int fd;

	rp_build_id_hex(&w->id, hex);
	snprintf(inner, sizeof(inner), "/.build-id/%.2s/%s%s", hex, hex + 2, suffix);
	if (snprintf(path, sizeof(path), "%s%s", dir, inner) >= (int)sizeof(path))
		return 0;
	fd = rp_root_open(dir, inner, &st, NULL, 0);
	if (fd < 0)
		return 0;
	if (stat(path, &outside) || outside.st_dev != st.st_dev || outside.st_ino != st.st_ino) {
		close(fd);
		return 0;
	}
	return take_file(ix, fd, st.st_size, path);
}

static int by_name(struct rp_debug_index *ix, const char *dir)
{
	size_t i;
	int r = 0;

	for (i = 0; i < ix->nr && !r; i++) {
		const struct wanted *w = &ix->wanted[i];

		if (!w->symbols)
			r = take_named(ix, dir, w, ".debug");
		if (!r && (!w->code || !w->symbols))
			r = take_named(ix, dir, w, "");
	}
	return r;
}

/* ---- the tree ------------------------------------------------------------------- */

static int walk(struct rp_debug_index *ix, int dir, char path[PATH_MAX], unsigned int depth);

/* What an entry of a folder is, and what is below it. The path is as before in the end. */
static int take_entry(struct rp_debug_index *ix, int dir, const struct dirent *e,
		      char path[PATH_MAX], unsigned int depth)
{
	size_t len = strlen(path), name = strlen(e->d_name);
	struct stat st;
	int fd, r = 0;

	if (e->d_type != DT_REG && e->d_type != DT_DIR && e->d_type != DT_UNKNOWN)
		return 0;
	if (len + name + 2 > PATH_MAX || ix->stats.files >= RP_DEBUG_INDEX_FILES_MAX) {
		ix->stats.cut_off = true;
		return 0;
	}
	fd = openat(dir, e->d_name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	snprintf(path + len, PATH_MAX - len, "/%s", e->d_name);
	if (fstat(fd, &st))
		close(fd);
	else if (S_ISDIR(st.st_mode) && st.st_dev == ix->dev)
		r = walk(ix, fd, path, depth + 1);
	else if (S_ISREG(st.st_mode))
		r = take_file(ix, fd, st.st_size, path);
	else
		close(fd);
	path[len] = '\0';
	return r;
}

/* Closes dir. 0 or -ENOMEM. */
static int walk(struct rp_debug_index *ix, int dir, char path[PATH_MAX], unsigned int depth)
{
	struct dirent *e;
	int r = 0;
	DIR *d;

	if (depth > RP_DEBUG_INDEX_DEPTH_MAX) {
		ix->stats.cut_off = true;
		close(dir);
		return 0;
	}
	d = fdopendir(dir);
	if (!d) {
		close(dir);
		return 0;
	}
	while (!r && ix->missing && (e = readdir(d)))
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			r = take_entry(ix, dirfd(d), e, path, depth);
	closedir(d);
	return r;
}

int rp_debug_index_add(struct rp_debug_index *ix, const char *dir, char *why, size_t why_size)
{
	char path[PATH_MAX];
	struct stat st;
	int fd, r;

	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st)) {
		r = -errno;
		rp_why(why, why_size, "cannot look for symbols in %s: %s", dir, strerror(-r));
		if (fd >= 0)
			close(fd);
		return r;
	}
	ix->dev = st.st_dev;
	snprintf(path, sizeof(path), "%s", dir);	/* what can be opened is no longer */
	r = by_name(ix, dir);
	if (!r && ix->missing)
		r = walk(ix, fd, path, 0);
	else
		close(fd);
	if (r)
		rp_why(why, why_size, "no memory to look for symbols in %s", dir);
	return r;
}

/* ---- for callers ---------------------------------------------------------------- */

struct rp_debug_found rp_debug_index_get(const struct rp_debug_index *ix,
					 const struct rp_build_id *id)
{
	const struct wanted *w = bsearch(&(struct wanted){ .id = *id }, ix->wanted, ix->nr,
					 sizeof(*w), compare_wanted);

	return w ? (struct rp_debug_found){ w->code, w->symbols } : (struct rp_debug_found){ 0 };
}

void rp_debug_index_stats(const struct rp_debug_index *ix, struct rp_debug_index_stats *ret)
{
	*ret = ix->stats;
}
