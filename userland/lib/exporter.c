// SPDX-License-Identifier: GPL-2.0
/*
 * The lock guards the spool, the counters and the wish to stop, and is never held
 * while anything is on the network. The thread alone knows about outages.
 */
#include "exporter.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backoff.h"
#include "clock.h"
#include "hash.h"
#include "log.h"
#include "spool.h"
#include "upload.h"

#define MS 1000000ull

struct rp_exporter {
	const struct rp_config *config;
	struct rp_uploader *uploader;
	pthread_t thread;
	pthread_mutex_t lock;
	struct rp_spool *spool;			/* under lock */
	struct rp_exporter_stats stats;		/* under lock; the spool's apart */
	bool stopping;				/* under lock */
	uint64_t deadline_ns;			/* under lock, once stopping */
	/* The thread's own. */
	unsigned int failures;			/* in a row */
	uint64_t retry_ns;			/* not before this */
	bool down;				/* it was said */
	uint64_t down_late, down_dropped;	/* the counters when it was said */
	bool draining;				/* it answered after that: */
	uint64_t backlog;			/* what it made wait and has not got yet */
};

void rp_exporter_stats(struct rp_exporter *e, struct rp_exporter_stats *ret)
{
	struct rp_spool_stats spool;

	pthread_mutex_lock(&e->lock);
	*ret = e->stats;
	rp_spool_stats(e->spool, &spool);
	pthread_mutex_unlock(&e->lock);
	ret->waiting = spool.waiting;
	ret->dropped = spool.dropped + spool.damaged;
}

/* ---- talk --------------------------------------------------------------- */

static void say_down(struct rp_exporter *e, const char *reason)
{
	const struct rp_config *c = e->config;
	struct rp_exporter_stats stats;

	if (e->down)
		return;
	rp_exporter_stats(e, &stats);
	e->down = true;
	e->down_late = stats.late;
	e->down_dropped = stats.dropped;
	rp_log(RP_LOG_WARNING,
	       "cannot send profiles to %s: %s; up to %llu KiB are kept in %s and sent later",
	       rp_uploader_url(e->uploader), reason,
	       (unsigned long long)c->export.spool_bytes >> 10,
	       c->export.spool_directory ? c->export.spool_directory : "memory");
}

/*
 * When what had to wait is gone: only then is it known how much came late. What
 * comes meanwhile is not waited for: at a slow server there would always be some.
 */
static void say_up(struct rp_exporter *e)
{
	struct rp_exporter_stats stats;

	if (!e->down)
		return;
	rp_exporter_stats(e, &stats);
	if (!e->draining)
		e->backlog = stats.waiting;
	else if (e->backlog)
		e->backlog--;
	e->draining = true;
	if (e->backlog > stats.waiting)
		e->backlog = stats.waiting;
	if (e->backlog)
		return;
	e->down = e->draining = false;
	rp_log(RP_LOG_INFO, "%s answers again: %llu profiles delivered late, %llu dropped",
	       rp_uploader_url(e->uploader),
	       (unsigned long long)(stats.late - e->down_late),
	       (unsigned long long)(stats.dropped - e->down_dropped));
}

static void say_refused(struct rp_exporter *e, const char *title, const char *reason)
{
	static struct rp_log_limit limit;

	rp_log_limited(&limit, RP_LOG_ERROR,
		       "%s refused a profile of %.100s, which is dropped: %s",
		       rp_uploader_url(e->uploader), title, reason);
}

/* ---- the thread --------------------------------------------------------- */

static bool is_over(void *arg)
{
	struct rp_exporter *e = arg;
	bool over;

	pthread_mutex_lock(&e->lock);
	over = e->stopping && rp_clock_ns(CLOCK_MONOTONIC) >= e->deadline_ns;
	pthread_mutex_unlock(&e->lock);
	return over;
}

static void delivered(struct rp_exporter *e)
{
	pthread_mutex_lock(&e->lock);
	rp_spool_done(e->spool);
	e->stats.delivered++;
	e->stats.late += e->down;
	pthread_mutex_unlock(&e->lock);
	e->failures = 0;
	say_up(e);
}

static void refused(struct rp_exporter *e, const struct rp_parcel *p,
		    const struct rp_upload_result *result)
{
	say_refused(e, p->title, result->reason);
	pthread_mutex_lock(&e->lock);
	rp_spool_done(e->spool);
	e->stats.refused++;
	pthread_mutex_unlock(&e->lock);
	e->failures = 0;
	say_up(e);
}

static void try_later(struct rp_exporter *e, const struct rp_upload_result *result)
{
	uint64_t wait;

	pthread_mutex_lock(&e->lock);
	rp_spool_putback(e->spool);
	pthread_mutex_unlock(&e->lock);
	e->failures++;
	e->draining = false;
	wait = rp_backoff_ns(e->failures, rp_hash_seed());
	if (wait < result->retry_after_ns)
		wait = result->retry_after_ns;
	e->retry_ns = rp_clock_ns(CLOCK_MONOTONIC) + wait;
	say_down(e, result->reason);
}

static void send_one(struct rp_exporter *e, const struct rp_parcel *p)
{
	struct rp_upload_result result;

	rp_upload(e->uploader, p, is_over, e, &result);
	switch (result.verdict) {
	case RP_UPLOAD_DELIVERED:
		delivered(e);
		break;
	case RP_UPLOAD_REFUSED:
		refused(e, p, &result);
		break;
	case RP_UPLOAD_LATER:
		try_later(e, &result);
		break;
	}
}

/* The next parcel if one may be sent now; else how long to sleep, or the end. */
static bool next(struct rp_exporter *e, const struct rp_parcel **ret, int *ret_sleep_ms,
		 unsigned int *failures_at_stop)
{
	uint64_t now = rp_clock_ns(CLOCK_MONOTONIC);
	bool end = false;

	*ret = NULL;
	*ret_sleep_ms = -1;
	pthread_mutex_lock(&e->lock);
	if (e->stopping) {
		/* One last round, whatever the backoff says, until it fails. */
		if (*failures_at_stop == UINT32_MAX)
			*failures_at_stop = e->failures;
		end = now >= e->deadline_ns || e->failures > *failures_at_stop ||
		      !rp_spool_take(e->spool, ret);
	} else if (e->failures && now < e->retry_ns) {
		*ret_sleep_ms = (int)((e->retry_ns - now) / MS) + 1;
	} else {
		rp_spool_take(e->spool, ret);
	}
	pthread_mutex_unlock(&e->lock);
	return !end;
}

static void *run(void *arg)
{
	unsigned int failures_at_stop = UINT32_MAX;
	struct rp_exporter *e = arg;
	const struct rp_parcel *p;
	int sleep_ms;

	while (next(e, &p, &sleep_ms, &failures_at_stop)) {
		if (p)
			send_one(e, p);
		else
			rp_upload_sleep(e->uploader, sleep_ms);
	}
	return NULL;
}

/* ---- outside ------------------------------------------------------------ */

static void free_exporter(struct rp_exporter *e)
{
	rp_uploader_free(e->uploader);
	rp_spool_close(e->spool);
	pthread_mutex_destroy(&e->lock);
	free(e);
}

int rp_exporter_start(struct rp_exporter **ret, const struct rp_config *config,
		      char *why, size_t why_size)
{
	struct rp_exporter *e = calloc(1, sizeof(*e));
	int err;

	if (!e) {
		snprintf(why, why_size, "there is no memory");
		return -ENOMEM;
	}
	e->config = config;
	pthread_mutex_init(&e->lock, NULL);
	err = rp_spool_open(&e->spool, config->export.spool_directory,
			    config->export.spool_bytes, why, why_size);
	if (!err) {
		e->uploader = rp_uploader_new(config);
		if (!e->uploader)
			err = -errno;
		else
			err = -pthread_create(&e->thread, NULL, run, e);
		if (err)
			snprintf(why, why_size, "cannot start the exporter: %s",
				 strerror(-err));
	}
	if (err) {
		free_exporter(e);
		return err;
	}
	*ret = e;
	return 0;
}

void rp_exporter_add(struct rp_exporter *e, struct rp_parcel *p)
{
	static struct rp_log_limit full, unwritten;
	struct rp_spool_stats before, after;

	pthread_mutex_lock(&e->lock);
	rp_spool_stats(e->spool, &before);
	rp_spool_add(e->spool, p);
	rp_spool_stats(e->spool, &after);
	pthread_mutex_unlock(&e->lock);
	rp_upload_wake(e->uploader);
	if (after.dropped > before.dropped)
		rp_log_limited(&full, RP_LOG_WARNING,
			       "the spool is full (%llu KiB): its oldest profiles are dropped, %llu so far",
			       (unsigned long long)e->config->export.spool_bytes >> 10,
			       (unsigned long long)after.dropped);
	if (after.write_error)
		rp_log_limited(&unwritten, RP_LOG_WARNING,
			       "cannot write to the spool directory %s: %s; profiles wait in memory",
			       e->config->export.spool_directory,
			       strerror(-after.write_error));
}

void rp_exporter_stop(struct rp_exporter *e, uint64_t timeout_ns,
		      struct rp_exporter_stats *ret)
{
	uint64_t lost;

	pthread_mutex_lock(&e->lock);
	e->stopping = true;
	e->deadline_ns = rp_clock_ns(CLOCK_MONOTONIC) + timeout_ns;
	pthread_mutex_unlock(&e->lock);
	rp_upload_wake(e->uploader);
	pthread_join(e->thread, NULL);
	lost = rp_spool_in_memory(e->spool);
	if (lost)
		rp_log(RP_LOG_WARNING,
		       "%llu profiles were not delivered and are lost%s",
		       (unsigned long long)lost,
		       e->config->export.spool_directory ? "" :
		       " (with [export] spool-directory they would wait for the next start)");
	if (ret)
		rp_exporter_stats(e, ret);
	free_exporter(e);
}
