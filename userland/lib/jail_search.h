/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a jail (jail.h) is told of a file whose debug file it may need, and how it gets that:
 * the keeper opens it, where the search looks and nowhere else.
 *
 * Words   Strings, each with its NUL: the file's name for messages; "0" if no debug file is to
 *         be looked for, "1" if in our root alone, "2" if first in the process's, which is
 *         another; the file's path, "" if not known; and the folders.
 * Asking  "R" and a path in the process's root, or "O" and one in ours.
 */
#ifndef RP_JAIL_SEARCH_H
#define RP_JAIL_SEARCH_H

#include <stdbool.h>
#include <stddef.h>

#include "debug_file.h"
#include "jail_wire.h"

#define RP_JAIL_SEARCH_DIRS 64

/* ---- the keeper's side ---- */

struct rp_jail_words {		/* size 0: empty; too large for a stack */
	char text[RP_JAIL_WORDS_MAX];
	size_t size;
};

/* 0; -E2BIG: more than a jail can be told. where NULL: nothing is looked for. */
int rp_jail_search_tell(struct rp_jail_words *w, const char *path,
			const struct rp_debug_search *where);
/* An rp_jail_opener. where: a struct rp_debug_search, or NULL. */
int rp_jail_search_open(void *where, const char *path);

/* ---- the jail's side ---- */

struct rp_jail_search {		/* points into itself and into the words */
	const char *name;	/* the file's, for messages */
	bool looks;		/* else `where` is not to be used */
	struct rp_debug_search where;
	const char *dirs[RP_JAIL_SEARCH_DIRS + 1];
};

/* A NUL stands behind the words, whatever came. */
void rp_jail_search_read(const char *words, size_t size, struct rp_jail_search *ret);

#endif
