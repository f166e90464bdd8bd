// SPDX-License-Identifier: GPL-2.0
/*
 * store.c - KUnit runs a case in a kernel thread, which has no user memory. That of whoever
 * loads this module lends it: suite_init and suite_exit run in his context.
 */
#include <linux/kthread.h>
#include <linux/mman.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

#include "store.h"

#define REQUEST_TAKEN 1		/* space.c: not free, and not ready */

static struct mm_struct *lent;
static unsigned long memory;

int rp_store_suite_init(struct kunit_suite *suite)
{
	if (!RP_TABLE_MACHINE)
		return -EOPNOTSUPP;
	memory = vm_mmap(NULL, 0, RP_STORE_BYTES, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, 0);
	if (IS_ERR_VALUE(memory))
		return memory;
	lent = current->mm;
	mmget(lent);
	rp_workqueue = system_unbound_wq;	/* as main.c's is one */
	return 0;
}

void rp_store_suite_exit(struct kunit_suite *suite)
{
	if (!lent)
		return;
	vm_munmap(memory, RP_STORE_BYTES);
	mmput(lent);
	lent = NULL;
}

static void free_session(struct rp_session *session)
{
	unsigned int cpu;

	for (cpu = 0; session->cpus && cpu < nr_cpu_ids; cpu++)
		vfree(session->cpus[cpu]);
	kfree(session->cpus);
	kfree(session);
}

/* Its requests are taken, so that it does not ask the worker: the case is that. */
static struct rp_cpu *new_cpu(struct rp_session *session, unsigned int cpu)
{
	struct rp_cpu *c = vzalloc(sizeof(*c));
	int i;

	if (!c)
		return NULL;
	c->session = session;
	c->cpu = cpu;
	for (i = 0; i < RP_SPACE_REQUESTS; i++)
		c->requests[i].state = REQUEST_TAKEN;
	return c;
}

int rp_store_init(struct kunit *test)
{
	struct rp_session *session = kzalloc(sizeof(*session), GFP_KERNEL);
	unsigned int cpu;

	if (!session)
		return -ENOMEM;
	session->cpus = kcalloc(nr_cpu_ids, sizeof(*session->cpus), GFP_KERNEL);
	if (!session->cpus)
		goto err;
	for_each_possible_cpu(cpu) {
		session->cpus[cpu] = new_cpu(session, cpu);
		if (!session->cpus[cpu])
			goto err;
	}
	if (rp_spaces_init(&session->spaces))
		goto err;
	rp_tables_init(&session->tables);
	session->set_up = true;
	test->priv = session;
	return 0;
err:
	free_session(session);
	return -ENOMEM;
}

/* As rp_session_close does it. */
void rp_store_exit(struct kunit *test)
{
	struct rp_session *session = test->priv;

	if (!session)
		return;
	rp_spaces_destroy(session);
	rp_tables_destroy(&session->tables);
	free_session(session);
}

/* ---- what an owner does ------------------------------------------------------------ */

struct rp_file_id rp_store_file(u64 number)
{
	return (struct rp_file_id){ .kind = RP_FILE_INODE, .dev_major = 8, .inode = number };
}

struct rp_unwind_table *rp_store_table(struct kunit *test, s32 mark)
{
	struct rp_unwind_table header = rp_table_header(RP_TABLE_MACHINE, 64, 1024, 16);
	struct rp_unwind_table *table;
	u32 i;

	table = kunit_kzalloc(test, rp_unwind_size(&header), GFP_KERNEL);
	KUNIT_ASSERT_TRUE(test, table != NULL);
	rp_table_fill(table, header);
	for (i = 0; i < table->nr_rules; i++)
		rp_table_rules(table)[i].add = mark;
	return table;
}

int rp_store_give(struct rp_session *session, const struct rp_file_id *id,
		  const void *table, u64 size)
{
	struct rp_table_load load = { .file = *id, .table = memory, .size = size };
	int err = -EFAULT;

	kthread_use_mm(lent);
	if (!table)
		load.table = 0;
	if (!table || !copy_to_user((void __user *)memory, table, size))
		err = rp_table_load(session, &load);
	kthread_unuse_mm(lent);
	return err;
}

void rp_store_load(struct kunit *test, const struct rp_file_id *id, s32 mark)
{
	struct rp_unwind_table *table = rp_store_table(test, mark);

	KUNIT_ASSERT_EQ(test, rp_store_give(test->priv, id, table, rp_unwind_size(table)), 0);
	kunit_kfree(test, table);
}

int rp_store_ask(struct rp_session *session, const struct rp_file_id *id)
{
	struct rp_table_load load = { .file = *id };

	return rp_table_load(session, &load);
}

s32 rp_store_mark(struct rp_file *file)
{
	const struct rp_unwind_table *table;
	s32 mark = 0;

	rcu_read_lock();
	table = rp_file_table(file);
	if (table)
		mark = rp_unwind_rules(table)[0].add;
	rcu_read_unlock();
	return mark;
}

struct rp_file *rp_store_find(struct rp_session *session, const struct rp_file_id *id)
{
	struct rp_file *file;

	mutex_lock(&session->tables.lock);
	file = rp_file_get(&session->tables, id);
	if (file)
		rp_file_put(file);
	mutex_unlock(&session->tables.lock);
	return file;
}

u64 rp_store_count(struct rp_session *session, enum rp_counter counter)
{
	unsigned int cpu;
	u64 count = 0;

	for_each_possible_cpu(cpu)
		count += session->cpus[cpu]->counts.counters[counter];
	return count;
}
