// SPDX-License-Identifier: GPL-2.0
/*
 * As in upload.c, the multi interface is there for its wait, which another thread can end.
 */
#include "download.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "curl_library.h"
#include "newfile.h"
#include "why.h"

#define POLL_MS		1000
#define RETRY_AFTER_MAX	3600		/* seconds; a server's whim has a limit */

struct rp_downloader {
	const struct rp_curl_library *curl;
	CURLM *multi;
	CURL *easy;
	char error[CURL_ERROR_SIZE];
	long timeout_ms;
	/* The download at hand. */
	int fd, write_error;
	uint64_t bytes, max_bytes;
	bool over;
};

static size_t take_body(char *data, size_t one, size_t len, void *user)
{
	struct rp_downloader *d = user;

	(void)one;
	if (len > d->max_bytes - d->bytes) {
		d->over = true;
		return 0;
	}
	d->write_error = rp_write_all(d->fd, data, len);
	if (d->write_error)
		return 0;
	d->bytes += len;
	return len;
}

/* Which protocols, first of all: without a limit for them, nothing is asked. */
static CURLcode set_protocols(struct rp_downloader *d, const char *url)
{
	bool tls = !strncmp(url, "https:", 6);
	CURLcode code;

#if LIBCURL_VERSION_NUM >= 0x075500
	code = d->curl->easy_setopt(d->easy, CURLOPT_PROTOCOLS_STR, "http,https");
	if (!code)
		code = d->curl->easy_setopt(d->easy, CURLOPT_REDIR_PROTOCOLS_STR,
					    tls ? "https" : "http,https");
#else
	code = d->curl->easy_setopt(d->easy, CURLOPT_PROTOCOLS,
				    (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
	if (!code)
		code = d->curl->easy_setopt(d->easy, CURLOPT_REDIR_PROTOCOLS,
			(long)(tls ? CURLPROTO_HTTPS : CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
	if (!code)
		code = d->curl->easy_setopt(d->easy, CURLOPT_URL, url);
	return code;
}

static void set_up(struct rp_downloader *d)
{
	CURLcode (*set)(CURL *easy, CURLoption option, ...) = d->curl->easy_setopt;
	long connect_ms = RP_DOWNLOAD_CONNECT_S * 1000L;

	set(d->easy, CURLOPT_FOLLOWLOCATION, 1L);
	set(d->easy, CURLOPT_MAXREDIRS, (long)RP_DOWNLOAD_HOPS);
	set(d->easy, CURLOPT_FAILONERROR, 1L);
	set(d->easy, CURLOPT_NOSIGNAL, 1L);
	set(d->easy, CURLOPT_USERAGENT, "ringprof/" RP_VERSION);
	set(d->easy, CURLOPT_CONNECTTIMEOUT_MS,
	    connect_ms < d->timeout_ms ? connect_ms : d->timeout_ms);
	set(d->easy, CURLOPT_TIMEOUT_MS, d->timeout_ms);
	set(d->easy, CURLOPT_LOW_SPEED_LIMIT, 1024L);
	set(d->easy, CURLOPT_LOW_SPEED_TIME, (long)RP_DOWNLOAD_STALL_S);
	set(d->easy, CURLOPT_ERRORBUFFER, d->error);
	set(d->easy, CURLOPT_WRITEFUNCTION, take_body);
	set(d->easy, CURLOPT_WRITEDATA, d);
}

struct rp_downloader *rp_downloader_new(uint64_t timeout_ns, char *why, size_t why_size)
{
	const struct rp_curl_library *curl = rp_curl_library(why, why_size);
	struct rp_downloader *d = curl ? calloc(1, sizeof(*d)) : NULL;

	if (!curl)
		return NULL;
	if (d) {
		d->curl = curl;
		d->timeout_ms = (long)(timeout_ns / 1000000);
		d->multi = curl->multi_init();
		d->easy = curl->easy_init();
	}
	if (!d || !d->multi || !d->easy) {
		rp_why(why, why_size, "no memory for downloads");
		rp_downloader_free(d);
		return NULL;
	}
	set_up(d);
	return d;
}

void rp_downloader_free(struct rp_downloader *d)
{
	if (!d)
		return;
	if (d->easy)
		d->curl->easy_cleanup(d->easy);
	if (d->multi)
		d->curl->multi_cleanup(d->multi);
	free(d);
}

/* ---- the transfer ------------------------------------------------------- */

static bool is_done(struct rp_downloader *d, CURLcode *ret)
{
	CURLMsg *message;
	int left;

	while ((message = d->curl->multi_info_read(d->multi, &left)) != NULL)
		if (message->msg == CURLMSG_DONE) {
			*ret = message->data.result;
			return true;
		}
	return false;
}

static CURLcode transfer(struct rp_downloader *d, bool (*give_up)(void *arg), void *arg)
{
	CURLcode code = CURLE_ABORTED_BY_CALLBACK;
	int running = 1;

	if (d->curl->multi_add_handle(d->multi, d->easy))
		return CURLE_OUT_OF_MEMORY;
	while (!give_up || !give_up(arg)) {
		if (d->curl->multi_perform(d->multi, &running)) {
			code = CURLE_FAILED_INIT;
			break;
		}
		if (is_done(d, &code))
			break;
		d->curl->multi_poll(d->multi, NULL, 0, POLL_MS, NULL);
	}
	d->curl->multi_remove_handle(d->multi, d->easy);
	return code;
}

static enum rp_download_outcome judge(const struct rp_downloader *d, CURLcode code, long status)
{
	if (code == CURLE_OK)
		return status == 200 ? RP_DOWNLOAD_DONE : RP_DOWNLOAD_REFUSED;
	if (code == CURLE_HTTP_RETURNED_ERROR) {
		if (status == 404 || status == 410)
			return RP_DOWNLOAD_ABSENT;
		return status == 408 || status == 429 || status >= 500 ? RP_DOWNLOAD_DOWN :
									 RP_DOWNLOAD_REFUSED;
	}
	if (d->over || d->write_error || code == CURLE_FILESIZE_EXCEEDED ||
	    code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_TOO_MANY_REDIRECTS ||
	    code == CURLE_URL_MALFORMAT)
		return RP_DOWNLOAD_REFUSED;
	if (status == 200 || code == CURLE_ABORTED_BY_CALLBACK)
		return RP_DOWNLOAD_BROKEN;
	return RP_DOWNLOAD_DOWN;
}

static void explain(struct rp_downloader *d, CURLcode code, long status,
		    struct rp_download_result *ret)
{
	if (d->over || code == CURLE_FILESIZE_EXCEEDED)
		snprintf(ret->reason, sizeof(ret->reason), "is larger than the limit of %llu bytes",
			 (unsigned long long)d->max_bytes);
	else if (d->write_error)
		snprintf(ret->reason, sizeof(ret->reason), "cannot be written: %s",
			 strerror(-d->write_error));
	else if (code == CURLE_OK || code == CURLE_HTTP_RETURNED_ERROR)
		snprintf(ret->reason, sizeof(ret->reason), "HTTP %ld", status);
	else if (code == CURLE_ABORTED_BY_CALLBACK)
		snprintf(ret->reason, sizeof(ret->reason), "given up");
	else
		snprintf(ret->reason, sizeof(ret->reason), "%.250s",
			 *d->error ? d->error : d->curl->easy_strerror(code));
}

static uint64_t retry_after(struct rp_downloader *d)
{
	curl_off_t after = 0;

	d->curl->easy_getinfo(d->easy, CURLINFO_RETRY_AFTER, &after);
	if (after > RETRY_AFTER_MAX)
		after = RETRY_AFTER_MAX;
	return after > 0 ? (uint64_t)after * 1000000000u : 0;
}

void rp_download(struct rp_downloader *d, const char *url, int fd, uint64_t max_bytes,
		 bool (*give_up)(void *arg), void *arg, struct rp_download_result *ret)
{
	long status = 0;
	CURLcode code;

	*ret = (struct rp_download_result){ 0 };
	*d->error = '\0';
	d->fd = fd;
	d->bytes = 0;
	d->max_bytes = max_bytes;
	d->over = false;
	d->write_error = 0;
	code = set_protocols(d, url);
	if (!code)
		code = d->curl->easy_setopt(d->easy, CURLOPT_MAXFILESIZE_LARGE,
					    (curl_off_t)(max_bytes > INT64_MAX ? INT64_MAX :
										 max_bytes));
	if (!code) {
		code = transfer(d, give_up, arg);
		d->curl->easy_getinfo(d->easy, CURLINFO_RESPONSE_CODE, &status);
	}
	ret->outcome = judge(d, code, status);
	if (ret->outcome == RP_DOWNLOAD_DONE)
		return;
	if (ret->outcome == RP_DOWNLOAD_DOWN)
		ret->retry_after_ns = retry_after(d);
	explain(d, code, status, ret);
}

void rp_download_wake(struct rp_downloader *d)
{
	d->curl->multi_wakeup(d->multi);
}
