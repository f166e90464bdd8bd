/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The flame graph: one HTML file with everything in it, which needs no network and
 * no server. The page itself is in flame/; its parts are linked into the program.
 *
 * Names come from profiled processes. They are embedded as JSON in which no
 * character can end the script, the page uses them as text only, and a content
 * security policy forbids everything that is not the page's own.
 */
#ifndef RP_FLAME_HTML_H
#define RP_FLAME_HTML_H

#include "flame_tree.h"

#include <stdio.h>

/* Deeper frames count for the one at this depth: a page is no place for more. */
#define RP_FLAME_HTML_DEPTH_MAX 2048

struct rp_flame_fact {
	const char *key, *value;
};

struct rp_flame_page {
	const char *title;
	bool icicle;			/* root at the top to begin with */
	unsigned int type;		/* the sample type that is shown first */
	const struct rp_flame_fact *facts; /* shown under the title */
	size_t nr_facts;
};

/* 0, -ENOMEM, or what writing to f failed with. */
int rp_flame_html_write(const struct rp_flame_tree *t, const struct rp_flame_page *page,
			FILE *f);

#endif
