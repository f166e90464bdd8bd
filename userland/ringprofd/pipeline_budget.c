// SPDX-License-Identifier: GPL-2.0
/*
 * What the daemon itself may take ([budget]). Of CPU time all ask who do what can wait
 * (own_budget.h); here it is said what that has come to. Memory is looked at here: what is
 * cheapest to have again goes first, then nothing more is compiled, and what is then too much
 * is the window, which is finished as it is.
 */
#include "pipeline_private.h"

#include <errno.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>

#include "clock.h"
#include "daemon.h"
#include "jail.h"
#include "log.h"
#include "notify.h"
#include "table_loader.h"

/* Of symbol tables, while there is not enough memory. */
#define SYMBOLS_SHORT	(RP_PIPELINE_SYMBOLS / 4)

/*
 * Between two looks at memory, while there is not enough and while there is. A look takes as
 * long as to read some dozens of samples. What may grow fast is the window, of which it is
 * known how large it is: when it has grown by this part of the limit, there is one at once.
 */
#define LOOK_SHORT_NS	1000000000ull
#define LOOK_NS	(10 * LOOK_SHORT_NS)
#define LOOK_PART	32
#define SHORT_NS	(60 * LOOK_SHORT_NS)	/* for which it has to be enough, to be so again */

int rp_pipeline_budget_open(struct rp_pipeline *p)
{
	const struct rp_own_budget_options o = {
		.cpu_percent = p->config->budget.cpu_percent,
		.jails = { p->jail, p->lines_jail },
	};

	p->budget = rp_own_budget_new(&o);
	return p->budget ? 0 : -ENOMEM;
}

void rp_pipeline_budget_begin(struct rp_pipeline *p, uint64_t apart_bytes)
{
	p->own.apart = apart_bytes;
}

/* ---- CPU time ------------------------------------------------------------------------- */

/* When it begins, and when a window is whole again. */
void rp_pipeline_budget_warn(struct rp_pipeline *p)
{
	struct rp_pipeline_own *own = &p->own;
	struct rp_own_budget_stats s;
	struct rp_namer_stats names;
	uint64_t passed, put_off;

	rp_namer_stats(p->namer, &names);
	rp_own_budget_stats(p->budget, &s);
	put_off = names.put_off - own->put_off;
	passed = s.passed_ns > own->passed_ns ? s.passed_ns - own->passed_ns : 1;
	if (put_off && !own->put_off_said)
		rp_log(RP_LOG_WARNING,
		       "%" PRIu64 " addresses of this window have no names yet: reading symbols waits for CPU time (the daemon took %.1f %% of a CPU, [budget] cpu is %" PRIu32 " %%)",
		       put_off, 100.0 * (double)(s.used_ns - own->used_ns) / (double)passed,
		       p->config->budget.cpu_percent);
	else if (!put_off && own->put_off_said)
		rp_log(RP_LOG_INFO, "all that was sampled in this window has its names again");
	own->put_off_said = put_off;
	own->put_off = names.put_off;
	own->used_ns = s.used_ns;
	own->passed_ns = s.passed_ns;
}

/* ---- memory --------------------------------------------------------------------------- */

static uint64_t taken(const struct rp_pipeline *p)
{
	uint64_t bytes = rp_own_budget_memory(p->budget);

	return bytes > p->own.apart ? bytes - p->own.apart : 0;
}

/* There is no gain in an end of what is small. */
static bool window_is_large(const struct rp_pipeline *p)
{
	return rp_window_totals(p->window)->records &&
	       rp_window_bytes(p->window) > p->config->budget.memory_bytes / 8;
}

/* With what naming and writing the window will take. */
static uint64_t needed(const struct rp_pipeline *p)
{
	return taken(p) + (window_is_large(p) ?
			   rp_window_need(&p->own.need, rp_window_bytes(p->window)) : 0);
}

void rp_pipeline_need_begin(struct rp_pipeline *p)
{
	p->own.before = p->own.most = 0;
	/* Of a small one, most is what is read once and kept. */
	if (p->config->budget.memory_bytes && window_is_large(p))
		p->own.before = p->own.most = taken(p);
}

void rp_pipeline_need_look(struct rp_pipeline *p)
{
	uint64_t now = p->own.before ? taken(p) : 0;

	if (now > p->own.most)
		p->own.most = now;
}

void rp_pipeline_need_end(struct rp_pipeline *p)
{
	rp_pipeline_need_look(p);
	if (!p->own.before)
		return;
	rp_window_need_learn(&p->own.need, rp_window_bytes(p->window),
			     p->own.most - p->own.before);
	rp_log(RP_LOG_DEBUG, "to finish a window of %zu KiB took %" PRIu64 " KiB of memory",
	       rp_window_bytes(p->window) >> 10, (p->own.most - p->own.before) >> 10);
}

/* Symbols that are needed are read again; a jail that is not busy is started again. */
static void drop_caches(struct rp_pipeline *p)
{
	rp_namer_save_memory(p->namer, 0);
	rp_namer_save_memory(p->namer, SYMBOLS_SHORT);
	rp_jail_rest(p->jail);
	rp_jail_rest(p->lines_jail);
#ifdef __GLIBC__
	malloc_trim(0);
#endif
}

static void set_short(struct rp_pipeline *p, bool is_short)
{
	p->own.short_of_memory = is_short;
	rp_own_budget_hold(p->budget, is_short);
	if (is_short)
		return;
	rp_namer_save_memory(p->namer, RP_PIPELINE_SYMBOLS);
	if (p->collector.tables)
		rp_table_loader_wake(p->collector.tables);
	if (p->fetcher)
		rp_debug_fetcher_wake(p->fetcher);
}

static void say_short(const struct rp_pipeline *p, uint64_t before, uint64_t now)
{
	const uint64_t limit = p->config->budget.memory_bytes;

	if (p->own.short_of_memory)
		rp_log(RP_LOG_WARNING,
		       "the daemon needs %" PRIu64 " MiB of memory, [budget] memory is %" PRIu64
		       " MiB: caches are dropped (%" PRIu64 " MiB are left), no tables are compiled, and windows end early if need be",
		       before >> 20, limit >> 20, now >> 20);
	else
		rp_log(RP_LOG_INFO, "the daemon needs %" PRIu64 " MiB of memory, within its limit again",
		       now >> 20);
	rp_notify(p->own.short_of_memory ? "STATUS=short of memory ([budget] memory)" :
		  "STATUS=" RP_DAEMON_SAMPLING);
}

/* Is it time for a look at memory? */
static bool is_due(struct rp_pipeline *p, uint64_t now)
{
	struct rp_pipeline_own *own = &p->own;
	size_t window = rp_window_bytes(p->window);

	if (now - own->looked_ns < (own->short_of_memory ? LOOK_SHORT_NS : LOOK_NS) &&
	    window < own->window_bytes + p->config->budget.memory_bytes / LOOK_PART)
		return false;
	own->looked_ns = now;
	own->window_bytes = window;
	return true;
}

bool rp_pipeline_tend(struct rp_pipeline *p)
{
	const uint64_t limit = p->config->budget.memory_bytes;
	uint64_t now, before, after;

	if (!limit)
		return false;
	now = rp_clock_ns(CLOCK_MONOTONIC_COARSE);
	if (!is_due(p, now))
		return false;
	before = after = needed(p);
	if (p->own.short_of_memory && before <= limit / 8 * 7 &&
	    now - p->own.short_ns >= SHORT_NS) {
		set_short(p, false);
		say_short(p, before, after);
	}
	if (before <= limit)
		return false;
	p->own.short_ns = now;
	drop_caches(p);
	after = needed(p);
	if (!p->own.short_of_memory) {
		set_short(p, true);
		say_short(p, before, after);
	}
	if (after <= limit || !window_is_large(p))
		return false;
	rp_log(RP_LOG_DEBUG, "the window ends early: %" PRIu64 " MiB", after >> 20);
	p->own.early++;
	return true;
}

void rp_pipeline_log_budget(struct rp_pipeline *p)
{
	struct rp_own_budget_stats s;
	struct rp_namer_stats names;

	rp_own_budget_stats(p->budget, &s);
	rp_namer_stats(p->namer, &names);
	rp_log(RP_LOG_INFO,
	       "budget: %" PRIu64 " ms of CPU time in %" PRIu64 " s, %" PRIu64
	       " times something waited for some, %" PRIu64
	       " addresses were left without names for that, and the code of %" PRIu64
	       " processes that ended was not read; %" PRIu64 " KiB of memory, %" PRIu64
	       " windows ended early",
	       s.used_ns / 1000000, s.passed_ns / 1000000000,
	       s.waited[RP_CPU_AHEAD] + s.waited[RP_CPU_NOW], names.put_off,
	       names.jit.unread, taken(p) >> 10, p->own.early);
}
