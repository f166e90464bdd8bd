// SPDX-License-Identifier: GPL-2.0
/*
 * The lock guards the set of files and the counters, and is never held while a file is
 * read, compiled or given to the module. A file that is BUSY is the thread's; others
 * leave all of it alone but its samples.
 */
#include "table_loader.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "jail.h"
#include "log.h"
#include "own_budget.h"
#include "table_file.h"
#include "why.h"

#define NICE 10
#define NS 1000000000ull
#define LOOK_NS NS		/* between two looks whether the limit has changed */

struct rp_table_loader {
	struct rp_table_loader_options options;
	struct rp_table_cache *cache;		/* the thread's; NULL: none */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct rp_table_files files;		/* under lock, as all below */
	struct rp_table_loader_stats stats;
	uint64_t evicted;			/* as the module said last */
	uint32_t limit_generation;		/* the same */
	uint64_t next_look;
	bool stopping;
};

/* ---- the module ----------------------------------------------------------- */

static int ask_module(struct rp_table_loader *l, struct rp_table_load *load)
{
	if (l->options.load)
		return l->options.load(l->options.arg, load);
	return ioctl(l->options.device, RP_IOC_TABLE, load) < 0 ? -errno : 0;
}

static bool has_table(struct rp_table_loader *l, const struct rp_table_file *file)
{
	struct rp_table_load load = { .file = file->id };

	return !ask_module(l, &load);
}

static uint32_t limit_generation(struct rp_table_loader *l)
{
	struct rp_query query = { 0 };

	if (l->options.limit_generation)
		return l->options.limit_generation(l->options.arg);
	if (l->options.load || ioctl(l->options.device, RP_IOC_QUERY, &query) < 0)
		return 0;
	return query.limit_generation;
}

/* An old module does not know the call, a machine may have no tables. */
static bool module_has_tables(struct rp_table_loader *l)
{
	struct rp_table_load load = { .file = { .kind = RP_FILE_VDSO } };
	int err = ask_module(l, &load);

	return !err || err == -ENOENT;
}

/* ---- the thread ----------------------------------------------------------- */

struct outcome {
	int err;
	bool compiled, refused;
	uint64_t bytes, evicted;
};

/* Without the lock. */
static struct outcome provide(struct rp_table_loader *l, const struct rp_table_file *file)
{
	static struct rp_log_limit full;
	const struct rp_table_maker how = {
		.cache = l->cache, .jail = l->options.jail, .proc = l->files.proc,
	};
	struct rp_table_load load = { .file = file->id };
	struct outcome o = { 0 };
	char why[RP_WHY_SIZE] = "";
	void *table = NULL;
	size_t size = 0;

	if (file->loaded_before && has_table(l, file))
		return o;
	o.err = rp_table_file_make(file, &how, &table, &size, &o.compiled, why, sizeof(why));
	if (o.err) {
		rp_log(RP_LOG_DEBUG, "no unwind table: %s", why);
		return o;
	}
	load.table = (uintptr_t)table;
	load.size = o.bytes = size;
	o.err = ask_module(l, &load);
	o.evicted = load.evicted;
	free(table);
	o.refused = o.err == -ENOSPC || o.err == -ENOMEM;
	if (o.refused)
		rp_log_limited(&full, RP_LOG_WARNING,
			       "the module has no room for the unwind table of %s (%" PRIu64
			       " bytes): raise [unwind] memory, or the module's parameter table_bytes",
			       file->path, o.bytes);
	else if (o.err)
		rp_log(RP_LOG_WARNING, "the module does not take the unwind table of %s: %s",
		       file->path, strerror(-o.err));
	return o;
}

/* All files that are in one state come into another one. */
static void move_all(struct rp_table_loader *l, enum rp_table_state from,
		     enum rp_table_state to)
{
	struct rp_table_file *file;
	size_t i;

	for (i = 0; i < sizeof(l->files.buckets) / sizeof(*l->files.buckets); i++)
		for (file = l->files.buckets[i]; file; file = file->next)
			if (file->state == from)
				rp_table_file_state(&l->files, file, to);
}

/* Any of the files may be the one that went: each is asked for when it is sampled. */
static void some_evicted(struct rp_table_loader *l, uint64_t evicted)
{
	l->stats.evicted += evicted - l->evicted;
	l->evicted = evicted;
	move_all(l, RP_TABLE_LOADED, RP_TABLE_UNSURE);
}

/*
 * A lower limit has evicted some, a higher one has room for what was refused: all are
 * offered as when they were new, also those in which no sample lies, for callers do.
 */
static void look_at_limit(struct rp_table_loader *l)
{
	uint64_t now = rp_clock_ns(CLOCK_MONOTONIC_COARSE);
	uint32_t generation;

	if (now < l->next_look)
		return;
	l->next_look = now + LOOK_NS;
	generation = limit_generation(l);
	if (generation == l->limit_generation)
		return;
	l->limit_generation = generation;
	move_all(l, RP_TABLE_LOADED, RP_TABLE_WAITING);
	move_all(l, RP_TABLE_UNSURE, RP_TABLE_WAITING);
	move_all(l, RP_TABLE_REFUSED, RP_TABLE_WAITING);
	pthread_cond_signal(&l->wake);
}

static void settle(struct rp_table_loader *l, struct rp_table_file *file,
		   const struct outcome *o)
{
	rp_table_file_close(&l->files, file);
	if (!o->err) {
		if (o->bytes > 0) {
			l->stats.loaded++;
			l->stats.compiled += o->compiled;
			l->stats.bytes += o->bytes;
			if (o->evicted != l->evicted)
				some_evicted(l, o->evicted);
		}
		file->loaded_before = true;
		rp_table_file_state(&l->files, file, RP_TABLE_LOADED);
		return;
	}
	if (o->refused)
		l->stats.refused++;
	else
		l->stats.missing++;
	/* A process that maps it later may know the way to one that is missing. */
	rp_table_file_state(&l->files, file, o->refused ? RP_TABLE_REFUSED :
			    o->err == -ENODATA ? RP_TABLE_NONE : RP_TABLE_MISSING);
}

/* Until then, or until it is to stop. Under the lock. */
static void rest(struct rp_table_loader *l, uint64_t until_ns)
{
	const struct timespec until = {
		.tv_sec = (time_t)(until_ns / NS), .tv_nsec = (long)(until_ns % NS),
	};

	while (!l->stopping && rp_clock_ns(CLOCK_MONOTONIC) < until_ns)
		pthread_cond_timedwait(&l->wake, &l->lock, &until);
}

/* This thread's, and what is done for it in the jail. */
static uint64_t cpu_used(struct rp_table_loader *l)
{
	struct rp_jail_stats jail = { 0 };

	if (l->options.jail)
		rp_jail_stats(l->options.jail, &jail);
	return rp_clock_ns(CLOCK_THREAD_CPUTIME_ID) + jail.cpu_ns[RP_JAIL_TABLE];
}

static void work(struct rp_table_loader *l, struct rp_table_file *file)
{
	uint64_t before = cpu_used(l), used;
	struct outcome o;

	rp_table_file_state(&l->files, file, RP_TABLE_BUSY);
	pthread_mutex_unlock(&l->lock);
	o = provide(l, file);
	used = cpu_used(l) - before;
	pthread_mutex_lock(&l->lock);
	settle(l, file, &o);
	l->stats.cpu_ns += used;
	if (l->cache)
		rp_table_cache_stats(l->cache, &l->stats.cache);
	if (l->options.cpu_percent)
		rest(l, rp_clock_ns(CLOCK_MONOTONIC) +
			used * (100 - l->options.cpu_percent) / l->options.cpu_percent);
}

/* For what the whole process may take. Under the lock. */
static void wait_for_budget(struct rp_table_loader *l, uint64_t wait_ns)
{
	if (wait_ns == RP_OWN_BUDGET_WAIT)
		pthread_cond_wait(&l->wake, &l->lock);
	else
		rest(l, rp_clock_ns(CLOCK_MONOTONIC) + wait_ns);
}

static void *run(void *arg)
{
	struct rp_table_loader *l = arg;
	struct rp_table_file *file;
	uint64_t wait_ns;

	if (l->options.cpu_percent)
		setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), NICE);
	pthread_mutex_lock(&l->lock);
	while (!l->stopping) {
		file = rp_table_files_next(&l->files);
		wait_ns = file ? rp_own_budget_wait(l->options.budget, RP_CPU_AHEAD) : 0;
		if (wait_ns)
			wait_for_budget(l, wait_ns);
		else if (file)
			work(l, file);
		else
			pthread_cond_wait(&l->wake, &l->lock);
	}
	pthread_mutex_unlock(&l->lock);
	return NULL;
}

/* ---- life ----------------------------------------------------------------- */

static int start_thread(struct rp_table_loader *l)
{
	pthread_condattr_t attr;
	int err;

	pthread_mutex_init(&l->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&l->wake, &attr);
	pthread_condattr_destroy(&attr);
	err = pthread_create(&l->thread, NULL, run, l);
	if (!err)
		return 0;
	pthread_cond_destroy(&l->wake);
	pthread_mutex_destroy(&l->lock);
	return -err;
}

static void free_loader(struct rp_table_loader *l)
{
	rp_table_cache_close(l->cache);
	rp_table_files_free(&l->files);
	free(l);
}

int rp_table_loader_start(struct rp_table_loader **ret,
			  const struct rp_table_loader_options *o, char *why,
			  size_t why_size)
{
	struct rp_table_loader *l = calloc(1, sizeof(*l));
	char warning[RP_WHY_SIZE];
	int err;

	if (!l) {
		rp_why(why, why_size, "there is no memory for unwind tables");
		return -ENOMEM;
	}
	l->options = *o;
	rp_table_files_init(&l->files, o->proc ? o->proc : "/proc");
	if (!module_has_tables(l)) {
		free_loader(l);
		rp_why(why, why_size,
		       "the module takes no unwind tables here: user stacks are walked by frame pointers");
		return -EOPNOTSUPP;
	}
	if (o->cache_folder &&
	    rp_table_cache_open(&l->cache, o->cache_folder, o->cache_bytes, warning,
				sizeof(warning)))
		rp_log(RP_LOG_WARNING, "%s; they are compiled again at each start", warning);
	err = start_thread(l);
	if (err) {
		free_loader(l);
		rp_why(why, why_size, "cannot start a thread for unwind tables: %s",
		       strerror(-err));
		return err;
	}
	*ret = l;
	return 0;
}

void rp_table_loader_stop(struct rp_table_loader *l)
{
	if (!l)
		return;
	pthread_mutex_lock(&l->lock);
	l->stopping = true;
	pthread_cond_broadcast(&l->wake);
	pthread_mutex_unlock(&l->lock);
	pthread_join(l->thread, NULL);
	pthread_cond_destroy(&l->wake);
	pthread_mutex_destroy(&l->lock);
	free_loader(l);
}

/* ---- what it is told ------------------------------------------------------ */

static void want(struct rp_table_loader *l, struct rp_table_file *file)
{
	rp_table_file_state(&l->files, file, RP_TABLE_WAITING);
	pthread_cond_signal(&l->wake);
}

static void note_one(struct rp_table_loader *l, const struct rp_mapped *m, uint32_t tgid)
{
	struct rp_table_file *file;
	struct rp_file_id id;

	if (!rp_table_file_id(m->file, &id))
		return;
	file = rp_table_files_find(&l->files, &id);
	if (!file) {
		file = rp_table_files_add(&l->files, &id, m, tgid);
		if (!file)
			return;
		pthread_cond_signal(&l->wake);
	} else if (file->state == RP_TABLE_MISSING && file->tgid != tgid &&
		   rp_table_file_place(file, m, tgid)) {
		rp_table_file_open(&l->files, file, m);
		want(l, file);
	} else if (file->state == RP_TABLE_UNSURE || file->state == RP_TABLE_LOADED ||
		   file->state == RP_TABLE_REFUSED) {
		/* Should it have to be compiled again, this process is there. */
		rp_table_file_place(file, m, tgid);
	}
	file->noted = ++l->files.notes;
}

void rp_table_loader_note(struct rp_table_loader *l, const struct rp_aspace *as,
			  const struct rp_maps *maps)
{
	uint32_t i;

	pthread_mutex_lock(&l->lock);
	for (i = 0; i < maps->nr; i++)
		note_one(l, &maps->map[i], as->id.tgid);
	pthread_mutex_unlock(&l->lock);
}

void rp_table_loader_sample(struct rp_table_loader *l, const struct rp_maps *maps,
			    uint64_t address)
{
	const struct rp_mapped *m = rp_maps_find(maps, address);
	struct rp_table_file *file;
	struct rp_file_id id;

	if (!m || !rp_table_file_id(m->file, &id))
		return;
	pthread_mutex_lock(&l->lock);
	look_at_limit(l);
	file = rp_table_files_find(&l->files, &id);
	if (file && file->state == RP_TABLE_UNSURE)
		want(l, file);
	if (file && file->state == RP_TABLE_WAITING)
		file->samples++;
	pthread_mutex_unlock(&l->lock);
}

void rp_table_loader_wake(struct rp_table_loader *l)
{
	pthread_mutex_lock(&l->lock);
	pthread_cond_signal(&l->wake);
	pthread_mutex_unlock(&l->lock);
}

void rp_table_loader_stats(struct rp_table_loader *l, struct rp_table_loader_stats *ret)
{
	pthread_mutex_lock(&l->lock);
	*ret = l->stats;
	ret->waiting = l->files.nr_waiting;
	pthread_mutex_unlock(&l->lock);
}

void rp_table_loader_log(struct rp_table_loader *l)
{
	struct rp_table_loader_stats s;

	rp_table_loader_stats(l, &s);
	rp_log(RP_LOG_INFO,
	       "unwind tables: loaded %" PRIu64 " (%" PRIu64 " compiled, %" PRIu64
	       " KiB), waiting %" PRIu64 ", files without one %" PRIu64 ", refused %" PRIu64
	       ", evicted %" PRIu64 "; %" PRIu64 " ms of CPU",
	       s.loaded, s.compiled, s.bytes >> 10, s.waiting, s.missing, s.refused,
	       s.evicted, s.cpu_ns / 1000000);
}
