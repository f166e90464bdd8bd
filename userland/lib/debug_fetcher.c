// SPDX-License-Identifier: GPL-2.0
/*
 * The lock guards everything but the debuginfod itself, which is the thread's, and is never
 * held while anything is on the network or in the jail.
 *
 * Whoever names addresses asks for the same file again and again, at each of its addresses:
 * what was answered is remembered by a table in which one answer may push out another (then
 * the cache on the disk is asked again, no more).
 */
#include "debug_fetcher.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "hash.h"
#include "log.h"
#include "own_budget.h"
#include "why.h"

#define ANSWERS 1024		/* a power of two */
#define QUEUE	RP_DEBUG_FETCHER_QUEUE

struct answer {
	struct rp_build_id id;
	uint64_t until_ns;	/* CLOCK_MONOTONIC; 0: none */
};

struct rp_debug_fetcher {
	struct rp_debuginfod *debuginfod;
	struct rp_own_budget *budget;	/* or NULL */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;		/* of CLOCK_MONOTONIC */
	uint64_t seed;
	/* Under the lock. */
	struct rp_debuginfod_job queue[QUEUE];	/* the first nr */
	unsigned int nr;
	struct rp_build_id arrived[QUEUE];
	unsigned int nr_arrived;
	struct answer answers[ANSWERS];
	struct rp_debug_fetcher_stats stats;
	bool stopping, busy;
};

static bool stops(void *arg)
{
	struct rp_debug_fetcher *f = arg;
	bool stopping;

	pthread_mutex_lock(&f->lock);
	stopping = f->stopping;
	pthread_mutex_unlock(&f->lock);
	return stopping;
}

/* ---- under the lock ---------------------------------------------------------- */

static struct answer *answer_of(struct rp_debug_fetcher *f, const struct rp_build_id *id)
{
	return &f->answers[rp_hash_bytes(f->seed, id->bytes, id->size) & (ANSWERS - 1)];
}

static struct rp_debuginfod_job *find(struct rp_debug_fetcher *f, const struct rp_build_id *id)
{
	unsigned int i;

	for (i = 0; i < f->nr; i++)
		if (rp_build_id_equal(&f->queue[i].id, id))
			return &f->queue[i];
	return NULL;
}

static void remove_job(struct rp_debug_fetcher *f, struct rp_debuginfod_job *job)
{
	size_t behind = (size_t)(f->queue + f->nr - (job + 1));

	memmove(job, job + 1, behind * sizeof(*job));
	f->nr--;
}

/* The one that can be asked for first. *ret_ns: when. */
static struct rp_debuginfod_job *next_job(struct rp_debug_fetcher *f, uint64_t *ret_ns)
{
	struct rp_debuginfod_job *next = NULL;
	uint64_t ready;
	unsigned int i;

	*ret_ns = UINT64_MAX;
	for (i = 0; i < f->nr && f->nr_arrived < QUEUE; i++) {
		ready = rp_debuginfod_ready_ns(f->debuginfod, &f->queue[i]);
		if (next && ready >= *ret_ns)
			continue;
		next = &f->queue[i];
		*ret_ns = ready;
	}
	return next;
}

/* What became of a job, which is still queued. */
static void note(struct rp_debug_fetcher *f, const struct rp_debuginfod_job *done,
		 enum rp_debuginfod_answer answer)
{
	struct rp_debuginfod_job *job = find(f, &done->id);

	remove_job(f, job);
	if (answer == RP_DEBUGINFOD_LATER) {
		f->queue[f->nr++] = *done;
		return;
	}
	*answer_of(f, &done->id) = (struct answer){
		.id = done->id,
		.until_ns = rp_clock_ns(CLOCK_MONOTONIC) + RP_DEBUG_FETCHER_AGAIN_NS,
	};
	if (answer == RP_DEBUGINFOD_HERE)
		f->arrived[f->nr_arrived++] = done->id;
	else
		f->stats.nowhere++;
}

/* ---- the thread --------------------------------------------------------------- */

static void wait_until(struct rp_debug_fetcher *f, uint64_t ns)
{
	const struct timespec until = {
		.tv_sec = (time_t)(ns / 1000000000), .tv_nsec = (long)(ns % 1000000000),
	};

	if (ns == UINT64_MAX)
		pthread_cond_wait(&f->changed, &f->lock);
	else
		pthread_cond_timedwait(&f->changed, &f->lock, &until);
}

/* Unlocks meanwhile. */
static void do_job(struct rp_debug_fetcher *f, struct rp_debuginfod_job job)
{
	enum rp_debuginfod_answer answer;
	char why[RP_WHY_SIZE] = "";

	f->busy = true;
	pthread_mutex_unlock(&f->lock);
	answer = rp_debuginfod_get(f->debuginfod, &job, stops, f, why, sizeof(why));
	if (answer == RP_DEBUGINFOD_NONE) {
		char hex[RP_BUILD_ID_HEX];

		rp_log(RP_LOG_DEBUG, "no debug file of build id %s: %s",
		       rp_build_id_hex(&job.id, hex), why);
	}
	pthread_mutex_lock(&f->lock);
	f->busy = false;
	rp_debuginfod_stats(f->debuginfod, &f->stats.debuginfod);
	note(f, &job, answer);
	pthread_cond_broadcast(&f->changed);
}

static void *run(void *arg)
{
	struct rp_debug_fetcher *f = arg;
	struct rp_debuginfod_job *job;
	uint64_t ready, now, wait_ns;

	pthread_mutex_lock(&f->lock);
	while (!f->stopping) {
		job = next_job(f, &ready);
		now = rp_clock_ns(CLOCK_MONOTONIC);
		wait_ns = job && ready <= now ? rp_own_budget_wait(f->budget, RP_CPU_AHEAD) : 0;
		if (wait_ns)
			wait_until(f, wait_ns == RP_OWN_BUDGET_WAIT ? UINT64_MAX : now + wait_ns);
		else if (job && ready <= now)
			do_job(f, *job);
		else
			wait_until(f, ready);
	}
	pthread_mutex_unlock(&f->lock);
	return NULL;
}

/* ---- for callers -------------------------------------------------------------- */

static int start_thread(struct rp_debug_fetcher *f)
{
	pthread_condattr_t attr;
	int err;

	pthread_mutex_init(&f->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&f->changed, &attr);
	pthread_condattr_destroy(&attr);
	err = pthread_create(&f->thread, NULL, run, f);
	if (err) {
		pthread_cond_destroy(&f->changed);
		pthread_mutex_destroy(&f->lock);
	}
	return -err;
}

int rp_debug_fetcher_start(struct rp_debug_fetcher **ret, const struct rp_debuginfod_options *o,
			   char *why, size_t why_size)
{
	struct rp_debug_fetcher *f = calloc(1, sizeof(*f));
	struct rp_debuginfod_options again = *o;
	int err;

	if (!f) {
		rp_why(why, why_size, "no memory for debuginfod");
		return -ENOMEM;
	}
	f->seed = rp_hash_seed();
	again.once = false;
	f->budget = o->budget;
	err = rp_debuginfod_open(&f->debuginfod, &again, why, why_size);
	if (!err) {
		err = start_thread(f);
		if (err)
			rp_why(why, why_size, "cannot start a thread for debuginfod: %s",
			       strerror(-err));
	}
	if (err) {
		rp_debuginfod_close(f->debuginfod);
		free(f);
		return err;
	}
	*ret = f;
	return 0;
}

void rp_debug_fetcher_stop(struct rp_debug_fetcher *f)
{
	if (!f)
		return;
	pthread_mutex_lock(&f->lock);
	f->stopping = true;
	pthread_cond_broadcast(&f->changed);
	pthread_mutex_unlock(&f->lock);
	rp_debuginfod_wake(f->debuginfod);
	pthread_join(f->thread, NULL);
	pthread_cond_destroy(&f->changed);
	pthread_mutex_destroy(&f->lock);
	rp_debuginfod_close(f->debuginfod);
	free(f);
}

void rp_debug_fetcher_wake(struct rp_debug_fetcher *f)
{
	pthread_mutex_lock(&f->lock);
	pthread_cond_broadcast(&f->changed);
	pthread_mutex_unlock(&f->lock);
}

const char *rp_debug_fetcher_folder(const struct rp_debug_fetcher *f)
{
	return rp_debuginfod_folder(f->debuginfod);
}

void rp_debug_fetcher_want(struct rp_debug_fetcher *f, const struct rp_build_id *id)
{
	const struct answer *answer;
	bool known;

	/* Its first byte names a folder, so one more is the least. */
	if (id->size < 2)
		return;
	pthread_mutex_lock(&f->lock);
	answer = answer_of(f, id);
	known = (answer->until_ns > rp_clock_ns(CLOCK_MONOTONIC) &&
		 rp_build_id_equal(&answer->id, id)) || find(f, id);
	if (!known && f->nr == QUEUE) {
		f->stats.forgotten++;
	} else if (!known) {
		f->queue[f->nr++] = (struct rp_debuginfod_job){ .id = *id };
		pthread_cond_broadcast(&f->changed);
	}
	pthread_mutex_unlock(&f->lock);
}

bool rp_debug_fetcher_arrived(struct rp_debug_fetcher *f, struct rp_build_id *ret)
{
	bool any;

	pthread_mutex_lock(&f->lock);
	any = f->nr_arrived;
	if (any) {
		*ret = f->arrived[--f->nr_arrived];
		pthread_cond_broadcast(&f->changed);
	}
	pthread_mutex_unlock(&f->lock);
	return any;
}

bool rp_debug_fetcher_wait(struct rp_debug_fetcher *f, uint64_t timeout_ns)
{
	uint64_t now, ready, until = rp_clock_ns(CLOCK_MONOTONIC) + timeout_ns;
	bool nothing;

	pthread_mutex_lock(&f->lock);
	for (;;) {
		now = rp_clock_ns(CLOCK_MONOTONIC);
		nothing = !f->busy && (!next_job(f, &ready) || ready > now);
		if (nothing || now >= until)
			break;
		wait_until(f, until);
	}
	pthread_mutex_unlock(&f->lock);
	return nothing;
}

void rp_debug_fetcher_stats(struct rp_debug_fetcher *f, struct rp_debug_fetcher_stats *ret)
{
	pthread_mutex_lock(&f->lock);
	*ret = f->stats;
	ret->waiting = f->nr;
	pthread_mutex_unlock(&f->lock);
}
