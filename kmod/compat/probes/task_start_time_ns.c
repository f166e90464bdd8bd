// SPDX-License-Identifier: GPL-2.0
/* A task's start is a number of nanoseconds; before 3.17 a struct timespec. */
#include <linux/sched.h>

u64 probe(struct task_struct *task);
u64 probe(struct task_struct *task)
{
	return task->start_time;
}
