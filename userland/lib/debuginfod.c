// SPDX-License-Identifier: GPL-2.0
/*
 * A temporary file is what is downloaded into, and what is proved is what is renamed: at no
 * time lies something in the cache that has not been looked at.
 */
#include "debuginfod.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backoff.h"
#include "clock.h"
#include "debug_cache.h"
#include "download.h"
#include "hash.h"
#include "jail_debug.h"
#include "log.h"
#include "why.h"

#define URL_MAX 2048

struct server {
	const char *url;
	int url_len;			/* without slashes at the end */
	unsigned int failures;		/* in a row */
	uint64_t next_ns;		/* not before this; UINT64_MAX: never */
};

struct rp_debuginfod {
	struct server servers[RP_DEBUGINFOD_SERVERS_MAX];
	unsigned int nr;
	char *who;			/* all of them: in the cache's .absent files */
	struct rp_debug_cache *cache;
	struct rp_downloader *downloader;
	struct rp_jail *jail;
	uint64_t file_bytes;
	bool once;
	struct rp_debuginfod_stats stats;
};

/* ---- opening ------------------------------------------------------------------ */

static int set_servers(struct rp_debuginfod *d, const char *const *urls)
{
	char who[RP_DEBUGINFOD_SERVERS_MAX * 256] = "";
	size_t used = 0;
	int len;

	for (; *urls && d->nr < RP_DEBUGINFOD_SERVERS_MAX; urls++) {
		for (len = (int)strlen(*urls); len && (*urls)[len - 1] == '/'; len--)
			;
		d->servers[d->nr++] = (struct server){ .url = *urls, .url_len = len };
		used += (size_t)snprintf(who + used, sizeof(who) - used, "%.*s\n",
					 len < 254 ? len : 254, *urls);
	}
	d->who = strdup(who);
	return d->who ? 0 : -ENOMEM;
}

int rp_debuginfod_open(struct rp_debuginfod **ret, const struct rp_debuginfod_options *o,
		       char *why, size_t why_size)
{
	struct rp_debuginfod *d = calloc(1, sizeof(*d));
	int err = d ? set_servers(d, o->urls) : -ENOMEM;

	if (err) {
		rp_why(why, why_size, "no memory for debuginfod");
		rp_debuginfod_close(d);
		return err;
	}
	d->jail = o->jail;
	d->once = o->once;
	d->file_bytes = o->file_bytes ? o->file_bytes : RP_DEBUGINFOD_FILE_BYTES;
	if (o->cache_bytes && d->file_bytes > o->cache_bytes)
		d->file_bytes = o->cache_bytes;
	err = rp_debug_cache_open(&d->cache, o->folder, o->cache_bytes, why, why_size);
	if (!err) {
		d->downloader = rp_downloader_new(o->timeout_ns ? o->timeout_ns :
						  RP_DEBUGINFOD_TIMEOUT_NS, why, why_size);
		err = d->downloader ? 0 : -ENOTSUP;
	}
	if (err) {
		rp_debuginfod_close(d);
		return err;
	}
	*ret = d;
	return 0;
}

void rp_debuginfod_close(struct rp_debuginfod *d)
{
	if (!d)
		return;
	rp_downloader_free(d->downloader);
	rp_debug_cache_close(d->cache);
	free(d->who);
	free(d);
}

const char *rp_debuginfod_folder(const struct rp_debuginfod *d)
{
	return rp_debug_cache_folder(d->cache);
}

void rp_debuginfod_wake(struct rp_debuginfod *d)
{
	rp_download_wake(d->downloader);
}

void rp_debuginfod_stats(const struct rp_debuginfod *d, struct rp_debuginfod_stats *ret)
{
	*ret = d->stats;
}

/* ---- servers that are down ------------------------------------------------------ */

static void is_down(struct rp_debuginfod *d, struct server *s,
		    const struct rp_download_result *result)
{
	uint64_t wait_ns = rp_backoff_ns(++s->failures, rp_hash_seed());

	if (wait_ns < result->retry_after_ns)
		wait_ns = result->retry_after_ns;
	s->next_ns = d->once ? UINT64_MAX : rp_clock_ns(CLOCK_MONOTONIC) + wait_ns;
	if (s->failures == 1)
		rp_log(RP_LOG_WARNING, "cannot get debug files from %s: %s%s", s->url,
		       result->reason, d->once ? "" : "; it is tried again");
}

static void is_up(struct server *s)
{
	if (s->failures)
		rp_log(RP_LOG_INFO, "%s answers again", s->url);
	s->failures = 0;
	s->next_ns = 0;
}

uint64_t rp_debuginfod_ready_ns(const struct rp_debuginfod *d,
				const struct rp_debuginfod_job *job)
{
	uint64_t ready = UINT64_MAX;
	unsigned int i;

	for (i = 0; i < d->nr; i++)
		if (!(job->asked & 1u << i) && d->servers[i].next_ns < ready)
			ready = d->servers[i].next_ns;
	return ready;
}

/* ---- one file ------------------------------------------------------------------- */

/* What a look at it came to: it is to blame, not who looked. */
static bool is_not_it(int err)
{
	return err == -ESTALE || err == -EBADMSG || err == -ENOEXEC || err == -EFBIG;
}

/* What lies in the cache is as good as what arrives. */
static bool is_here(struct rp_debuginfod *d, const struct rp_build_id *id)
{
	char why[RP_WHY_SIZE];
	int fd = rp_debug_cache_get(d->cache, id), err;

	if (fd < 0)
		return false;
	err = rp_jail_debug_check(d->jail, fd, "the file in the cache", id, why, sizeof(why));
	close(fd);
	if (is_not_it(err)) {
		d->stats.refused++;
		rp_debug_cache_remove(d->cache, id);
	}
	return !err;
}

/* What was downloaded proves itself, or not. */
static int prove(struct rp_debuginfod *d, const struct rp_newfile *f, const char *url,
		 const struct rp_build_id *id, struct rp_download_result *result)
{
	int fd = open(f->temporary ? f->temporary : f->path, O_RDONLY | O_CLOEXEC), err;

	if (fd < 0) {
		snprintf(result->reason, sizeof(result->reason), "cannot be read again: %s",
			 strerror(errno));
		return -errno;
	}
	err = rp_jail_debug_check(d->jail, fd, url, id, result->reason, sizeof(result->reason));
	close(fd);
	return err;
}

static void cannot_be_kept(const struct rp_debuginfod *d, int err,
			   struct rp_download_result *result)
{
	result->outcome = RP_DOWNLOAD_FAILED;
	snprintf(result->reason, sizeof(result->reason), "cannot be kept in %s: %s",
		 rp_debug_cache_folder(d->cache), strerror(-err));
}

static void take(struct rp_debuginfod *d, const char *url, const struct rp_build_id *id,
		 struct rp_newfile *f, struct rp_download_result *result)
{
	struct stat st = { 0 };
	int err = prove(d, f, url, id, result);

	if (err) {
		result->outcome = is_not_it(err) ? RP_DOWNLOAD_REFUSED : RP_DOWNLOAD_FAILED;
		rp_newfile_abort(f);
		return;
	}
	fstat(f->fd, &st);
	err = rp_debug_cache_commit(d->cache, f);
	if (err) {
		cannot_be_kept(d, err, result);
		return;
	}
	d->stats.downloads++;
	d->stats.bytes += (uint64_t)st.st_size;
}

static void ask(struct rp_debuginfod *d, const struct server *s, const struct rp_build_id *id,
		bool (*give_up)(void *arg), void *arg, struct rp_download_result *result)
{
	char url[URL_MAX], hex[RP_BUILD_ID_HEX];
	struct rp_newfile f;
	int err;

	snprintf(url, sizeof(url), "%.*s/buildid/%s/debuginfo", s->url_len, s->url,
		 rp_build_id_hex(id, hex));
	err = rp_debug_cache_create(d->cache, id, &f);
	if (err) {
		cannot_be_kept(d, err, result);
		return;
	}
	d->stats.requests++;
	rp_download(d->downloader, url, f.fd, d->file_bytes, give_up, arg, result);
	if (result->outcome == RP_DOWNLOAD_DONE)
		take(d, url, id, &f, result);
	else
		rp_newfile_abort(&f);
}

/* True: it is here. */
static bool ask_and_judge(struct rp_debuginfod *d, unsigned int i, struct rp_debuginfod_job *job,
			  bool (*give_up)(void *arg), void *arg, char *why, size_t why_size)
{
	struct server *s = &d->servers[i];
	struct rp_download_result result = { 0 };
	static struct rp_log_limit limit;

	ask(d, s, &job->id, give_up, arg, &result);
	if (result.outcome == RP_DOWNLOAD_BROKEN && give_up && give_up(arg))
		return false;
	if (result.outcome == RP_DOWNLOAD_DOWN || result.outcome == RP_DOWNLOAD_BROKEN)
		is_down(d, s, &result);
	else if (result.outcome != RP_DOWNLOAD_FAILED)
		is_up(s);
	if (result.outcome == RP_DOWNLOAD_BROKEN && ++job->broken >= RP_DEBUGINFOD_TRIES)
		result.outcome = RP_DOWNLOAD_REFUSED;
	if (result.outcome == RP_DOWNLOAD_REFUSED) {
		d->stats.refused++;
		rp_log(RP_LOG_DEBUG, "a debug file of %s is refused: %s", s->url, result.reason);
	}
	if (result.outcome == RP_DOWNLOAD_FAILED) {
		job->failed = true;
		rp_log_limited(&limit, RP_LOG_WARNING, "a debug file of %s %s", s->url,
			       result.reason);
	}
	if (result.outcome == RP_DOWNLOAD_ABSENT || result.outcome == RP_DOWNLOAD_REFUSED ||
	    result.outcome == RP_DOWNLOAD_FAILED)
		job->asked |= 1u << i;
	if (result.outcome != RP_DOWNLOAD_DONE)
		rp_why(why, why_size, "%.100s: %s", s->url, result.reason);
	return result.outcome == RP_DOWNLOAD_DONE;
}

enum rp_debuginfod_answer rp_debuginfod_get(struct rp_debuginfod *d,
					    struct rp_debuginfod_job *job,
					    bool (*give_up)(void *arg), void *arg, char *why,
					    size_t why_size)
{
	unsigned int i;

	if (is_here(d, &job->id))
		return RP_DEBUGINFOD_HERE;
	rp_why(why, why_size, "no server has its debug file");
	if (rp_debug_cache_is_absent(d->cache, &job->id, d->who))
		return RP_DEBUGINFOD_NONE;
	for (i = 0; i < d->nr; i++) {
		if (job->asked & 1u << i ||
		    d->servers[i].next_ns > rp_clock_ns(CLOCK_MONOTONIC))
			continue;
		if (ask_and_judge(d, i, job, give_up, arg, why, why_size))
			return RP_DEBUGINFOD_HERE;
	}
	for (i = 0; i < d->nr; i++)
		if (!(job->asked & 1u << i))
			return RP_DEBUGINFOD_LATER;
	if (!job->failed)
		rp_debug_cache_absent(d->cache, &job->id, d->who);
	return RP_DEBUGINFOD_NONE;
}
