// SPDX-License-Identifier: GPL-2.0
/*
 * curl's multi interface is used for one transfer at a time: it alone has a wait
 * that another thread can end, so that a daemon that is told to stop does not sit
 * out a server's timeout, and an idle one has nothing to wake up for.
 */
#include "upload.h"

#include <ctype.h>
#include <curl/curl.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pyroscope.h"

#define SECRET_MAX	4096
#define POLL_MS		1000
#define RETRY_AFTER_MAX	3600		/* seconds; a server's whim has a limit */

struct rp_uploader {
	const struct rp_config *config;
	CURLM *multi;
	CURL *easy;
	char *url;
	char error[CURL_ERROR_SIZE];
	char body[160];			/* the first words of the answer */
	size_t body_len;
};

/* One request's headers and parts. */
struct request {
	struct curl_slist *headers;
	curl_mime *mime;
	char *url;
	char secret[SECRET_MAX];
};

static size_t take_body(char *data, size_t one, size_t len, void *user)
{
	struct rp_uploader *u = user;
	size_t room = sizeof(u->body) - 1 - u->body_len;
	size_t n = len < room ? len : room;

	(void)one;
	memcpy(u->body + u->body_len, data, n);
	u->body_len += n;
	u->body[u->body_len] = '\0';
	return len;
}

static void set_protocols(CURL *easy)
{
#if LIBCURL_VERSION_NUM >= 0x075500
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

struct rp_uploader *rp_uploader_new(const struct rp_config *config)
{
	struct rp_uploader *u = calloc(1, sizeof(*u));

	if (!u || curl_global_init(CURL_GLOBAL_DEFAULT)) {
		free(u);
		errno = ENOMEM;
		return NULL;
	}
	u->config = config;
	u->multi = curl_multi_init();
	u->easy = curl_easy_init();
	u->url = rp_pyroscope_url(config->export.url);
	if (!u->multi || !u->easy || !u->url) {
		rp_uploader_free(u);
		errno = ENOMEM;
		return NULL;
	}
	set_protocols(u->easy);
	curl_easy_setopt(u->easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(u->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(u->easy, CURLOPT_USERAGENT, "ringprofd/" RP_VERSION);
	curl_easy_setopt(u->easy, CURLOPT_TIMEOUT_MS,
			 (long)(config->export.timeout_ns / 1000000));
	curl_easy_setopt(u->easy, CURLOPT_ERRORBUFFER, u->error);
	curl_easy_setopt(u->easy, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(u->easy, CURLOPT_WRITEDATA, u);
	return u;
}

void rp_uploader_free(struct rp_uploader *u)
{
	if (!u)
		return;
	curl_easy_cleanup(u->easy);
	curl_multi_cleanup(u->multi);
	curl_global_cleanup();
	free(u->url);
	free(u);
}

const char *rp_uploader_url(const struct rp_uploader *u)
{
	return u->url;
}

/* ---- a request ---------------------------------------------------------- */

/* The first line of a file. */
static int read_secret(const char *path, char secret[static SECRET_MAX], char *why,
		       size_t why_size)
{
	FILE *f = fopen(path, "re");
	int err = 0;
	size_t i;

	if (!f) {
		err = -errno;
		snprintf(why, why_size, "cannot read %.200s: %s", path, strerror(errno));
		return err;
	}
	if (!fgets(secret, SECRET_MAX, f))
		*secret = '\0';
	fclose(f);
	i = strcspn(secret, "\r\n");
	secret[i] = '\0';
	while (i && isprint((unsigned char)secret[i - 1]))
		i--;
	if (i || !*secret) {
		snprintf(why, why_size, "%.200s holds no secret: one line of text is expected",
			 path);
		err = -EINVAL;
	}
	return err;
}

static int add_header(struct request *r, const char *name, const char *value)
{
	struct curl_slist *list;
	char *line;

	if (asprintf(&line, "%s%s", name, value) < 0)
		return -ENOMEM;
	list = curl_slist_append(r->headers, line);
	free(line);
	if (!list)
		return -ENOMEM;
	r->headers = list;
	return 0;
}

static int add_headers(struct rp_uploader *u, struct request *r)
{
	const struct rp_config *c = u->config;
	size_t i;
	int err;

	/* No "Expect: 100-continue": it costs a round trip, or a second of waiting. */
	err = add_header(r, "Expect:", "");
	if (!err && c->export.tenant)
		err = add_header(r, "X-Scope-OrgID: ", c->export.tenant);
	if (!err && c->export.token_file)
		err = add_header(r, "Authorization: Bearer ", r->secret);
	for (i = 0; !err && i < c->export.headers.nr; i++)
		err = add_header(r, c->export.headers.items[i], "");
	return err;
}

static int add_part(struct request *r, const char *name, const char *file,
		    const char *type, const void *data, size_t len)
{
	curl_mimepart *part = curl_mime_addpart(r->mime);

	if (!part || curl_mime_name(part, name) || curl_mime_filename(part, file) ||
	    curl_mime_type(part, type) || curl_mime_data(part, data, len))
		return -ENOMEM;
	return 0;
}

static int build(struct rp_uploader *u, const struct rp_parcel *p, struct request *r,
		 char *why, size_t why_size)
{
	const struct rp_config *c = u->config;
	const char *file = c->export.token_file ? c->export.token_file :
						  c->export.password_file;
	int err = 0;

	if (file) {
		err = read_secret(file, r->secret, why, why_size);
		if (err)
			return err;
	}
	if (asprintf(&r->url, "%s?%s", u->url, p->query) < 0)
		r->url = NULL;
	r->mime = curl_mime_init(u->easy);
	if (!r->url || !r->mime)
		err = -ENOMEM;
	if (!err)
		err = add_headers(u, r);
	if (!err)
		err = add_part(r, "profile", "profile.pb.gz", "application/octet-stream",
			       p->data, p->len);
	if (!err)
		err = add_part(r, "sample_type_config", "sample_type_config.json",
			       "application/json", rp_pyroscope_sample_types,
			       strlen(rp_pyroscope_sample_types));
	if (err) {
		snprintf(why, why_size, "there is no memory for the request");
		return err;
	}
	curl_easy_setopt(u->easy, CURLOPT_URL, r->url);
	curl_easy_setopt(u->easy, CURLOPT_HTTPHEADER, r->headers);
	curl_easy_setopt(u->easy, CURLOPT_MIMEPOST, r->mime);
	if (c->export.username) {
		curl_easy_setopt(u->easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
		curl_easy_setopt(u->easy, CURLOPT_USERNAME, c->export.username);
		curl_easy_setopt(u->easy, CURLOPT_PASSWORD, r->secret);
	}
	return 0;
}

static void drop(struct rp_uploader *u, struct request *r)
{
	curl_easy_setopt(u->easy, CURLOPT_MIMEPOST, NULL);
	curl_easy_setopt(u->easy, CURLOPT_HTTPHEADER, NULL);
	curl_easy_setopt(u->easy, CURLOPT_PASSWORD, NULL);
	curl_mime_free(r->mime);
	curl_slist_free_all(r->headers);
	free(r->url);
	explicit_bzero(r->secret, sizeof(r->secret));
}

/* ---- the transfer ------------------------------------------------------- */

static bool is_done(struct rp_uploader *u, CURLcode *ret)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(u->multi, &left)) != NULL)
		if (message->msg == CURLMSG_DONE) {
			*ret = message->data.result;
			return true;
		}
	return false;
}

static CURLcode transfer(struct rp_uploader *u, bool (*give_up)(void *arg), void *arg)
{
	CURLcode code = CURLE_ABORTED_BY_CALLBACK;
	int running = 1;

	if (curl_multi_add_handle(u->multi, u->easy))
		return CURLE_OUT_OF_MEMORY;
	while (!give_up(arg)) {
		if (curl_multi_perform(u->multi, &running)) {
			code = CURLE_FAILED_INIT;
			break;
		}
		if (is_done(u, &code))
			break;
		curl_multi_poll(u->multi, NULL, 0, POLL_MS, NULL);
	}
	curl_multi_remove_handle(u->multi, u->easy);
	return code;
}

enum rp_upload_verdict rp_upload_judge(long status)
{
	if (status >= 200 && status < 300)
		return RP_UPLOAD_DELIVERED;
	if (status == 408 || status == 429 || status >= 500 || status < 200)
		return RP_UPLOAD_LATER;
	return RP_UPLOAD_REFUSED;
}

static void explain(struct rp_uploader *u, CURLcode code, struct rp_upload_result *ret)
{
	const char *hint = "";

	if (!ret->status) {
		snprintf(ret->reason, sizeof(ret->reason), "%.250s",
			 code == CURLE_ABORTED_BY_CALLBACK ? "given up" :
			 *u->error ? u->error : curl_easy_strerror(code));
		return;
	}
	if (ret->status >= 300 && ret->status < 400)
		hint = " (redirects are not followed: put the final address into [export] url)";
	else if (ret->status == 401 || ret->status == 403)
		hint = " (look at token-file, username and tenant in [export])";
	u->body[strcspn(u->body, "\r\n")] = '\0';
	snprintf(ret->reason, sizeof(ret->reason), "HTTP %ld%s%s%s", ret->status,
		 *u->body ? ": " : "", u->body, hint);
}

static void judge(struct rp_uploader *u, CURLcode code, struct rp_upload_result *ret)
{
	curl_off_t after = 0;

	curl_easy_getinfo(u->easy, CURLINFO_RESPONSE_CODE, &ret->status);
	/* An answer whose body broke off is no answer. */
	if (code != CURLE_OK)
		ret->status = 0;
	ret->verdict = ret->status ? rp_upload_judge(ret->status) : RP_UPLOAD_LATER;
	if (ret->verdict == RP_UPLOAD_DELIVERED)
		return;
	if (ret->status)
		curl_easy_getinfo(u->easy, CURLINFO_RETRY_AFTER, &after);
	if (after > RETRY_AFTER_MAX)
		after = RETRY_AFTER_MAX;
	if (after > 0)
		ret->retry_after_ns = (uint64_t)after * 1000000000u;
	explain(u, code, ret);
}

void rp_upload(struct rp_uploader *u, const struct rp_parcel *p,
	       bool (*give_up)(void *arg), void *arg, struct rp_upload_result *ret)
{
	struct request r = { 0 };

	*ret = (struct rp_upload_result){ .verdict = RP_UPLOAD_LATER };
	*u->error = *u->body = '\0';
	u->body_len = 0;
	if (!build(u, p, &r, ret->reason, sizeof(ret->reason)))
		judge(u, transfer(u, give_up, arg), ret);
	drop(u, &r);
}

void rp_upload_sleep(struct rp_uploader *u, int timeout_ms)
{
	curl_multi_poll(u->multi, NULL, 0, timeout_ms < 0 ? INT_MAX : timeout_ms, NULL);
}

void rp_upload_wake(struct rp_uploader *u)
{
	curl_multi_wakeup(u->multi);
}
