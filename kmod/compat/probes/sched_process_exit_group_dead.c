// SPDX-License-Identifier: GPL-2.0
/* The tracepoint sched_process_exit also says whether the group is dead. */
#include <trace/events/sched.h>

static void exiting(void *data, struct task_struct *task, bool group_dead) { }

void probe(void);
void probe(void)
{
	register_trace_sched_process_exit(exiting, NULL);
}
