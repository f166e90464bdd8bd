// SPDX-License-Identifier: GPL-2.0
/*
 * The search itself is the jail's: it looks into what is opened for it. Which paths those may
 * be is for the keeper to say, who knows what it has told.
 */
#include "jail_search.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "jail_private.h"
#include "root_open.h"

/* ---- the keeper's side ----------------------------------------------------------- */

static int add(struct rp_jail_words *w, const char *string)
{
	size_t len = strlen(string) + 1;

	if (len > sizeof(w->text) - w->size)
		return -E2BIG;
	memcpy(w->text + w->size, string, len);
	w->size += len;
	return 0;
}

int rp_jail_search_tell(struct rp_jail_words *w, const char *path,
			const struct rp_debug_search *where)
{
	const char *const *dir = where ? where->dirs : NULL;
	int err = add(w, path);

	if (!err)
		err = add(w, !where ? "0" : rp_debug_root_is_ours(where->root) ? "1" : "2");
	if (!err)
		err = add(w, where && where->path ? where->path : "");
	for (; !err && dir && *dir; dir++)
		err = add(w, *dir);
	return err;
}

/* What the jail asks for is no more than somebody's wish. */
int rp_jail_search_open(void *arg, const char *path)
{
	const struct rp_debug_search *where = arg;

	if (!where || (*path != 'R' && *path != 'O') ||
	    !rp_debug_search_allows(where, path + 1))
		return -EACCES;
	if (*path == 'R' && !where->root)
		return -ENOENT;
	return rp_root_open(*path == 'R' ? where->root : NULL, path + 1, NULL, NULL, 0);
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

void rp_jail_search_read(const char *words, size_t size, struct rp_jail_search *ret)
{
	const char *end = words + size, *part[3] = { "", "0", "" };
	size_t nr = 0, i;

	for (i = 0; words < end; words += strlen(words) + 1, i++) {
		if (i < 3)
			part[i] = words;
		else if (nr < RP_JAIL_SEARCH_DIRS)
			ret->dirs[nr++] = words;
	}
	ret->dirs[nr] = NULL;
	ret->name = part[0];
	ret->looks = *part[1] != '0';
	ret->where = (struct rp_debug_search){
		.root = *part[1] == '2' ? "theirs" : NULL, .open = open_by_keeper,
		.path = *part[2] ? part[2] : NULL,
		.dirs = nr ? ret->dirs : NULL,
	};
}
