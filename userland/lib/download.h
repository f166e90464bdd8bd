/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One download over HTTP into a file, bounded in bytes and time.
 *
 * http and https only; certificates are verified; redirects are followed RP_DOWNLOAD_HOPS
 * times, from https to https alone; proxies are those that curl finds in the environment.
 * No compression is asked for: what comes is what is kept, and no small answer becomes a
 * large file. No user, no password, no cookies.
 *
 * Outcomes
 *	DONE	200, and all of it is in the file
 *	ABSENT	404 or 410: the server has none
 *	DOWN	no connection, no name, TLS trouble, no answer in time; 408, 429, 5xx: the
 *		server may have it, another time
 *	BROKEN	the answer had begun and did not end, or not in time: another time, perhaps
 *	REFUSED	any other answer; or more bytes than allowed
 *	FAILED	the file cannot be written: nothing that the server could help
 * Time	RP_DOWNLOAD_CONNECT_S for a connection; RP_DOWNLOAD_STALL_S without a KiB a second;
 *	and the limit for the whole.
 * Threads	The one that made it; rp_download_wake() from any.
 */
#ifndef RP_DOWNLOAD_H
#define RP_DOWNLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RP_DOWNLOAD_HOPS	5
#define RP_DOWNLOAD_CONNECT_S	10
#define RP_DOWNLOAD_STALL_S	30

enum rp_download_outcome {
	RP_DOWNLOAD_DONE, RP_DOWNLOAD_ABSENT, RP_DOWNLOAD_DOWN, RP_DOWNLOAD_BROKEN,
	RP_DOWNLOAD_REFUSED, RP_DOWNLOAD_FAILED,
};

struct rp_download_result {
	enum rp_download_outcome outcome;
	uint64_t retry_after_ns;	/* what the server asked for; 0: nothing */
	char reason[320];		/* if not DONE: for a message */
};

struct rp_downloader;

/* timeout_ns: of a download. NULL, and a sentence in why. */
struct rp_downloader *rp_downloader_new(uint64_t timeout_ns, char *why, size_t why_size);
void rp_downloader_free(struct rp_downloader *d);	/* NULL is fine */

/*
 * Gets at most max_bytes, written to fd. Gives up (BROKEN) when give_up(arg) says so, which
 * is asked now and then and after each rp_download_wake(); NULL: never.
 */
void rp_download(struct rp_downloader *d, const char *url, int fd, uint64_t max_bytes,
		 bool (*give_up)(void *arg), void *arg, struct rp_download_result *ret);
void rp_download_wake(struct rp_downloader *d);

#endif
