// SPDX-License-Identifier: GPL-2.0
/*
 * Naming takes as long as it takes (a first window reads every executable's symbols)
 * and happens where the rings are read: they are made to hold what comes meanwhile.
 * The network is not, so it has a thread (exporter.h).
 */
#include "pipeline_private.h"

#include <errno.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "debug_file.h"
#include "debug_info.h"
#include "jail_places.h"
#include "log.h"
#include "pprof_write.h"
#include "publish.h"
#include "table_loader.h"

/* ---- open and close ----------------------------------------------------- */

static int open_outputs(struct rp_pipeline *p, char *why, size_t why_size)
{
	const struct rp_config *c = p->config;
	const struct rp_archive_limits limits = {
		.files = c->output.keep_files, .bytes = c->output.keep_bytes,
		.age_ns = c->output.keep_age_ns,
	};
	int err = 0;

	if (c->output.directory)
		err = rp_archive_open(&p->archive, c->output.directory, &limits, why,
				      why_size);
	if (!err && c->export.url)
		err = rp_exporter_start(&p->exporter, c, why, why_size);
	return err;
}

static void space_appeared(void *arg, struct rp_aspace *as)
{
	struct rp_pipeline *p = arg;

	rp_process_appeared(&p->processes, as);
}

/* The process is there now: it may not be when its samples are named. */
static void space_mapped(void *arg, struct rp_aspace *as, const struct rp_maps *maps)
{
	struct rp_pipeline *p = arg;

	rp_process_seen(&p->processes, as);
	rp_namer_note(p->namer, as, maps);
	if (p->collector.tables)
		rp_table_loader_note(p->collector.tables, as, maps);
}

static void space_exited(void *arg, struct rp_aspace *as)
{
	struct rp_pipeline *p = arg;

	rp_namer_exited(p->namer, as);
}

static void space_dropped(void *arg, struct rp_aspace *as)
{
	struct rp_pipeline *p = arg;

	rp_process_dropped(&p->processes, as);
}

/* The default one, too: it is where a distribution's packages put theirs. */
static void set_debug_dirs(struct rp_pipeline *p)
{
	const struct rp_config_list *dirs = &p->config->symbols.debug_dirs;
	size_t i;

	for (i = 0; i < dirs->nr; i++)
		p->debug_dirs[i] = dirs->items[i];
	p->debug_dirs[i++] = RP_DEBUG_DIR;
	if (p->fetcher)
		p->debug_dirs[i] = rp_debug_fetcher_folder(p->fetcher);
}

static int open_fetcher(struct rp_pipeline *p, char *why, size_t why_size)
{
	const struct rp_config *c = p->config;
	const struct rp_debuginfod_options o = {
		.urls = (const char *const *)c->symbols.servers.items,
		.folder = c->symbols.server_directory,
		.cache_bytes = c->symbols.server_bytes,
		.file_bytes = c->symbols.server_file_bytes,
		.timeout_ns = c->symbols.server_timeout_ns,
		.jail = p->jail,
		.budget = p->budget,
	};

	return c->symbols.servers.nr ? rp_debug_fetcher_start(&p->fetcher, &o, why, why_size) : 0;
}

static void note_state(void *arg, const struct rp_state_rec *rec)
{
	static struct rp_log_limit limit;

	(void)arg;
	if (rec->state == RP_STATE_LIMITED)
		rp_log_limited(&limit, RP_LOG_WARNING,
			       "sampling has come to its share of CPU %" PRIu32
			       "'s time, and goes on there at %" PRIu64
			       " Hz: lower [sampling] frequency, or raise budget",
			       rec->cpu, (uint64_t)rec->value);
}

static int open_stages(struct rp_pipeline *p)
{
	int err = rp_processes_init(&p->processes, p->config);
	const struct rp_spaces_options spaces = {
		.sweep = !p->processes.blind,
		.appeared = space_appeared, .mapped = space_mapped,
		.exited = space_exited, .dropped = space_dropped, .arg = p,
	};
	const struct rp_namer_options namer = {
		.symbols_bytes = RP_PIPELINE_SYMBOLS,
		.blind = p->processes.blind,
		.labels = rp_process_labels, .arg = &p->processes, .jail = p->jail,
		.budget = p->budget,
		.lines_jail = p->lines_jail,
		.debug = (p->config->symbols.lines ? RP_DEBUG_LINES : 0) |
			 (p->config->symbols.inlines ? RP_DEBUG_INLINES : 0),
		.debug_dirs = p->debug_dirs, .fetcher = p->fetcher,
	};

	if (err)
		return err;
	set_debug_dirs(p);
	p->spaces = rp_spaces_new(&spaces);
	p->window = rp_window_new(0);
	p->namer = rp_namer_new(&namer);
	if (!p->spaces || !p->window || !p->namer)
		return -ENOMEM;
	p->collector = (struct rp_collector){
		.spaces = p->spaces, .window = p->window, .namer = p->namer,
		.state = note_state,
	};
	return 0;
}

static void free_pipeline(struct rp_pipeline *p)
{
	rp_namer_free(p->namer);
	rp_debug_fetcher_stop(p->fetcher);
	rp_jail_stop(p->jail);
	rp_jail_stop(p->lines_jail);
	if (p->window)
		rp_window_free(p->window);
	if (p->spaces)
		rp_spaces_free(p->spaces);
	rp_own_budget_free(p->budget);
	rp_processes_free(&p->processes);
	rp_archive_close(p->archive);
	free(p);
}

int rp_pipeline_open(struct rp_pipeline **ret, const struct rp_config *config, char *why,
		     size_t why_size)
{
	struct rp_pipeline *p = calloc(1, sizeof(*p));
	int err;

	if (!p) {
		snprintf(why, why_size, "cannot prepare the window: out of memory");
		return -ENOMEM;
	}
	p->config = config;
	err = rp_jail_start(&p->jail, NULL, why, why_size);
	if (!err && (config->symbols.lines || config->symbols.inlines))
		err = rp_jail_places_start(&p->lines_jail, why, why_size);
	if (!err) {
		err = rp_pipeline_budget_open(p);
		if (err)
			snprintf(why, why_size, "cannot prepare the window: out of memory");
	}
	if (!err)
		err = open_fetcher(p, why, why_size);
	if (!err) {
		err = open_stages(p);
		if (err)
			snprintf(why, why_size, "cannot prepare the window: %s",
				 strerror(-err));
	}
	if (!err)
		err = open_outputs(p, why, why_size);
	if (err) {
		free_pipeline(p);
		return err;
	}
	*ret = p;
	return 0;
}

void rp_pipeline_tables_begin(struct rp_pipeline *p, int device)
{
	const struct rp_table_loader_options o = {
		.device = device,
		.cache_folder = p->config->unwind.cache_directory,
		.cache_bytes = p->config->unwind.cache_bytes,
		.cpu_percent = p->config->unwind.cpu_percent,
		.budget = p->budget,
		.jail = p->jail,
	};
	char why[RP_WHY_SIZE];
	int err;

	rp_namer_device(p->namer, device);
	if (!p->config->unwind.memory_bytes)
		return;
	err = rp_table_loader_start(&p->collector.tables, &o, why, sizeof(why));
	if (err)
		rp_log(err == -EOPNOTSUPP ? RP_LOG_INFO : RP_LOG_WARNING, "%s", why);
}

void rp_pipeline_tables_end(struct rp_pipeline *p)
{
	if (p->collector.tables)
		rp_table_loader_log(p->collector.tables);
	rp_table_loader_stop(p->collector.tables);
	p->collector.tables = NULL;
}

void rp_pipeline_close(struct rp_pipeline *p, uint64_t timeout_ns)
{
	struct rp_exporter_stats s;

	rp_pipeline_log_archive(p);
	if (p->exporter) {
		rp_exporter_stop(p->exporter, timeout_ns, &s);
		rp_pipeline_log_exports(&s);
	}
	free_pipeline(p);
}

/* ---- a window ----------------------------------------------------------- */

struct rp_collector *rp_pipeline_collector(struct rp_pipeline *p)
{
	return &p->collector;
}

int rp_pipeline_read(struct rp_pipeline *p)
{
	return rp_collector_wait(&p->collector, rp_collector_clock(), rp_namer_read(p->namer));
}

int rp_pipeline_read_last(struct rp_pipeline *p)
{
	return rp_namer_read_last(p->namer);
}

void rp_pipeline_meanwhile(struct rp_pipeline *p, void (*call)(void *arg), void *arg)
{
	rp_namer_meanwhile(p->namer, call, arg);
}

void rp_pipeline_begin(struct rp_pipeline *p)
{
	p->begin_wall = rp_clock_ns(CLOCK_REALTIME);
	p->begin_mono = rp_clock_ns(CLOCK_MONOTONIC);
}

void rp_pipeline_totals(const struct rp_pipeline *p, struct rp_pipeline_totals *ret)
{
	const struct rp_window_totals *w = rp_window_totals(p->window);

	*ret = p->totals;
	ret->samples += w->count;
	ret->unstored += w->overflow_count + w->bad;
}

static void warn(struct rp_pipeline *p)
{
	const struct rp_window_totals *w = rp_window_totals(p->window);
	static struct rp_log_limit lost, overflow, bad;
	const char *problem = rp_namer_problem(p->namer);

	if (w->lost_count)
		rp_log_limited(&lost, RP_LOG_WARNING,
			       "%" PRIu64 " samples of this window were lost because a ring was full: raise [sampling] ring-size, or lower the frequency",
			       w->lost_count);
	if (w->overflow_count)
		rp_log_limited(&overflow, RP_LOG_WARNING,
			       "%" PRIu64 " samples of this window found no room in memory: shorten [window] length",
			       w->overflow_count);
	if (w->bad)
		rp_log_limited(&bad, RP_LOG_WARNING,
			       "%" PRIu64 " records were not well formed and were skipped",
			       w->bad);
	if (problem && !p->problem_said)
		rp_log(RP_LOG_WARNING, "%s", problem);
	p->problem_said = problem != NULL;
	problem = rp_namer_debug_problem(p->namer);
	if (problem && !p->debug_problem_said)
		rp_log(RP_LOG_WARNING, "%s", problem);
	p->debug_problem_said = problem != NULL;
	rp_pipeline_budget_warn(p);
}

/* What holds for the whole file, for those who look at it without the labels. */
static void add_comments(struct rp_pipeline *p, struct rp_profile *profile)
{
	const struct rp_attributes *host = &p->processes.host;
	char *text;
	size_t i;

	rp_profile_add_comment(profile, "ringprofd " RP_VERSION);
	for (i = 0; i < host->nr; i++) {
		if (asprintf(&text, "%s=%s", host->items[i].key, host->items[i].value) < 0)
			return;
		rp_profile_add_comment(profile, text);
		free(text);
	}
}

static void write_file(struct rp_pipeline *p, const struct rp_profile *profile)
{
	static struct rp_log_limit limit;
	char why[RP_WHY_SIZE];
	void *data = NULL;
	size_t len = 0;

	if (!p->archive)
		return;
	if (rp_pprof_write_mem(profile, &data, &len, why, sizeof(why))) {
		rp_log_limited(&limit, RP_LOG_ERROR, "a window is lost: %s", why);
		return;
	}
	rp_pipeline_need_look(p);
	rp_archive_add(p->archive, p->begin_wall, p->totals.windows, data, len);
	free(data);
}

static void send_parts(struct rp_pipeline *p, const struct rp_profile *profile)
{
	static struct rp_log_limit limit;
	unsigned int parcels;
	int err;

	if (!p->exporter)
		return;
	err = rp_publish(p->exporter, profile, &p->processes.keys,
			 p->config->sampling.frequency, &parcels);
	if (err)
		rp_log_limited(&limit, RP_LOG_ERROR,
			       "a window could not be prepared for sending: %s",
			       strerror(-err));
	rp_log(RP_LOG_DEBUG, "window %" PRIu64 ": %u profiles to send",
	       p->totals.windows, parcels);
}

static int make_profile(struct rp_pipeline *p, struct rp_profile *profile)
{
	uint64_t duration = rp_clock_ns(CLOCK_MONOTONIC) - p->begin_mono;
	int err;

	rp_processes_next_window(&p->processes);
	err = rp_namer_begin(profile, p->begin_wall, duration,
			     p->config->sampling.frequency);
	if (!err)
		err = rp_namer_close(p->namer, p->spaces, p->window, profile);
	if (!err)
		add_comments(p, profile);
	return err;
}

/*
 * What naming and writing took, and is free now, may lie between what is not. A little is kept
 * for the next window: to have it again takes a page fault for each page.
 */
static void give_back(void)
{
#ifdef __GLIBC__
#if __GLIBC_PREREQ(2, 33)
	if (mallinfo2().fordblks < RP_PIPELINE_KEEP)
		return;
#endif
	malloc_trim(0);
#endif
}

void rp_pipeline_finish(struct rp_pipeline *p)
{
	struct rp_profile *profile = rp_profile_new();
	uint64_t wall = rp_clock_ns(CLOCK_REALTIME), mono = rp_clock_ns(CLOCK_MONOTONIC);
	static struct rp_log_limit limit;
	int err;

	rp_pipeline_need_begin(p);
	err = profile ? make_profile(p, profile) : -ENOMEM;
	p->totals.windows++;
	if (err) {
		rp_log_limited(&limit, RP_LOG_ERROR, "a window is lost: %s",
			       strerror(-err));
	} else {
		rp_log(RP_LOG_DEBUG, "window %" PRIu64 ": %" PRIu64 " samples, named in %"
		       PRIu64 " ms", p->totals.windows,
		       rp_window_totals(p->window)->count,
		       (rp_clock_ns(CLOCK_MONOTONIC) - mono) / 1000000);
		write_file(p, profile);
		send_parts(p, profile);
	}
	rp_pipeline_need_end(p);
	warn(p);
	rp_profile_free(profile);
	rp_pipeline_totals(p, &p->totals);
	rp_window_reset(p->window);
	if (p->own.short_of_memory)
		rp_window_shrink(p->window);
	/* What waits to be read lies in what may go. */
	rp_namer_read_all(p->namer);
	rp_spaces_trim(p->spaces);
	give_back();
	/* What the rings took in while this went on belongs to the next one. */
	p->begin_wall = wall;
	p->begin_mono = mono;
}
