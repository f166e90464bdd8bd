// SPDX-License-Identifier: GPL-2.0
/*
 * Who reads tables while they are replaced and evicted, as the sample path does: under
 * rcu_read_lock and nothing else.
 */
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/sched.h>

#include "kmod/clock.h"
#include "store.h"
#include "suites.h"

#define READERS_CASES(X) \
	X(replacing_waits_for_readers) \
	X(evicting_waits_for_readers) \
	X(readers_see_whole_tables)

struct holder {
	struct rp_file *file;
	struct completion holds, done;
	bool returned;			/* who changes the file has got out of that */
	bool changed, waited, whole;
};

static bool all_say(const struct rp_unwind_table *table, s32 mark)
{
	u32 i;

	for (i = 0; i < table->nr_rules; i++)
		if (rp_unwind_rules(table)[i].add != mark)
			return false;
	return true;
}

/* Goes on with what it has found until another takes its place, and a little longer. */
static int hold(void *arg)
{
	struct holder *h = arg;
	const struct rp_unwind_table *table;
	u64 end = rp_clock() + 60ull * NSEC_PER_SEC;

	rcu_read_lock();
	table = rp_file_table(h->file);
	complete(&h->holds);
	while (rcu_access_pointer(h->file->table) == table && rp_clock() < end)
		cpu_relax();
	h->changed = rcu_access_pointer(h->file->table) != table;
	mdelay(20);
	h->waited = !READ_ONCE(h->returned);
	h->whole = all_say(table, 1);
	rcu_read_unlock();
	complete(&h->done);
	return 0;
}

/* On a CPU that is not the case's, for it does not give that away. */
static struct task_struct *start(struct kunit *test, int (*reader)(void *), void *arg)
{
	struct task_struct *task;

	if (num_online_cpus() < 2)
		kunit_skip(test, "has one CPU");
	set_cpus_allowed_ptr(current, cpumask_of(cpumask_first(cpu_online_mask)));
	task = kthread_create(reader, arg, "ringprof-reader");
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	kthread_bind(task, cpumask_any_but(cpu_online_mask, raw_smp_processor_id()));
	wake_up_process(task);
	return task;
}

/* Evicts file 1's table, or replaces it, while somebody holds it. */
static void while_held(struct kunit *test, bool evict)
{
	struct rp_session *session = test->priv;
	struct rp_unwind_table *other = rp_store_table(test, 2);
	struct rp_file_id id = rp_store_file(1);
	struct holder h = { };
	int err = 0;

	rp_store_load(test, &id, 1);
	h.file = rp_store_find(session, &id);
	init_completion(&h.holds);
	init_completion(&h.done);
	start(test, hold, &h);
	wait_for_completion(&h.holds);
	if (evict)
		rp_tables_set_limit(session, 0);
	else
		err = rp_store_give(session, &id, other, rp_unwind_size(other));
	WRITE_ONCE(h.returned, true);
	wait_for_completion(&h.done);
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_TRUE(test, h.changed);
	KUNIT_EXPECT_TRUE(test, h.waited);
	KUNIT_EXPECT_TRUE(test, h.whole);
}

static void replacing_waits_for_readers(struct kunit *test)
{
	while_held(test, false);
}

static void evicting_waits_for_readers(struct kunit *test)
{
	while_held(test, true);
}

/* ---- again and again ---------------------------------------------------------------- */

struct reader {
	struct rp_file *file;
	u64 with, without, torn;
};

static int read_on(void *arg)
{
	struct reader *r = arg;

	while (!kthread_should_stop()) {
		const struct rp_unwind_table *table;

		rcu_read_lock();
		table = rp_file_table(r->file);
		if (!table)
			r->without++;
		else if (all_say(table, rp_unwind_rules(table)[0].add))
			r->with++;
		else
			r->torn++;
		rcu_read_unlock();
		cond_resched();
	}
	return 0;
}

/* Its file stays, by a reference as a list of mappings has it. */
static void readers_see_whole_tables(struct kunit *test)
{
	struct rp_session *session = test->priv;
	struct rp_file_id id = rp_store_file(1);
	struct rp_unwind_table *table[2] = { rp_store_table(test, 1), rp_store_table(test, 2) };
	struct reader r = { };
	struct task_struct *task;
	int i, err = 0;

	mutex_lock(&session->tables.lock);
	r.file = rp_file_get(&session->tables, &id);
	mutex_unlock(&session->tables.lock);
	KUNIT_ASSERT_TRUE(test, r.file != NULL);
	task = start(test, read_on, &r);
	get_task_struct(task);
	for (i = 0; i < 60 && !err; i++) {
		err = rp_store_give(session, &id, table[i % 2], rp_unwind_size(table[i % 2]));
		if (i % 10 == 9) {
			rp_tables_set_limit(session, 0);
			msleep(5);
			rp_tables_set_limit(session, RP_TABLE_LIMIT_DEFAULT);
		}
	}
	kthread_stop(task);
	put_task_struct(task);
	mutex_lock(&session->tables.lock);
	rp_file_put(r.file);
	mutex_unlock(&session->tables.lock);
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_EQ(test, r.torn, 0ull);
	KUNIT_EXPECT_GT(test, r.with, 0ull);
	KUNIT_EXPECT_EQ(test, session->tables.evicted, 6ull);
	KUNIT_EXPECT_EQ(test, rp_store_count(session, RP_COUNTER_TABLES_LOADED), 60ull);
}

static struct kunit_case readers_cases[] = {
	READERS_CASES(RP_SUITE_CASE)
	{}
};

struct kunit_suite rp_readers_suite = {
	.name = "ringprof_readers",
	.suite_init = rp_store_suite_init,
	.suite_exit = rp_store_suite_exit,
	.init = rp_store_init,
	.exit = rp_store_exit,
	.test_cases = readers_cases,
};
