// SPDX-License-Identifier: GPL-2.0
/*
 * One record, one place. That a record is malformed is counted and not said: whoever
 * prints the counts says it once, and not for each of a million.
 */
#include "collector.h"

#include <stdbool.h>

#include "clock.h"
#include "device.h"
#include "namer.h"
#include "table_loader.h"

/* Entries of the window that may be of before their mappings came: a ring's, and more. */
#define EARLY_MAX 4096

#define YOUNG_NS (10 * 1000000000ull)
#define YOUNG_MS 1000		/* from one reading to the next */

/* Every frame of it was left by a table, down to the root. */
static bool has_tables(const struct rp_sample *s)
{
	return s->user_stop == RP_STOP_ROOT && !(s->flags & RP_SAMPLE_FP_FRAMES);
}

/* The file of its leaf is one to have an unwind table of. */
static void want_table(struct rp_collector *c, const struct rp_aspace *as,
		       const struct rp_sample *s)
{
	rp_table_loader_sample(c->tables, rp_spaces_maps(c->spaces, as, s->map_gen),
			       s->addr[s->nr_kernel]);
}

static inline void tell_tables(struct rp_collector *c, const struct rp_aspace *as,
			       const struct rp_sample *s)
{
	if (c->tables && s->nr_user && !has_tables(s))
		want_table(c, as, s);
}

/* Its files are to be read while they are there. */
static void tell_namer(struct rp_collector *c, struct rp_aspace *as, uint32_t map_gen,
		       const uint64_t addr[], unsigned int nr)
{
	const struct rp_maps *maps = rp_spaces_maps(c->spaces, as, map_gen);

	if (!rp_namer_sampled(c->namer, as, maps, addr, nr))
		as->early = true;
}

static void tell_user(struct rp_collector *c, struct rp_aspace *as, const struct rp_sample *s)
{
	uint64_t addr[RP_DEPTH_MAX];
	unsigned int i;

	if (!c->namer || !s->nr_user)
		return;
	for (i = 0; i < s->nr_user; i++)
		addr[i] = s->addr[s->nr_kernel + i];
	tell_namer(c, as, s->map_gen, addr, s->nr_user);
}

/* Mappings came: what was sampled in them before is told now. */
static void tell_early(struct rp_collector *c, struct rp_aspace *as)
{
	uint64_t addr[RP_DEPTH_MAX], nr, back;
	const struct rp_window_entry *e, *entries = rp_window_entries(c->window, &nr);

	as->early = false;
	for (back = 1; back <= nr && back <= EARLY_MAX; back++) {
		e = &entries[nr - back];
		if (e->space == as && e->user_stack)
			tell_namer(c, as, e->map_gen, addr,
				   rp_window_stack(c->window, e->user_stack, addr));
	}
}

static void space(struct rp_collector *c, const struct rp_space *rec)
{
	struct rp_aspace *as;

	if (rp_spaces_add(c->spaces, rec))
		return;
	if (!(rec->flags & RP_SPACE_SAME))
		c->mapped_ns = rp_collector_clock();
	if (!c->namer)
		return;
	as = rp_spaces_find(c->spaces, &rec->space);
	if (as && as->early && rp_aspace_newest(as))
		tell_early(c, as);
}

static void new_sample(struct rp_collector *c, uint32_t cpu, const struct rp_sample *s)
{
	/* Kernel threads and idle tasks are the kernel's, whatever their numbers say. */
	static const struct rp_space_id kernel = { 0 };
	const uint32_t own = RP_SAMPLE_KTHREAD | RP_SAMPLE_IDLE_TASK;
	uint64_t before, after;
	struct rp_aspace *as;

	if (s->rec.size < sizeof(*s)) {
		rp_window_bad(c->window);
		return;
	}
	as = rp_spaces_get(c->spaces, s->flags & own ? &kernel : &s->space);
	if (!as) {
		rp_window_overflow(c->window, s);
		return;
	}
	rp_window_entries(c->window, &before);
	if (rp_window_add(c->window, as, cpu, s))
		return;
	tell_tables(c, as, s);
	/* Equal ones have one entry, of which the namer was told. */
	rp_window_entries(c->window, &after);
	if (after != before)
		tell_user(c, as, s);
}

/* Most are like one of the last second: there is little to do, and it is done first. */
static inline void sample(struct rp_collector *c, uint32_t cpu, const struct rp_sample *s)
{
	const struct rp_window_entry *e = rp_window_repeat(c->window, cpu, s);

	if (e)
		tell_tables(c, e->space, s);
	else
		new_sample(c, cpu, s);
}

static void state(struct rp_collector *c, const struct rp_state_rec *rec)
{
	if (rec->rec.size < sizeof(*rec))
		rp_window_bad(c->window);
	else if (c->state)
		c->state(c->arg, rec);
}

static void other(struct rp_collector *c, const struct rp_rec *rec)
{
	switch (rec->type) {
	case RP_REC_SPACE:
		space(c, (const struct rp_space *)rec);
		break;
	case RP_REC_EXIT:
		rp_spaces_exit(c->spaces, (const struct rp_exit *)rec);
		break;
	case RP_REC_LOST:
		rp_window_lost(c->window, (const struct rp_lost *)rec);
		break;
	case RP_REC_STATE:
		state(c, (const struct rp_state_rec *)rec);
		break;
	}
}

static inline void record(struct rp_collector *c, uint32_t cpu, const struct rp_rec *rec)
{
	if (rec->type == RP_REC_SAMPLE)
		sample(c, cpu, (const struct rp_sample *)rec);
	else
		other(c, rec);
}

int rp_collector_records(void *collector, uint32_t cpu, struct rp_device_records *records)
{
	struct rp_collector *c = collector;
	const struct rp_rec *rec;

	while ((rec = rp_device_next(records)))
		record(c, cpu, rec);
	return 0;
}

void rp_collector_record(struct rp_collector *c, uint32_t cpu, const struct rp_rec *rec)
{
	record(c, cpu, rec);
}

uint64_t rp_collector_clock(void)
{
	return rp_clock_ns(CLOCK_MONOTONIC_COARSE);
}

int rp_collector_wait(const struct rp_collector *c, uint64_t now_ns, int wait_ms)
{
	if (!c->mapped_ns || now_ns - c->mapped_ns >= YOUNG_NS)
		return wait_ms;
	return wait_ms >= 0 && wait_ms < YOUNG_MS ? wait_ms : YOUNG_MS;
}
