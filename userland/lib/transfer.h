/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Transfer: what uploads (upload.h) and downloads (download.h) have in common. One at a time
 * over HTTP with libcurl, in one thread, which another one can end.
 *
 * curl's multi interface is used for it: it alone has a wait that another thread can end, so
 * that a daemon that is told to stop does not sit out a server's timeout, and an idle one has
 * nothing to wake up for.
 *
 * Threads The one that made it; rp_transfer_wake() from any.
 */
#ifndef RP_TRANSFER_H
#define RP_TRANSFER_H

#include <stdbool.h>
#include <stdint.h>

#include "curl_library.h"

struct rp_transfer {
	const struct rp_curl_library *curl;
	CURLM *multi;
	CURL *easy;			/* further options are the caller's to set */
	char error[CURL_ERROR_SIZE];
};

/*
 * For http and https alone, timeout_ns for the whole. curl, initialized, and agent are kept by
 * reference. 0; -ENOMEM; -ENOTSUP: ready, but it cannot be kept from other protocols. *t is to be
 * ended in any case.
 */
int rp_transfer_init(struct rp_transfer *t, const struct rp_curl_library *curl,
		     const char *agent, uint64_t timeout_ns);
void rp_transfer_end(struct rp_transfer *t);	/* all zero is fine */

/*
 * Does it. CURLE_ABORTED_BY_CALLBACK when give_up(arg) says so, which is asked now and then
 * and after each rp_transfer_wake(); NULL: never.
 */
CURLcode rp_transfer(struct rp_transfer *t, bool (*give_up)(void *arg), void *arg);
void rp_transfer_wake(struct rp_transfer *t);

/* Of a transfer that failed, in words. Good until the next one. */
const char *rp_transfer_error(const struct rp_transfer *t, CURLcode code);

/* Is this status of HTTP one after which the same is worth another try? */
bool rp_transfer_may_pass(long status);

/* How long the last answer asks to wait, an hour at most; 0: not told. */
uint64_t rp_transfer_retry_after_ns(const struct rp_transfer *t);

#endif
