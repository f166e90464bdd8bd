// SPDX-License-Identifier: GPL-2.0
#include "upload.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pyroscope.h"
#include "transfer.h"

#define SECRET_MAX	4096

/* Who sends is linked to it. */
static const struct rp_curl_library linked = {
#define X(name) .name = curl_##name,
	RP_CURL_FUNCTIONS(X)
#undef X
};

struct rp_uploader {
	const struct rp_config *config;
	struct rp_transfer t;
	char *url;
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

struct rp_uploader *rp_uploader_new(const struct rp_config *config)
{
	struct rp_uploader *u = calloc(1, sizeof(*u));
	int err;

	if (!u || curl_global_init(CURL_GLOBAL_DEFAULT)) {
		free(u);
		errno = ENOMEM;
		return NULL;
	}
	u->config = config;
	u->url = rp_pyroscope_url(config->export.url);
	err = rp_transfer_init(&u->t, &linked, "ringprofd/" RP_VERSION,
			       config->export.timeout_ns);
	/* The URL is one of http or https, and leads nowhere else. */
	if ((err && err != -ENOTSUP) || !u->url) {
		rp_uploader_free(u);
		errno = ENOMEM;
		return NULL;
	}
	curl_easy_setopt(u->t.easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(u->t.easy, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(u->t.easy, CURLOPT_WRITEDATA, u);
	return u;
}

void rp_uploader_free(struct rp_uploader *u)
{
	if (!u)
		return;
	rp_transfer_end(&u->t);
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
	r->mime = curl_mime_init(u->t.easy);
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
	curl_easy_setopt(u->t.easy, CURLOPT_URL, r->url);
	curl_easy_setopt(u->t.easy, CURLOPT_HTTPHEADER, r->headers);
	curl_easy_setopt(u->t.easy, CURLOPT_MIMEPOST, r->mime);
	if (c->export.username) {
		curl_easy_setopt(u->t.easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
		curl_easy_setopt(u->t.easy, CURLOPT_USERNAME, c->export.username);
		curl_easy_setopt(u->t.easy, CURLOPT_PASSWORD, r->secret);
	}
	return 0;
}

static void drop(struct rp_uploader *u, struct request *r)
{
	curl_easy_setopt(u->t.easy, CURLOPT_MIMEPOST, NULL);
	curl_easy_setopt(u->t.easy, CURLOPT_HTTPHEADER, NULL);
	curl_easy_setopt(u->t.easy, CURLOPT_PASSWORD, NULL);
	curl_mime_free(r->mime);
	curl_slist_free_all(r->headers);
	free(r->url);
	explicit_bzero(r->secret, sizeof(r->secret));
}

/* ---- the transfer ------------------------------------------------------- */

enum rp_upload_verdict rp_upload_judge(long status)
{
	if (status >= 200 && status < 300)
		return RP_UPLOAD_DELIVERED;
	if (rp_transfer_may_pass(status) || status < 200)
		return RP_UPLOAD_LATER;
	return RP_UPLOAD_REFUSED;
}

static void explain(struct rp_uploader *u, CURLcode code, struct rp_upload_result *ret)
{
	const char *hint = "";

	if (!ret->status) {
		snprintf(ret->reason, sizeof(ret->reason), "%.250s",
			 rp_transfer_error(&u->t, code));
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
	curl_easy_getinfo(u->t.easy, CURLINFO_RESPONSE_CODE, &ret->status);
	/* An answer whose body broke off is no answer. */
	if (code != CURLE_OK)
		ret->status = 0;
	ret->verdict = ret->status ? rp_upload_judge(ret->status) : RP_UPLOAD_LATER;
	if (ret->verdict == RP_UPLOAD_DELIVERED)
		return;
	if (ret->status)
		ret->retry_after_ns = rp_transfer_retry_after_ns(&u->t);
	explain(u, code, ret);
}

void rp_upload(struct rp_uploader *u, const struct rp_parcel *p,
	       bool (*give_up)(void *arg), void *arg, struct rp_upload_result *ret)
{
	struct request r = { 0 };

	*ret = (struct rp_upload_result){ .verdict = RP_UPLOAD_LATER };
	*u->body = '\0';
	u->body_len = 0;
	if (!build(u, p, &r, ret->reason, sizeof(ret->reason)))
		judge(u, rp_transfer(&u->t, give_up, arg), ret);
	drop(u, &r);
}

void rp_upload_sleep(struct rp_uploader *u, int timeout_ms)
{
	curl_multi_poll(u->t.multi, NULL, 0, timeout_ms < 0 ? INT_MAX : timeout_ms, NULL);
}

void rp_upload_wake(struct rp_uploader *u)
{
	rp_transfer_wake(&u->t);
}
