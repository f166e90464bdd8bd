/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Table loader: sees to it that the module has the unwind tables of the files that are
 * sampled. It is told of each address space's mappings and of the samples; a thread of
 * its own compiles what is missing (unwind_compile.h), or takes it out of the cache
 * (table_cache.h), and gives it to the session.
 *
 * Order   The file in which most samples lay comes first.
 * Budget  The thread's CPU time is kept below a share of one CPU: after each file it
 *	   rests for as long as that takes. With a budget it also stands behind everybody
 *	   else; without one, not: whoever has all CPUs busy is to be seen whole soon. Each file
 *	   is ahead of need to the process's own budget (own_budget.h), which it waits for.
 * Files   Each once, however many processes have mapped it. One that is to be had only
 *	   while its process lives (deleted, replaced, in another mount namespace) is
 *	   opened at once; of such no more than 64 wait.
 * Evicted The module may drop a table that is not used. It is loaded again when a sample
 *	   lies in its file.
 * Limit   When it has been changed, which is found out with some sample within a second,
 *	   all tables are offered again that the module has not, or had no room for.
 * Threads note(), sample() and stats() are for one thread, which never waits for a file
 *	   being compiled.
 */
#ifndef RP_TABLE_LOADER_H
#define RP_TABLE_LOADER_H

#include <stddef.h>
#include <stdint.h>

#include "spaces.h"
#include "table_cache.h"

struct rp_own_budget;
struct rp_table_loader;

struct rp_table_loader_options {
	int device;			/* of the session, for RP_IOC_TABLE */
	const char *cache_folder;	/* NULL: tables are not kept */
	uint64_t cache_bytes;		/* 0: no limit */
	uint32_t cpu_percent;		/* of one CPU, 1 to 100; 0: no limit */
	struct rp_own_budget *budget;	/* NULL: none */
	const char *proc;		/* NULL: "/proc" */
	struct rp_jail *jail;		/* where files are parsed; NULL: in this process */
	/* Instead of the ioctl, for tests: 0 or -errno. */
	int (*load)(void *arg, struct rp_table_load *load);
	/* And of RP_IOC_QUERY's limit_generation. */
	uint32_t (*limit_generation)(void *arg);
	void *arg;
};

struct rp_table_loader_stats {
	uint64_t loaded;		/* tables, again after an eviction included */
	uint64_t compiled;		/* of them; the others were in the cache */
	uint64_t bytes;			/* of what was loaded */
	uint64_t waiting;		/* files */
	uint64_t missing;		/* files that no table could be had of */
	uint64_t refused;		/* tables that the module had no room for */
	uint64_t evicted;		/* by the module */
	uint64_t cpu_ns;		/* the thread's */
	struct rp_table_cache_stats cache;
};

/*
 * 0; -EOPNOTSUPP: this module, or this machine, has no tables; otherwise -errno. A
 * sentence in why. A cache that cannot be had is a warning in the log.
 */
int rp_table_loader_start(struct rp_table_loader **ret,
			  const struct rp_table_loader_options *o, char *why,
			  size_t why_size);
/* Waits for the file in hand. NULL is fine. */
void rp_table_loader_stop(struct rp_table_loader *l);

/* For rp_spaces_options.mapped. */
void rp_table_loader_note(struct rp_table_loader *l, const struct rp_aspace *as,
			  const struct rp_maps *maps);
/* A user address of a sample, in these mappings (which may be NULL). */
void rp_table_loader_sample(struct rp_table_loader *l, const struct rp_maps *maps,
			    uint64_t address);

/* Its budget may have room again (RP_OWN_BUDGET_WAIT). */
void rp_table_loader_wake(struct rp_table_loader *l);

void rp_table_loader_stats(struct rp_table_loader *l, struct rp_table_loader_stats *ret);
/* One line of them. */
void rp_table_loader_log(struct rp_table_loader *l);

#endif
