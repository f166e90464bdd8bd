// SPDX-License-Identifier: GPL-2.0
#include "download.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "newfile.h"
#include "transfer.h"
#include "why.h"

struct rp_downloader {
	struct rp_transfer t;
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

static void set_up(struct rp_downloader *d, uint64_t timeout_ns)
{
	CURLcode (*set)(CURL *easy, CURLoption option, ...) = d->t.curl->easy_setopt;
	long connect_ms = RP_DOWNLOAD_CONNECT_S * 1000L, timeout_ms = (long)(timeout_ns / 1000000);

	set(d->t.easy, CURLOPT_FOLLOWLOCATION, 1L);
	set(d->t.easy, CURLOPT_MAXREDIRS, (long)RP_DOWNLOAD_HOPS);
	set(d->t.easy, CURLOPT_FAILONERROR, 1L);
	set(d->t.easy, CURLOPT_CONNECTTIMEOUT_MS,
	    connect_ms < timeout_ms ? connect_ms : timeout_ms);
	set(d->t.easy, CURLOPT_LOW_SPEED_LIMIT, 1024L);
	set(d->t.easy, CURLOPT_LOW_SPEED_TIME, (long)RP_DOWNLOAD_STALL_S);
	set(d->t.easy, CURLOPT_WRITEFUNCTION, take_body);
	set(d->t.easy, CURLOPT_WRITEDATA, d);
}

struct rp_downloader *rp_downloader_new(uint64_t timeout_ns, char *why, size_t why_size)
{
	const struct rp_curl_library *curl = rp_curl_library(why, why_size);
	struct rp_downloader *d = curl ? calloc(1, sizeof(*d)) : NULL;
	int err;

	if (!curl)
		return NULL;
	err = d ? rp_transfer_init(&d->t, curl, "ringprof/" RP_VERSION, timeout_ns) : -ENOMEM;
	if (err) {
		rp_why(why, why_size, "cannot prepare downloads: %s", strerror(-err));
		rp_downloader_free(d);
		return NULL;
	}
	set_up(d, timeout_ns);
	return d;
}

void rp_downloader_free(struct rp_downloader *d)
{
	if (d)
		rp_transfer_end(&d->t);
	free(d);
}

/* ---- the transfer ------------------------------------------------------- */

/* From https to https alone. */
static CURLcode set_redirects(struct rp_downloader *d, const char *url)
{
	bool tls = !strncmp(url, "https:", 6);

#if LIBCURL_VERSION_NUM >= 0x075500
	return d->t.curl->easy_setopt(d->t.easy, CURLOPT_REDIR_PROTOCOLS_STR,
				      tls ? "https" : "http,https");
#else
	return d->t.curl->easy_setopt(d->t.easy, CURLOPT_REDIR_PROTOCOLS,
		(long)(tls ? CURLPROTO_HTTPS : CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

/* What cannot be limited is not asked for. */
static CURLcode set_request(struct rp_downloader *d, const char *url)
{
	curl_off_t max = (curl_off_t)(d->max_bytes > INT64_MAX ? INT64_MAX : d->max_bytes);
	CURLcode code = set_redirects(d, url);

	if (!code)
		code = d->t.curl->easy_setopt(d->t.easy, CURLOPT_MAXFILESIZE_LARGE, max);
	if (!code)
		code = d->t.curl->easy_setopt(d->t.easy, CURLOPT_URL, url);
	return code;
}

static enum rp_download_outcome judge(const struct rp_downloader *d, CURLcode code, long status)
{
	if (code == CURLE_OK)
		return status == 200 ? RP_DOWNLOAD_DONE : RP_DOWNLOAD_REFUSED;
	if (code == CURLE_HTTP_RETURNED_ERROR) {
		if (status == 404 || status == 410)
			return RP_DOWNLOAD_ABSENT;
		return rp_transfer_may_pass(status) ? RP_DOWNLOAD_DOWN : RP_DOWNLOAD_REFUSED;
	}
	if (d->write_error)
		return RP_DOWNLOAD_FAILED;
	if (d->over || code == CURLE_FILESIZE_EXCEEDED ||
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
	else
		snprintf(ret->reason, sizeof(ret->reason), "%.250s",
			 rp_transfer_error(&d->t, code));
}

void rp_download(struct rp_downloader *d, const char *url, int fd, uint64_t max_bytes,
		 bool (*give_up)(void *arg), void *arg, struct rp_download_result *ret)
{
	long status = 0;
	CURLcode code;

	*ret = (struct rp_download_result){ 0 };
	*d->t.error = '\0';
	d->fd = fd;
	d->bytes = 0;
	d->max_bytes = max_bytes;
	d->over = false;
	d->write_error = 0;
	code = set_request(d, url);
	if (!code) {
		code = rp_transfer(&d->t, give_up, arg);
		d->t.curl->easy_getinfo(d->t.easy, CURLINFO_RESPONSE_CODE, &status);
	}
	ret->outcome = judge(d, code, status);
	if (ret->outcome == RP_DOWNLOAD_DONE)
		return;
	if (ret->outcome == RP_DOWNLOAD_DOWN)
		ret->retry_after_ns = rp_transfer_retry_after_ns(&d->t);
	explain(d, code, status, ret);
}

void rp_download_wake(struct rp_downloader *d)
{
	rp_transfer_wake(&d->t);
}
