// SPDX-License-Identifier: GPL-2.0
/*
 * session.c - Contexts: task context under rp_sessions_lock, but for the CPU
 * hotplug callbacks (task context on their CPU, hotplug lock held, so they must
 * not take rp_sessions_lock) and the wake functions.
 *
 * Why nobody can still be inside when a session is freed (rp_session_close):
 *  1. rp_session_stop removes the hotplug instance, which runs cpu_stopping on
 *     every online CPU; that cancels the tick and waits for one that runs. A CPU
 *     that went offline before had its tick cancelled then. A perf event is
 *     disabled by its own CPU, so behind its handler, and released by
 *     rp_tick_finish. No tick is left, nor does a CPU that leaves idleness start one:
 *     the probes look at `ticking`, with interrupts disabled.
 *  2. The session leaves the list, and synchronize_rcu waits for exit probes
 *     that found it there. No producer is left, so no irq_work will be queued.
 *  3. irq_work_sync waits for each CPU's irq_work that was queued before. Nobody
 *     is left to queue the space worker but itself, nor the work that tells of limits,
 *     which rp_limits_destroy cancels; that one takes no lock that we hold.
 *  4. rp_spaces_destroy cancels the worker, without which nobody queues the reaper, waits
 *     for that one and gives back what both held, the lists of mappings included, for
 *     since 2 no sample is looking at one.
 *  5. rp_tables_destroy: no list is left to name a file, and no call to load a table is
 *     under way, for it holds the open file.
 *  6. The file is being released: no poll, ioctl or mmap is under way, and no
 *     mapping is left, for each of them holds the file. Netlink finds sessions
 *     only through the list, under the lock.
 */
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/string.h>

#include "compat/compat.h"
#include "compat/hotplug.h"
#include "event.h"
#include "exit.h"
#include "filter.h"
#include "limit.h"
#include "session.h"
#include "tick.h"

/* The list, and each session's life and configuration: see session.h. */
DEFINE_MUTEX(rp_sessions_lock);
LIST_HEAD(rp_sessions);
struct rp_cpu_counts rp_ended_counts;

static enum cpuhp_state hotplug_state;
static u32 last_id;

/* ---- CPUs --------------------------------------------------------------- */

/* Allocates and publishes; NULL without memory. */
static struct rp_cpu *ring_for_cpu(struct rp_session *session, unsigned int cpu)
{
	struct rp_cpu *c = rp_cpu_alloc(session, cpu);

	if (!c)
		return NULL;
	/* Pairs with the acquire in rp_session_cpu: whoever finds it finds it whole. */
	smp_store_release(&session->cpus[cpu], c);
	atomic_inc(&session->ring_generation);
	return c;
}

/*
 * On the CPU that comes online, or on each online CPU when a session starts. Never
 * fails: that would keep the CPU offline, which no profiler is worth.
 */
static int cpu_starting(unsigned int cpu, struct hlist_node *node)
{
	struct rp_session *session = hlist_entry(node, struct rp_session, hotplug);
	struct rp_cpu *c = session->cpus[cpu];

	if (!c) {
		c = ring_for_cpu(session, cpu);
		if (!c) {
			pr_warn("no memory for the ring of CPU %u: session %u does not sample it\n",
				cpu, session->id);
			return 0;
		}
		rp_session_wake_reader(session);
	}
	rp_tick_start(c);
	if (!READ_ONCE(session->changing))
		rp_event_cpu(session, RP_EVENT_CPU_ONLINE, cpu);
	return 0;
}

/* On the CPU that goes offline, or on each online CPU when a session stops. */
static int cpu_stopping(unsigned int cpu, struct hlist_node *node)
{
	struct rp_session *session = hlist_entry(node, struct rp_session, hotplug);

	if (session->cpus[cpu])
		rp_tick_stop(session->cpus[cpu]);
	if (!READ_ONCE(session->changing))
		rp_event_cpu(session, RP_EVENT_CPU_OFFLINE, cpu);
	return 0;
}

int rp_sessions_init(void)
{
	int state = cpuhp_setup_state_multi(CPUHP_AP_ONLINE_DYN, "ringprof:online",
					    cpu_starting, cpu_stopping);

	if (state < 0)
		return state;
	hotplug_state = state;
	return 0;
}

void rp_sessions_exit(void)
{
	WARN_ON(!list_empty(&rp_sessions));
	cpuhp_remove_multi_state(hotplug_state);
}

/* ---- life --------------------------------------------------------------- */

static void set_frequency(struct rp_config *config, u32 freq)
{
	config->freq = freq;
	config->period_ns = div_u64(NSEC_PER_SEC, freq);
}

struct rp_session *rp_session_open(void)
{
	struct rp_session *session = kzalloc(sizeof(*session), GFP_KERNEL);

	if (!session)
		return NULL;
	session->cpus = kcalloc(nr_cpu_ids, sizeof(*session->cpus), GFP_KERNEL);
	if (!session->cpus)
		goto err;
	if (rp_spaces_init(&session->spaces))
		goto err_cpus;
	init_waitqueue_head(&session->wait);
	set_frequency(&session->config, RP_FREQ_DEFAULT);
	session->config.kernel_depth = RP_DEPTH_MAX;
	session->config.user_depth = RP_DEPTH_MAX;
	session->config.modes = RP_MODE_ALL;
	session->config.tick = RP_TICK_AUTO;
	session->config.table_limit = RP_TABLE_LIMIT_DEFAULT;
	session->config.budget_ppm = rp_limit_default();
	session->config.coalesce_ms = RP_COALESCE_DEFAULT;
	rp_limits_init(session);
	rp_tables_init(&session->tables);
	session->filter_generation = 1;	/* 0: what a new slot has seen */
	session->owner_pid = task_tgid_nr(current);
	get_task_comm(session->owner_comm, current);

	mutex_lock(&rp_sessions_lock);
	if (!++last_id)
		last_id = 1;
	session->id = last_id;
	list_add_tail_rcu(&session->list, &rp_sessions);
	rp_event(session, RP_EVENT_OPENED);
	mutex_unlock(&rp_sessions_lock);
	return session;

err_cpus:
	kfree(session->cpus);
err:
	kfree(session);
	return NULL;
}

static void count_unread(struct rp_session *session)
{
	unsigned int cpu;

	lockdep_assert_held(&rp_sessions_lock);
	for (cpu = 0; cpu < nr_cpu_ids; cpu++) {
		struct rp_cpu *c = session->cpus[cpu];
		u64 unread;

		if (!c)
			continue;
		/*
		 * A tail that was set to the middle of a sample may make records
		 * of its addresses: more of them than were ever delivered.
		 */
		unread = min(rp_ring_unread(&c->ring),
			     c->counts.counters[RP_COUNTER_DELIVERED]);
		c->counts.counters[RP_COUNTER_DELIVERED] -= unread;
		c->counts.counters[RP_COUNTER_UNREAD] += unread;
	}
}

void rp_session_close(struct rp_session *session)
{
	struct rp_cpu_counts counts;
	unsigned int cpu;

	mutex_lock(&rp_sessions_lock);
	rp_session_stop(session);			/* 1 */
	list_del_rcu(&session->list);
	synchronize_rcu();				/* 2 */
	for (cpu = 0; cpu < nr_cpu_ids; cpu++)
		if (session->cpus[cpu])
			irq_work_sync(&session->cpus[cpu]->wake);	/* 3 */
	rp_limits_destroy(session);
	rp_spaces_destroy(session);			/* 4 */
	rp_tables_destroy(&session->tables);		/* 5 */
	count_unread(session);
	rp_session_counts(session, &counts);
	rp_counts_add(&rp_ended_counts, &counts);
	rp_filter_free(rcu_dereference_protected(session->filter, true));
	rp_event(session, RP_EVENT_CLOSED);
	mutex_unlock(&rp_sessions_lock);

	for (cpu = 0; cpu < nr_cpu_ids; cpu++)
		rp_cpu_free(session->cpus[cpu]);
	kfree(session->cpus);
	kfree(session);
}

static int check_setup(struct rp_setup *setup)
{
	if (!setup->ring_bytes)
		setup->ring_bytes = max_t(u32, RP_RING_BYTES_DEFAULT, PAGE_SIZE);
	if (!setup->watermark)
		setup->watermark = setup->ring_bytes / 2;
	if (!is_power_of_2(setup->ring_bytes) ||
	    setup->ring_bytes < max_t(u32, RP_RING_BYTES_MIN, PAGE_SIZE) ||
	    setup->ring_bytes > RP_RING_BYTES_MAX ||
	    setup->watermark > setup->ring_bytes ||
	    setup->flags & ~RP_SETUP_FLAGS_ALL || setup->reserved)
		return -EINVAL;
	return 0;
}

int rp_session_setup(struct rp_session *session, struct rp_setup *setup)
{
	unsigned int cpu;
	int err = check_setup(setup);

	if (err)
		return err;
	mutex_lock(&rp_sessions_lock);
	/* An attempt that ran out of memory has left rings: they are of one size. */
	if (session->set_up ||
	    (session->ring_bytes && session->ring_bytes != setup->ring_bytes)) {
		mutex_unlock(&rp_sessions_lock);
		return -EBUSY;
	}
	session->ring_bytes = setup->ring_bytes;
	session->watermark = setup->watermark;
	session->setup_flags = setup->flags;
	cpus_read_lock();
	for_each_online_cpu(cpu) {
		if (!session->cpus[cpu] && !ring_for_cpu(session, cpu)) {
			err = -ENOMEM;
			break;
		}
	}
	cpus_read_unlock();
	session->set_up = !err;
	mutex_unlock(&rp_sessions_lock);

	setup->session = session->id;
	setup->nr_cpus = nr_cpu_ids;
	setup->page_size = PAGE_SIZE;
	setup->abi_major = RP_ABI_MAJOR;
	setup->abi_minor = RP_ABI_MINOR;
	return err;
}

/* ---- control ------------------------------------------------------------ */

/* On each CPU that is online, and on those that come. */
static int start_ticks(struct rp_session *session)
{
	int err;

	rp_tick_prepare(session);
	WRITE_ONCE(session->changing, true);
	err = cpuhp_state_add_instance(hotplug_state, &session->hotplug);
	WRITE_ONCE(session->changing, false);
	if (err)
		rp_tick_finish(session);
	else
		rp_tick_started(session);
	return err;
}

static void stop_ticks(struct rp_session *session)
{
	WRITE_ONCE(session->changing, true);
	cpuhp_state_remove_instance(hotplug_state, &session->hotplug);
	WRITE_ONCE(session->changing, false);
	rp_tick_finish(session);
}

static void ended(struct rp_session *session)
{
	WRITE_ONCE(session->running, false);
	rp_exit_put();
	rp_event(session, RP_EVENT_STOPPED);
}

int rp_session_start(struct rp_session *session)
{
	int err;

	lockdep_assert_held(&rp_sessions_lock);
	if (session->running)
		return 0;
	err = rp_exit_get();
	if (err)
		return err;
	WRITE_ONCE(session->running, true);
	err = start_ticks(session);
	if (err) {
		WRITE_ONCE(session->running, false);
		rp_exit_put();
		return err;
	}
	rp_event(session, RP_EVENT_STARTED);
	return 0;
}

void rp_session_stop(struct rp_session *session)
{
	lockdep_assert_held(&rp_sessions_lock);
	if (!session->running)
		return;
	stop_ticks(session);
	ended(session);
}

static void retune_here(void *arg)
{
	struct rp_session *session = arg;
	struct rp_cpu *c = session->cpus[smp_processor_id()];

	lockdep_assert_irqs_disabled();
	if (c)
		rp_tick_retune(c);
}

/* Spaces that became known while there was no use for lists of mappings have none. */
static void limit_tables(struct rp_session *session, u64 limit)
{
	bool none = !session->config.table_limit;

	session->config.table_limit = limit;
	rp_tables_set_limit(session, limit);
	if (none)
		rp_spaces_ask_again(&session->spaces);
	WRITE_ONCE(session->limit_generation, session->limit_generation + 1);
}

void rp_session_configure(struct rp_session *session, const struct rp_config *config)
{
	struct rp_config *to = &session->config;
	bool retune = to->freq != config->freq;
	bool restart = to->tick != config->tick ||
		       (retune && rp_tick_must_restart(session));

	lockdep_assert_held(&rp_sessions_lock);
	/* Ticks read each field by itself: any mixture of old and new is valid. */
	WRITE_ONCE(to->freq, config->freq);
	WRITE_ONCE(to->period_ns, div_u64(NSEC_PER_SEC, config->freq));
	WRITE_ONCE(to->kernel_depth, config->kernel_depth);
	WRITE_ONCE(to->user_depth, config->user_depth);
	WRITE_ONCE(to->modes, config->modes);
	WRITE_ONCE(to->budget_ppm, config->budget_ppm);
	WRITE_ONCE(to->coalesce_ms, config->coalesce_ms);
	WRITE_ONCE(to->tick, config->tick);
	if (to->table_limit != config->table_limit)
		limit_tables(session, config->table_limit);
	if (session->running && restart) {
		stop_ticks(session);
		if (start_ticks(session)) {
			ended(session);
			return;
		}
	} else if (session->running && retune) {
		on_each_cpu(retune_here, session, 1);
	}
	rp_event(session, RP_EVENT_CHANGED);
}

/* CPUs that have nothing to show are left alone: some of them sleep. */
void rp_session_flush(struct rp_session *session)
{
	unsigned int cpu;

	for (cpu = 0; cpu < nr_cpu_ids; cpu++) {
		struct rp_cpu *c = rp_session_cpu(session, cpu);

		if (c)
			rp_cpu_flush(c);
	}
}

struct rp_session *rp_session_find(u32 id, int *ret_error)
{
	struct rp_session *session;

	lockdep_assert_held(&rp_sessions_lock);
	*ret_error = -ENOENT;
	if (!id) {
		if (list_empty(&rp_sessions))
			return NULL;
		*ret_error = -EINVAL;
		return list_is_singular(&rp_sessions) ?
		       list_first_entry(&rp_sessions, struct rp_session, list) : NULL;
	}
	list_for_each_entry(session, &rp_sessions, list)
		if (session->id == id)
			return session;
	return NULL;
}

void rp_session_wake_reader(struct rp_session *session)
{
	atomic_set(&session->readable, 1);
	wake_up_interruptible(&session->wait);
}

void rp_session_wake_worker(struct rp_session *session)
{
	rp_spaces_wake(&session->spaces);
}
