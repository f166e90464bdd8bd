/* SPDX-License-Identifier: GPL-2.0 */
/* What pipeline*.c share. Private to them. */
#ifndef RP_PIPELINE_PRIVATE_H
#define RP_PIPELINE_PRIVATE_H

#include "archive.h"
#include "debug_fetcher.h"
#include "exporter.h"
#include "namer.h"
#include "own_budget.h"
#include "pipeline.h"
#include "process.h"
#include "window_need.h"

/* What the daemon itself takes. */
struct rp_pipeline_own {
	uint64_t apart;			/* bytes of memory that do not count */
	uint64_t looked_ns;		/* at memory, last */
	size_t window_bytes;		/* then */
	bool short_of_memory;
	uint64_t short_ns;		/* when it was found so last */
	bool put_off_said;
	uint64_t put_off;		/* addresses, when the window before was closed */
	uint64_t early;			/* windows that were closed early */
	struct rp_window_need need;	/* of memory, to finish one */
	uint64_t before, most;		/* bytes, of the one that is being finished */
	uint64_t used_ns, passed_ns;	/* as of then */
};

struct rp_pipeline {
	const struct rp_config *config;
	struct rp_processes processes;
	struct rp_spaces *spaces;
	struct rp_window *window;
	struct rp_jail *jail;		/* where profiled processes' files are parsed */
	struct rp_jail *lines_jail;	/* their debugging data; NULL: nobody wants those */
	struct rp_own_budget *budget;	/* what all this may take */
	struct rp_namer *namer;
	const char *debug_dirs[RP_CONFIG_LIST_MAX + 3];	/* the last is NULL */
	struct rp_debug_fetcher *fetcher;	/* NULL: nobody is asked */
	struct rp_collector collector;
	struct rp_archive *archive;	/* NULL: no files are written */
	struct rp_exporter *exporter;	/* NULL: nothing is sent */
	struct rp_pipeline_totals totals;	/* without the open window */
	uint64_t begin_wall, begin_mono;
	bool problem_said, debug_problem_said;
	struct rp_pipeline_own own;
};

/* Of symbol tables. */
#define RP_PIPELINE_SYMBOLS ((size_t)12 << 20)

/* 0 or -ENOMEM. The jails are there. */
int rp_pipeline_budget_open(struct rp_pipeline *p);
/* A window was closed: says what was put off in it. */
void rp_pipeline_budget_warn(struct rp_pipeline *p);
void rp_pipeline_log_budget(struct rp_pipeline *p);
/*
 * What it takes of memory to finish a window: begin before it, look where it may be most, end
 * while the window is there.
 */
void rp_pipeline_need_begin(struct rp_pipeline *p);
void rp_pipeline_need_look(struct rp_pipeline *p);
void rp_pipeline_need_end(struct rp_pipeline *p);

/* In the log: what was written, and what was sent. */
void rp_pipeline_log_archive(struct rp_pipeline *p);
void rp_pipeline_log_exports(const struct rp_exporter_stats *s);

#endif
