/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hotplug.h - callbacks for CPUs that come and go, one set of them for many instances,
 * as cpuhp has them since 4.9. Before, this makes them of a notifier.
 *
 * Contexts: task context. The callbacks run on their CPU, in task context, with no CPU
 * coming or going. Included by one file: it keeps the state.
 */
#ifndef RINGPROF_COMPAT_HOTPLUG_H
#define RINGPROF_COMPAT_HOTPLUG_H

#include <linux/cpu.h>
#include <linux/cpuhotplug.h>

#include "have.h"

#ifndef RP_HAVE_CPUS_READ_LOCK
#define cpus_read_lock() get_online_cpus()
#define cpus_read_unlock() put_online_cpus()
#endif

#ifndef RP_HAVE_CPUHP_MULTI_STATE
#include <linux/list.h>
#include <linux/notifier.h>
#include <linux/workqueue.h>

typedef int (*rp_cpuhp_callback)(unsigned int cpu, struct hlist_node *node);

/*
 * The list: a notifier runs while the CPUs are locked for writing, whoever changes it
 * holds that lock for reading, and the caller lets only one at a time do so.
 */
static struct {
	rp_cpuhp_callback starting, stopping;
	struct hlist_head instances;
} rp_cpuhp;

struct rp_cpuhp_call {
	rp_cpuhp_callback callback;
	unsigned int cpu;
	struct hlist_node *node;	/* NULL: for every instance */
};

static long rp_cpuhp_run_here(void *arg)
{
	struct rp_cpuhp_call *call = arg;
	struct hlist_node *node;

	if (call->node) {
		call->callback(call->cpu, call->node);
		return 0;
	}
	hlist_for_each(node, &rp_cpuhp.instances)
		call->callback(call->cpu, node);
	return 0;
}

static void rp_cpuhp_run(rp_cpuhp_callback callback, unsigned int cpu,
			 struct hlist_node *node)
{
	struct rp_cpuhp_call call = {
		.callback = callback,
		.cpu = cpu,
		.node = node,
	};

	work_on_cpu(cpu, rp_cpuhp_run_here, &call);
}

static void rp_cpuhp_run_everywhere(rp_cpuhp_callback callback, struct hlist_node *node)
{
	unsigned int cpu;

	for_each_online_cpu(cpu)
		rp_cpuhp_run(callback, cpu, node);
}

/*
 * At its priority, 0, this CPU's workers are there: workqueues take care of them
 * before that when it comes, after it when it goes.
 */
static int rp_cpuhp_notified(struct notifier_block *block, unsigned long action,
			     void *cpu)
{
	switch (action & ~CPU_TASKS_FROZEN) {
	case CPU_ONLINE:
	case CPU_DOWN_FAILED:
		rp_cpuhp_run(rp_cpuhp.starting, (unsigned long)cpu, NULL);
		break;
	case CPU_DOWN_PREPARE:
		rp_cpuhp_run(rp_cpuhp.stopping, (unsigned long)cpu, NULL);
		break;
	}
	return NOTIFY_OK;
}

static struct notifier_block rp_cpuhp_block = { .notifier_call = rp_cpuhp_notified };

/* What there is of these names on such kernels is not for modules. */
#define cpuhp_state rp_cpuhp_state
#define CPUHP_AP_ONLINE_DYN RP_CPUHP_ONLINE
#define cpuhp_setup_state_multi rp_cpuhp_setup_state_multi
#define cpuhp_remove_multi_state rp_cpuhp_remove_multi_state
#define cpuhp_state_add_instance rp_cpuhp_state_add_instance
#define cpuhp_state_remove_instance rp_cpuhp_state_remove_instance

enum rp_cpuhp_state { RP_CPUHP_ONLINE = 1 };

static inline int cpuhp_setup_state_multi(enum cpuhp_state state, const char *name,
					  rp_cpuhp_callback starting,
					  rp_cpuhp_callback stopping)
{
	int err;

	rp_cpuhp.starting = starting;
	rp_cpuhp.stopping = stopping;
	err = register_cpu_notifier(&rp_cpuhp_block);
	return err ? err : RP_CPUHP_ONLINE;
}

static inline void cpuhp_remove_multi_state(enum cpuhp_state state)
{
	unregister_cpu_notifier(&rp_cpuhp_block);
}

static inline int cpuhp_state_add_instance(enum cpuhp_state state,
					   struct hlist_node *node)
{
	cpus_read_lock();
	rp_cpuhp_run_everywhere(rp_cpuhp.starting, node);
	hlist_add_head(node, &rp_cpuhp.instances);
	cpus_read_unlock();
	return 0;
}

static inline int cpuhp_state_remove_instance(enum cpuhp_state state,
					      struct hlist_node *node)
{
	cpus_read_lock();
	hlist_del_init(node);
	rp_cpuhp_run_everywhere(rp_cpuhp.stopping, node);
	cpus_read_unlock();
	return 0;
}
#endif

#endif
