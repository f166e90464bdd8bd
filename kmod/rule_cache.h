/* SPDX-License-Identifier: GPL-2.0 */
/*
 * rule_cache.h - the rules that one CPU's samples looked up last. Stacks have most of their
 * places in common with the ones before them, and a place that is found here costs one
 * line of memory, where looking it up in its table costs several, and a search.
 * A place that is not found here takes the room of another one.
 *
 * The rules are copies, so that nothing here leads to a table's memory. A table's address
 * may become another one's when it has been freed; so all of them are forgotten when any
 * table has gone (rp_tables.gone), which is seldom.
 *
 * Contexts: the sample path, one sample of a CPU at a time, under rcu_read_lock.
 */
#ifndef RP_KMOD_RULE_CACHE_H
#define RP_KMOD_RULE_CACHE_H

#include <linux/compiler.h>
#include <linux/string.h>
#include <linux/types.h>
#include "compat/atomic.h"
#include "table.h"

#ifdef RP_TABLES
#define RP_RULE_CACHE_SIZE 256u
#else
#define RP_RULE_CACHE_SIZE 1u	/* on machines without tables nothing is looked up */
#endif

struct rp_cached_rule {
	u64 place;
	const struct rp_unwind_table *table;	/* whose rule it is; NULL: free */
	struct rp_unwind_rule rule;
} __aligned(64);			/* in one line of memory, on most machines */

struct rp_rule_cache {
	struct rp_cached_rule rules[RP_RULE_CACHE_SIZE];	/* first: found by one addition */
	u32 gone;			/* tables->gone, as it was when this was filled */
};

/* Once a sample, before it looks for tables. */
static inline void rp_rule_cache_begin(struct rp_rule_cache *cache, struct rp_tables *tables)
{
	/* Pairs with the release in take_from_samples: who sees it finds that table no more. */
	u32 gone = smp_load_acquire(&tables->gone);

	if (likely(gone == cache->gone))
		return;
	memset(cache->rules, 0, sizeof(cache->rules));
	cache->gone = gone;
}

static noinline void rp_rule_cache_fill(struct rp_cached_rule *cached,
					const struct rp_unwind_table *table, u64 place)
{
	cached->place = place;
	cached->table = table;
	cached->rule = *rp_unwind_find(table, place);
}

static __always_inline const struct rp_unwind_rule *
rp_rule_cache_find(struct rp_rule_cache *cache, const struct rp_unwind_table *table,
		   u64 place)
{
	struct rp_cached_rule *cached = &cache->rules[place % RP_RULE_CACHE_SIZE];

	if (unlikely(cached->place != place || cached->table != table))
		rp_rule_cache_fill(cached, table, place);
	return &cached->rule;
}

#endif
