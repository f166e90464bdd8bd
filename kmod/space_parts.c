// SPDX-License-Identifier: GPL-2.0
/*
 * space_parts.c - Context: the worker, and when it has been cancelled.
 */
#include <linux/slab.h>

#include "compat/compat.h"
#include "session.h"
#include "space_parts.h"

void rp_space_parts_free(struct list_head *parts)
{
	struct rp_space_part *part, *next;

	list_for_each_entry_safe(part, next, parts, list) {
		list_del(&part->list);
		kfree(part);
	}
}

static bool put_part(struct rp_session *session, struct rp_space_part *part)
{
	bool last = !(part->space.flags & RP_SPACE_MORE);
	bool done = false, wake = false;
	struct rp_cpu *c;

	preempt_disable();
	c = rp_session_cpu(session, smp_processor_id());
	if (c)
		done = rp_ring_put(&c->ring, &part->space, part->space.rec.size, &wake);
	if (done && last)
		c->counts.counters[RP_COUNTER_SPACE_WRITTEN]++;
	preempt_enable();
	if (wake || (done && last && session->setup_flags & RP_SETUP_WAKE_SPACE))
		rp_session_wake_reader(session);
	return done;
}

bool rp_space_parts_put(struct rp_session *session)
{
	struct rp_spaces *spaces = &session->spaces;
	struct rp_space_part *part, *next;

	list_for_each_entry_safe(part, next, &spaces->pending, list) {
		if (!put_part(session, part))
			return false;
		spaces->pending_bytes -= part->allocated;
		list_del(&part->list);
		kfree(part);
	}
	return true;
}
