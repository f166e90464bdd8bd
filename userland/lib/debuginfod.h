/* SPDX-License-Identifier: GPL-2.0 */
/*
 * debuginfod: debug files from servers, by build id and by nothing else: GET
 * URL/buildid/HEX/debuginfo, the servers one after the other, into a debug cache.
 *
 * Whom   Servers learn the build ids of what is asked for. So nobody is asked who was not
 *        named, and what has its symbols is not asked for: see to that before.
 * Proof  What comes is looked at in the jail, and kept only if it is a debug file of that
 *        build id; what lies in the cache is looked at again when it is asked for here, and
 *        fetched anew if it is damaged.
 * None   Who has none is not asked for it again within RP_DEBUG_CACHE_ABSENT_S; nor who has
 *        sent what is not it, or is too large.
 * Here   What goes wrong on this side (no room on the disk) is said in the log, and is no
 *        server's: nothing is kept of it, so that who asks next time asks for it.
 * Down   A server that does not answer is left alone for a while (backoff.h, or what it
 *        asks for), which is said once in the log, and once that it answers again.
 * Why not libdebuginfod: it has no bound in bytes for its cache and no look at what
 * arrives, waits without an end that another thread could set, and knows of no pause for a
 * server that is down. It is made of libcurl, which is what this uses (curl_library.h).
 *
 * Threads One at a time; rp_debuginfod_wake() from any.
 */
#ifndef RP_DEBUGINFOD_H
#define RP_DEBUGINFOD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "build_id.h"

#define RP_DEBUGINFOD_SERVERS_MAX	16
#define RP_DEBUGINFOD_FILE_BYTES	(512ull << 20)
#define RP_DEBUGINFOD_TIMEOUT_NS	(300 * 1000000000ull)
#define RP_DEBUGINFOD_TRIES		3	/* of an answer that does not end */

struct rp_jail;
struct rp_own_budget;
struct rp_debuginfod;

struct rp_debuginfod_options {
	const char *const *urls;	/* http or https; ended by NULL; kept by reference */
	const char *folder;		/* of the cache */
	uint64_t cache_bytes;		/* its bound; 0: none */
	uint64_t file_bytes;		/* of one file; 0: RP_DEBUGINFOD_FILE_BYTES */
	uint64_t timeout_ns;		/* of one download; 0: RP_DEBUGINFOD_TIMEOUT_NS */
	struct rp_jail *jail;		/* where they are looked at; NULL: in this process */
	bool once;			/* who is down once is not asked again */
	struct rp_own_budget *budget;	/* a fetcher's (debug_fetcher.h); NULL: none */
};

/* What is asked for; {.id = ...} at first. The rest is kept from call to call. */
struct rp_debuginfod_job {
	struct rp_build_id id;
	uint32_t asked;			/* servers that have none, by bit */
	unsigned int broken;		/* answers that did not end */
	bool failed;			/* here: who has none is not known */
};

enum rp_debuginfod_answer {
	RP_DEBUGINFOD_HERE,	/* in the cache, and it is the one */
	RP_DEBUGINFOD_NONE,	/* nobody has it */
	RP_DEBUGINFOD_LATER,	/* a server is down that may have it */
};

struct rp_debuginfod_stats {
	uint64_t downloads;	/* kept */
	uint64_t bytes;		/* of them */
	uint64_t refused;	/* not the one, damaged, or too large */
	uint64_t requests;
};

/* 0, or -errno and a sentence in why: no cache, no library, no memory. */
int rp_debuginfod_open(struct rp_debuginfod **ret, const struct rp_debuginfod_options *o,
		       char *why, size_t why_size);
void rp_debuginfod_close(struct rp_debuginfod *d);	/* NULL is fine */

/* The folder of the cache: one of debug_file.h. */
const char *rp_debuginfod_folder(const struct rp_debuginfod *d);

/*
 * Looks in the cache and asks the servers that can be asked now. give_up: as in download.h.
 * why: for NONE and LATER.
 */
enum rp_debuginfod_answer rp_debuginfod_get(struct rp_debuginfod *d,
					    struct rp_debuginfod_job *job,
					    bool (*give_up)(void *arg), void *arg, char *why,
					    size_t why_size);
void rp_debuginfod_wake(struct rp_debuginfod *d);

/*
 * When a server can be asked that may have it: a time of CLOCK_MONOTONIC in nanoseconds,
 * past if that is now; UINT64_MAX: never.
 */
uint64_t rp_debuginfod_ready_ns(const struct rp_debuginfod *d,
				const struct rp_debuginfod_job *job);

void rp_debuginfod_stats(const struct rp_debuginfod *d, struct rp_debuginfod_stats *ret);

#endif
