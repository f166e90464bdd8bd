// SPDX-License-Identifier: GPL-2.0
/*
 * session_counts.c - Context: task context.
 */
#include <linux/preempt.h>
#include <linux/smp.h>
#include <linux/string.h>

#include "session.h"

void rp_session_count(struct rp_session *session, enum rp_counter counter)
{
	struct rp_cpu *c;

	preempt_disable();
	c = rp_session_cpu(session, smp_processor_id());
	if (c)
		c->counts.counters[counter]++;
	preempt_enable();
}

void rp_session_counts(struct rp_session *session, struct rp_cpu_counts *ret)
{
	struct rp_cpu_counts counts;
	unsigned int cpu;

	lockdep_assert_held(&rp_sessions_lock);
	memset(ret, 0, sizeof(*ret));
	for (cpu = 0; cpu < nr_cpu_ids; cpu++) {
		struct rp_cpu *c = rp_session_cpu(session, cpu);

		if (!c)
			continue;
		rp_cpu_snapshot(c, &counts);
		rp_counts_add(ret, &counts);
	}
}
