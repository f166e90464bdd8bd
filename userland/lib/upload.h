/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One upload: a parcel posted over HTTP with libcurl, and what its outcome means.
 *
 * http and https only, certificates verified, redirects not followed (a profile goes
 * where it was told to go or nowhere), the answer's body read for its first words
 * only. Credentials come from files that are read for each upload, so that they can
 * be renewed, and appear in no message.
 *
 * Verdicts
 *	DELIVERED	2xx
 *	LATER		no connection, no name, a timeout, TLS trouble, a token file
 *			that cannot be read; 408, 429, 5xx: worth another try
 *	REFUSED		all other answers: the same would be refused again
 *
 * Threads The one that made it; rp_upload_wake() from any.
 */
#ifndef RP_UPLOAD_H
#define RP_UPLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config.h"
#include "parcel.h"

enum rp_upload_verdict { RP_UPLOAD_DELIVERED, RP_UPLOAD_LATER, RP_UPLOAD_REFUSED };

struct rp_upload_result {
	enum rp_upload_verdict verdict;
	long status;			/* of HTTP; 0: there was no answer */
	uint64_t retry_after_ns;	/* what the server asked for, 0: nothing */
	char reason[320];		/* if not delivered: for the message */
};

struct rp_uploader;

/* config is kept by reference. NULL and errno. */
struct rp_uploader *rp_uploader_new(const struct rp_config *config);
void rp_uploader_free(struct rp_uploader *u);	/* NULL is fine */

/* Where to: for messages, without credentials. */
const char *rp_uploader_url(const struct rp_uploader *u);

/*
 * Posts it. Gives up (LATER) when give_up(arg) says so, which is asked now and then
 * and after each rp_upload_wake().
 */
void rp_upload(struct rp_uploader *u, const struct rp_parcel *p,
	       bool (*give_up)(void *arg), void *arg, struct rp_upload_result *ret);

/* Sleeps until woken or until timeout_ms are over (-1: without end). */
void rp_upload_sleep(struct rp_uploader *u, int timeout_ms);
void rp_upload_wake(struct rp_uploader *u);

/* The verdict on an answer; for no answer see above. */
enum rp_upload_verdict rp_upload_judge(long status);

#endif
