// SPDX-License-Identifier: GPL-2.0
/*
 * A debug file that is not the right one is worse than none: it gives names, and they are
 * wrong. So nothing that lies at the right place is believed before it has proved itself,
 * and what did not is passed over for the next place.
 */
#include "debug_file.h"

#include <byteswap.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "elf_collect.h"
#include "root_open.h"

#define LINK_MAX	4096u		/* bytes of the section */
#define CRC_BYTES	65536u		/* read at once */
#define ERR_MAX		(PATH_MAX + 256)

/* What is looked for, and what came of it so far. */
struct search {
	struct rp_elf_file *f;
	struct rp_build_id build_id;	/* the file's own */
	struct rp_debug_link link;	/* name[0] 0: it has none */
	dev_t dev;
	ino_t ino;			/* the file's own; 0: it has none */
	const char *const *dirs;
	int (*open)(bool in_root, const char *path);	/* or NULL */
	char why[ERR_MAX];		/* the first thing that was there and not right */
	int error;			/* its code; 0: nothing was there */
};

static const char *const default_dirs[] = { RP_DEBUG_DIR, NULL };

/* ---- what a file says ------------------------------------------------------- */

int rp_debug_link_read(struct rp_elf_file *f, struct rp_debug_link *ret)
{
	struct rp_debug_link link;
	struct rp_elf_table t;
	const GElf_Shdr *sh;
	size_t len, at;
	int r;

	r = rp_elf_file_section(f, ".gnu_debuglink", &sh);
	if (r || !sh)
		return r ? r : -ENOENT;
	r = rp_elf_file_table(f, ELF_T_BYTE, sh->sh_offset, sh->sh_size, LINK_MAX, &t);
	if (r)
		return r == -ENOMEM ? r : -EBADMSG;
	len = strnlen(t.data, t.size);
	at = (len + 4) & ~(size_t)3;
	r = -EBADMSG;
	if (len && len <= NAME_MAX && at + sizeof(link.crc) <= t.size) {
		memcpy(link.name, t.data, len + 1);
		memcpy(&link.crc, (const char *)t.data + at, sizeof(link.crc));
		if (f->swap)
			link.crc = bswap_32(link.crc);
		if (!strchr(link.name, '/') && strcmp(link.name, ".") && strcmp(link.name, ".."))
			r = 0;
	}
	free(t.data);
	if (!r)
		*ret = link;
	return r;
}

/*
 * A debug file's program headers may still be those of the file that it was made from
 * (elfutils leaves them so), offsets included: its notes are found by sections.
 */
int rp_debug_build_id(struct rp_elf_file *f, struct rp_build_id *ret)
{
	struct rp_elf_table notes;
	const GElf_Shdr *sh;
	int r;

	ret->size = 0;
	r = rp_elf_file_section(f, ".note.gnu.build-id", &sh);
	if (r || !sh)
		return r ? r : rp_elf_file_build_id(f, ret);
	r = rp_elf_file_table(f, ELF_T_BYTE, sh->sh_offset, sh->sh_size, LINK_MAX, &notes);
	if (r)
		return r == -ENOMEM ? r : 0;
	rp_build_id_from_notes(notes.data, notes.size, sh->sh_addralign, f->swap, ret);
	free(notes.data);
	return 0;
}

/* Debugging data may be compressed in two ways, one of which shows in the name. */
static int look_at_sections(struct rp_elf_file *f, struct rp_debug_file *ret)
{
	const GElf_Shdr *sh, *z, *alt;
	size_t i;
	int r;

	for (i = 1; i < f->nr_shdrs; i++)
		ret->has_symtab |= f->shdrs[i].sh_type == SHT_SYMTAB && f->shdrs[i].sh_size;
	r = rp_elf_file_section(f, ".debug_info", &sh);
	if (!r)
		r = rp_elf_file_section(f, ".zdebug_info", &z);
	if (!r)
		r = rp_elf_file_section(f, ".gnu_debugaltlink", &alt);
	if (r)
		return r;
	ret->has_dwarf = sh || z;
	ret->has_alt = alt;
	return 0;
}

static int need_something(struct rp_elf_file *f, struct rp_debug_file *ret)
{
	int r = look_at_sections(f, ret);

	if (!r && !ret->has_symtab && !ret->has_dwarf)
		r = rp_elf_file_fail(f, -ESTALE, "has neither symbols nor debugging data");
	return r;
}

/* ---- the proof -------------------------------------------------------------- */

/* Of as many bytes as the file had when it was opened. */
static int crc_of(struct rp_elf_file *f, uint32_t *ret)
{
	uint8_t *buf = malloc(CRC_BYTES);
	uLong crc = crc32(0, Z_NULL, 0);
	uint64_t at = 0;
	ssize_t n = 1;

	if (!buf)
		return rp_elf_file_fail(f, -ENOMEM, "no memory for its CRC");
	while (at < f->size && n) {
		n = pread(f->fd, buf, f->size - at < CRC_BYTES ? f->size - at : CRC_BYTES, at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		crc = crc32(crc, buf, n);
		at += n;
	}
	free(buf);
	if (n < 0)
		return rp_elf_file_fail(f, -errno, "cannot be read: %s", strerror(errno));
	*ret = crc;
	return 0;
}

static int prove_by_crc(const struct search *s, struct rp_elf_file *d)
{
	uint32_t crc = 0;
	int r;

	if (!s->link.name[0])
		return rp_elf_file_fail(d, -ESTALE, "has no build id");
	if (d->size > RP_DEBUG_CRC_MAX)
		return rp_elf_file_fail(d, -EFBIG,
			"is of %llu bytes and without a build id; a CRC is made of %llu at most",
			(unsigned long long)d->size, RP_DEBUG_CRC_MAX);
	r = crc_of(d, &crc);
	if (!r && crc != s->link.crc)
		r = rp_elf_file_fail(d, -ESTALE, "has another CRC than the link to it says");
	return r;
}

/* d: the candidate, begun. */
static int prove(struct search *s, struct rp_elf_file *d, struct rp_debug_file *ret)
{
	const struct rp_elf_file *f = s->f;
	struct rp_build_id id = { 0 };
	int r;

	if (d->ehdr.e_machine != f->ehdr.e_machine || d->is_64 != f->is_64 || d->swap != f->swap)
		return rp_elf_file_fail(d, -ESTALE, "is of another machine");
	r = rp_debug_build_id(d, &id);
	if (r)
		return r;
	if (!id.size || !s->build_id.size)
		r = prove_by_crc(s, d);
	else if (!rp_build_id_equal(&id, &s->build_id))
		r = rp_elf_file_fail(d, -ESTALE, "has another build id");
	return r ? r : need_something(d, ret);
}

int rp_debug_file_check(struct rp_elf_file *f, const struct rp_build_id *id)
{
	struct rp_debug_file has = { 0 };
	struct rp_build_id found = { 0 };
	int r = rp_debug_build_id(f, &found);

	if (r)
		return r;
	if (!found.size || !rp_build_id_equal(&found, id))
		return rp_elf_file_fail(f, -ESTALE, found.size ? "has another build id" :
					"has no build id");
	return need_something(f, &has);
}

/* Something is there and does not do: the first one is told of. */
static int note(struct search *s, int code, const char *err)
{
	if (code == -ENOMEM)
		return code;
	if (!s->error && code != -ENOENT && code != -ENOTDIR) {
		s->error = code;
		snprintf(s->why, sizeof(s->why), "%s", err);
	}
	return -ENOENT;
}

/* One place. 0; -ENOENT: not there, or not the one; -ENOMEM. */
static int try_path(struct search *s, const char *root, const char *path,
		    struct rp_debug_file *ret)
{
	struct rp_debug_file found = { 0 };
	char err[ERR_MAX] = "";
	struct rp_elf_file d = { .name = path, .err = err, .err_size = sizeof(err) };
	struct stat st;
	int r;

	r = d.fd = s->open ? s->open(root, path) :
			     rp_root_open(root, path, NULL, err, sizeof(err));
	if (r < 0)
		return note(s, r, *err ? err : strerror(-r));
	if (fstat(d.fd, &st) < 0)
		st = (struct stat){ 0 };
	if (s->ino && st.st_ino == s->ino && st.st_dev == s->dev) {
		close(d.fd);
		return -ENOENT;		/* a link to itself */
	}
	d.size = st.st_size;
	r = rp_elf_file_begin(&d);
	if (!r) {
		r = prove(s, &d, &found);
		rp_elf_file_end(&d);
	}
	if (r) {
		close(d.fd);
		return note(s, r, err);
	}
	found.fd = d.fd;
	snprintf(found.path, sizeof(found.path), "%s", path);
	*ret = found;
	return 0;
}

/* ---- the places ------------------------------------------------------------- */

/* Made by printf's rules; one that is too long is not there. */
static int try_place(struct search *s, const char *root, struct rp_debug_file *ret,
		     const char *format, ...) __attribute__((format(printf, 4, 5)));
static int try_place(struct search *s, const char *root, struct rp_debug_file *ret,
		     const char *format, ...)
{
	char path[PATH_MAX];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	return len < 0 || (size_t)len >= sizeof(path) ? -ENOENT : try_path(s, root, path, ret);
}

static int by_build_id(struct search *s, const char *root, struct rp_debug_file *ret)
{
	char hex[RP_BUILD_ID_HEX];
	int i, r = -ENOENT;

	if (s->build_id.size < 2)
		return r;
	rp_build_id_hex(&s->build_id, hex);
	for (i = 0; s->dirs[i] && r == -ENOENT; i++)
		r = try_place(s, root, ret, "%s/.build-id/%.2s/%s.debug", s->dirs[i], hex,
			      hex + 2);
	return r;
}

static int by_link(struct search *s, const char *root, const char *path,
		   struct rp_debug_file *ret)
{
	const char *slash = path ? strrchr(path, '/') : NULL, *name = s->link.name;
	int i, r, len = slash ? (int)(slash - path) : 0;

	if (!*name || !slash)
		return -ENOENT;
	r = try_place(s, root, ret, "%.*s/%s", len, path, name);
	if (r == -ENOENT)
		r = try_place(s, root, ret, "%.*s/.debug/%s", len, path, name);
	for (i = 0; s->dirs[i] && r == -ENOENT; i++)
		r = try_place(s, root, ret, "%s/%.*s/%s", s->dirs[i], len, path, name);
	return r;
}

bool rp_debug_root_is_ours(const char *root)
{
	struct stat theirs, ours;

	return !root || (!stat(root, &theirs) && !stat("/", &ours) &&
			 theirs.st_dev == ours.st_dev && theirs.st_ino == ours.st_ino);
}

static int begin(struct search *s, struct rp_elf_file *f, const struct rp_debug_search *where)
{
	struct stat st;
	int r;

	s->f = f;
	s->open = where->open;
	s->dirs = where->dirs ? where->dirs : default_dirs;
	if (!f->image && !fstat(f->fd, &st)) {
		s->dev = st.st_dev;
		s->ino = st.st_ino;
	}
	r = rp_elf_file_build_id(f, &s->build_id);
	if (!r)
		r = rp_debug_link_read(f, &s->link);
	return r == -ENOMEM ? r : 0;
}

/* In the folder of that many bytes, or below it; but in the root itself, not below. */
static bool lies_in(const char *path, const char *folder, size_t len)
{
	return !strncmp(path, folder, len) && path[len] == '/' &&
	       (len || !strchr(path + 1, '/'));
}

bool rp_debug_search_allows(const struct rp_debug_search *where, const char *path)
{
	const char *const *dirs = where->dirs ? where->dirs : default_dirs;
	const char *slash = where->path ? strrchr(where->path, '/') : NULL;
	size_t len = strlen(path);

	if (strstr(path, "/../") || (len >= 3 && !strcmp(path + len - 3, "/..")))
		return false;
	if (slash && lies_in(path, where->path, (size_t)(slash - where->path)))
		return true;
	for (; *dirs; dirs++)
		if (lies_in(path, *dirs, strlen(*dirs)))
			return true;
	return false;
}

int rp_debug_file_open(struct rp_elf_file *f, const struct rp_debug_search *where,
		       struct rp_debug_file *ret)
{
	const char *roots[2] = { where->root, NULL };
	struct search s = { 0 };
	bool one_root = !where->root;
	int i, r;

	if (!where->open)	/* else who opens knows, and says so by no root */
		one_root = rp_debug_root_is_ours(where->root);
	r = begin(&s, f, where);
	if (!r)
		r = where->file ? try_path(&s, NULL, where->file, ret) : -ENOENT;
	for (i = one_root; i < 2 && r == -ENOENT; i++) {
		r = by_build_id(&s, roots[i], ret);
		if (r == -ENOENT)
			r = by_link(&s, roots[i], where->path, ret);
	}
	if (r == -ENOENT && s.error) {
		if (f->err && f->err_size)
			snprintf(f->err, f->err_size, "%s", s.why);
		return s.error == -ESTALE ? -ESTALE : -ENOENT;
	}
	if (r == -ENOENT)
		rp_elf_file_fail(f, r, s.build_id.size || s.link.name[0] ?
				 "its debug file is in none of the places for such" :
				 "has neither build id nor link to a debug file");
	return r;
}
