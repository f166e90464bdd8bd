// SPDX-License-Identifier: GPL-2.0
#include "transfer.h"

#include <errno.h>

#define POLL_MS		1000
#define RETRY_AFTER_MAX	3600		/* seconds; a server's whim has a limit */

static CURLcode set_protocols(struct rp_transfer *t)
{
#if LIBCURL_VERSION_NUM >= 0x075500
	return t->curl->easy_setopt(t->easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
	return t->curl->easy_setopt(t->easy, CURLOPT_PROTOCOLS,
				    (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

int rp_transfer_init(struct rp_transfer *t, const struct rp_curl_library *curl,
		     const char *agent, uint64_t timeout_ns)
{
	*t = (struct rp_transfer){ .curl = curl };
	t->multi = curl->multi_init();
	t->easy = curl->easy_init();
	if (!t->multi || !t->easy)
		return -ENOMEM;
	curl->easy_setopt(t->easy, CURLOPT_NOSIGNAL, 1L);
	curl->easy_setopt(t->easy, CURLOPT_USERAGENT, agent);
	curl->easy_setopt(t->easy, CURLOPT_TIMEOUT_MS, (long)(timeout_ns / 1000000));
	curl->easy_setopt(t->easy, CURLOPT_ERRORBUFFER, t->error);
	return set_protocols(t) ? -ENOTSUP : 0;
}

void rp_transfer_end(struct rp_transfer *t)
{
	if (t->easy)
		t->curl->easy_cleanup(t->easy);
	if (t->multi)
		t->curl->multi_cleanup(t->multi);
}

static bool is_done(struct rp_transfer *t, CURLcode *ret)
{
	CURLMsg *message;
	int left;

	while ((message = t->curl->multi_info_read(t->multi, &left)) != NULL)
		if (message->msg == CURLMSG_DONE) {
			*ret = message->data.result;
			return true;
		}
	return false;
}

CURLcode rp_transfer(struct rp_transfer *t, bool (*give_up)(void *arg), void *arg)
{
	CURLcode code = CURLE_ABORTED_BY_CALLBACK;
	int running = 1;

	*t->error = '\0';
	if (t->curl->multi_add_handle(t->multi, t->easy))
		return CURLE_OUT_OF_MEMORY;
	while (!give_up || !give_up(arg)) {
		if (t->curl->multi_perform(t->multi, &running)) {
			code = CURLE_FAILED_INIT;
			break;
		}
		if (is_done(t, &code))
			break;
		t->curl->multi_poll(t->multi, NULL, 0, POLL_MS, NULL);
	}
	t->curl->multi_remove_handle(t->multi, t->easy);
	return code;
}

void rp_transfer_wake(struct rp_transfer *t)
{
	t->curl->multi_wakeup(t->multi);
}

const char *rp_transfer_error(const struct rp_transfer *t, CURLcode code)
{
	if (code == CURLE_ABORTED_BY_CALLBACK)
		return "given up";
	return *t->error ? t->error : t->curl->easy_strerror(code);
}

bool rp_transfer_may_pass(long status)
{
	return status == 408 || status == 429 || status >= 500;
}

uint64_t rp_transfer_retry_after_ns(const struct rp_transfer *t)
{
	curl_off_t after = 0;

	t->curl->easy_getinfo(t->easy, CURLINFO_RETRY_AFTER, &after);
	if (after > RETRY_AFTER_MAX)
		after = RETRY_AFTER_MAX;
	return after > 0 ? (uint64_t)after * 1000000000u : 0;
}
