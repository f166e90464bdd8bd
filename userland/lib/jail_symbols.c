// SPDX-License-Identifier: GPL-2.0
/*
 * A jail is told strings, each with its NUL: the file's name for messages; "1" if debug
 * files are to be looked for, else "0"; the file's path, "" if not known; and the folders.
 * It asks for "R" and a path in the process's root, or "O" and one in ours.
 */
#include "jail_symbols.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "elf_symbols_pack.h"
#include "jail_private.h"
#include "jail_wire.h"
#include "root_open.h"
#include "why.h"

#define DIRS_MAX 64

/* ---- the keeper's side ----------------------------------------------------------- */

struct words {
	char text[RP_JAIL_WORDS_MAX];
	size_t size;
};

static int add(struct words *w, const char *string)
{
	size_t len = strlen(string) + 1;

	if (len > sizeof(w->text) - w->size)
		return -E2BIG;
	memcpy(w->text + w->size, string, len);
	w->size += len;
	return 0;
}

static int tell(struct words *w, const char *path, const struct rp_debug_search *where)
{
	const char *const *dir = where ? where->dirs : NULL;
	int err = add(w, path);

	if (!err)
		err = add(w, where ? "1" : "0");
	if (!err)
		err = add(w, where && where->path ? where->path : "");
	for (; !err && dir && *dir; dir++)
		err = add(w, *dir);
	return err;
}

/* What the jail asks for is no more than somebody's wish. */
static int open_for_jail(void *arg, const char *path)
{
	const struct rp_debug_search *where = arg;

	if (!where || (*path != 'R' && *path != 'O') ||
	    !rp_debug_search_allows(where, path + 1))
		return -EACCES;
	if (*path == 'R' && !where->root)
		return -ENOENT;
	return rp_root_open(*path == 'R' ? where->root : NULL, path + 1, NULL, NULL, 0);
}

int rp_jail_symbols(struct rp_jail *jail, int fd, const char *path,
		    const struct rp_debug_search *where, struct rp_elf_symbols **ret, char *err,
		    size_t err_size)
{
	struct words *w;
	void *data = NULL;
	size_t size = 0;
	char why[RP_WHY_SIZE] = "";
	int r;

	if (!jail)
		return rp_elf_symbols_from_fd(fd, path, where, ret, err, err_size);
	w = malloc(sizeof(*w));
	if (!w)
		return -ENOMEM;
	w->size = 0;
	r = tell(w, path, where);
	if (!r)
		r = rp_jail_ask(jail, RP_JAIL_SYMBOLS, fd, w->text, w->size, open_for_jail,
				(void *)where, &data, &size, why, sizeof(why));
	free(w);
	if (!r)
		r = rp_elf_symbols_unpack(data, size, ret);
	free(data);
	if (r)
		rp_why(err, err_size, "%s", *why ? why : strerror(-r));
	return r;
}

/* ---- the jail's side --------------------------------------------------------------- */

static int open_by_keeper(bool in_root, const char *path)
{
	char asked[PATH_MAX + 1];
	size_t len = strlen(path);

	if (len >= PATH_MAX)
		return -ENAMETOOLONG;
	asked[0] = in_root ? 'R' : 'O';
	memcpy(asked + 1, path, len + 1);
	return rp_jail_open(asked);
}

int rp_jail_symbols_work(int fd, const char *words, size_t size, struct rp_jail_result *ret)
{
	const char *dirs[DIRS_MAX + 1], *end = words + size, *part[3] = { "", "0", "" };
	struct rp_debug_search where = { .root = "/", .open = open_by_keeper };
	struct rp_elf_symbols *es;
	size_t nr = 0, i;
	int err;

	/* A NUL stands behind the last one, whatever came. */
	for (i = 0; words < end; words += strlen(words) + 1, i++) {
		if (i < 3)
			part[i] = words;
		else if (nr < DIRS_MAX)
			dirs[nr++] = words;
	}
	dirs[nr] = NULL;
	where.path = *part[2] ? part[2] : NULL;
	where.dirs = nr ? dirs : NULL;
	err = rp_elf_symbols_from_fd(fd, part[0], *part[1] == '1' ? &where : NULL, &es, ret->why,
				     sizeof(ret->why));
	if (err)
		return err;
	err = rp_elf_symbols_pack(es, &ret->data, &ret->size);
	rp_elf_symbols_free(es);
	return err;
}
