// SPDX-License-Identifier: GPL-2.0
/* The tracepoint sched_switch says whether the previous task was preempted. */
#include <trace/events/sched.h>

static void switching(void *data, bool preempt, struct task_struct *prev,
		      struct task_struct *next)
{
}

void probe(void);
void probe(void)
{
	register_trace_sched_switch(switching, NULL);
}
