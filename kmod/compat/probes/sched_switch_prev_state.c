// SPDX-License-Identifier: GPL-2.0
/* The tracepoint sched_switch also says in what state the previous task was left. */
#include <trace/events/sched.h>

static void switching(void *data, bool preempt, struct task_struct *prev,
		      struct task_struct *next, unsigned int prev_state)
{
}

void probe(void);
void probe(void)
{
	register_trace_sched_switch(switching, NULL);
}
