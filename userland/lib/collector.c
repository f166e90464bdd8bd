// SPDX-License-Identifier: GPL-2.0
/*
 * One record, one place. That a record is malformed is counted and not said: whoever
 * prints the counts says it once, and not for each of a million.
 */
#include "collector.h"

#include <stdbool.h>

#include "table_loader.h"

/* Every frame of it was left by a table, down to the root. */
static bool has_tables(const struct rp_sample *s)
{
	return s->user_stop == RP_STOP_ROOT && !(s->flags & RP_SAMPLE_FP_FRAMES);
}

/* The file of its leaf is one to have an unwind table of. */
static void tell_tables(struct rp_collector *c, const struct rp_aspace *as,
			const struct rp_sample *s)
{
	if (c->tables && s->nr_user && !has_tables(s))
		rp_table_loader_sample(c->tables, rp_spaces_maps(c->spaces, as, s->map_gen),
				       s->addr[s->nr_kernel]);
}

static void sample(struct rp_collector *c, uint32_t cpu, const struct rp_sample *s)
{
	/* Kernel threads and idle tasks are the kernel's, whatever their numbers say. */
	static const struct rp_space_id kernel = { 0 };
	const uint32_t own = RP_SAMPLE_KTHREAD | RP_SAMPLE_IDLE_TASK;
	struct rp_aspace *as;

	if (s->rec.size < sizeof(*s)) {
		rp_window_bad(c->window);
		return;
	}
	as = rp_spaces_get(c->spaces, s->flags & own ? &kernel : &s->space);
	if (!as)
		rp_window_overflow(c->window, s);
	else if (!rp_window_add(c->window, as, cpu, s))
		tell_tables(c, as, s);
}

static void state(struct rp_collector *c, const struct rp_state_rec *rec)
{
	if (rec->rec.size < sizeof(*rec))
		rp_window_bad(c->window);
	else if (c->state)
		c->state(c->arg, rec);
}

int rp_collector_record(void *collector, uint32_t cpu, const struct rp_rec *rec)
{
	struct rp_collector *c = collector;

	switch (rec->type) {
	case RP_REC_SAMPLE:
		sample(c, cpu, (const struct rp_sample *)rec);
		break;
	case RP_REC_SPACE:
		rp_spaces_add(c->spaces, (const struct rp_space *)rec);
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
	return 0;
}
