/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The options of commands that may ask debuginfod servers (debuginfod.h), and what they say.
 */
#ifndef RP_DEBUG_SERVERS_H
#define RP_DEBUG_SERVERS_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "debug_cache.h"
#include "debuginfod.h"

struct rp_debug_servers {
	const char *urls[RP_DEBUGINFOD_SERVERS_MAX + 1];	/* the last is NULL */
	unsigned int nr;		/* 0: nobody is asked */
	char *from_env;			/* what DEBUGINFOD_URLS was split into, or NULL */
	const char *folder;		/* NULL: this user's cache */
	uint64_t timeout_ns;		/* 0: not told */
	char path[PATH_MAX];		/* of the cache, once it is decided */
};

/* For a command's list of options; rp_debug_servers_take() takes these. */
#define RP_DEBUG_SERVERS_OPTIONS \
	{ "debuginfod", required_argument, NULL, 'u' }, \
	{ "debuginfod-cache", required_argument, NULL, 'C' }, \
	{ "debuginfod-timeout", required_argument, NULL, 't' }

/* False: c is none of them. Else *ret_status is an exit status. */
bool rp_debug_servers_take(struct rp_debug_servers *s, int c, const char *argument,
			   int *ret_status);
/* What they say, for rp_debuginfod_open(); holds as long as s. An exit status. */
int rp_debug_servers_options(struct rp_debug_servers *s, struct rp_debuginfod_options *ret);
void rp_debug_servers_free(struct rp_debug_servers *s);

#endif
