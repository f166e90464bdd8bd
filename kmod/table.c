// SPDX-License-Identifier: GPL-2.0
/*
 * table.c - the store. Contexts: task context, under tables->lock.
 *
 * What is charged for is bounded for each session and for all of them together; the memory
 * of tables that were taken away is used for a grace period more. A table is charged for
 * before there is memory for it (table_load.c).
 */
#include <linux/errno.h>
#include <linux/jhash.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "compat/compat.h"
#include "session.h"
#include "table.h"

static unsigned long table_bytes = RP_TABLE_LIMIT_DEFAULT;
module_param(table_bytes, ulong, 0644);
MODULE_PARM_DESC(table_bytes, "unwind tables of all sessions together: bytes at most");

static DEFINE_SPINLOCK(total_lock);	/* innermost */
static u64 total;			/* charged to all sessions */

void *rp_table_alloc(size_t size)
{
	if (size <= PAGE_SIZE)
		return kmalloc(size, GFP_KERNEL);
	return vmalloc(size);
}

void rp_table_free(const void *memory)
{
	kvfree(memory);
}

/* ---- files ---------------------------------------------------------------- */

static struct hlist_head *bucket_of(struct rp_tables *tables,
				    const struct rp_file_id *id)
{
	u32 hash = jhash2((const u32 *)id, sizeof(*id) / sizeof(u32), 0);

	return &tables->files[hash % RP_FILE_BUCKETS];
}

static struct rp_file *find(struct rp_tables *tables, const struct rp_file_id *id)
{
	struct rp_file *file;

	lockdep_assert_held(&tables->lock);
	hlist_for_each_entry(file, bucket_of(tables, id), hash)
		if (!memcmp(&file->id, id, sizeof(*id)))
			return file;
	return NULL;
}

static struct rp_unwind_table *table_of(struct rp_file *file)
{
	/* Under the lock of its session's tables, or when nobody is left. */
	return rcu_dereference_protected(file->table, true);
}

struct rp_file *rp_file_get(struct rp_tables *tables, const struct rp_file_id *id)
{
	struct rp_file *file = find(tables, id);

	if (!file) {
		file = kzalloc(sizeof(*file), GFP_KERNEL);
		if (!file)
			return NULL;
		file->id = *id;
		INIT_LIST_HEAD(&file->loaded);
		hlist_add_head(&file->hash, bucket_of(tables, id));
	}
	file->refs++;
	return file;
}

static void free_if_unused(struct rp_file *file)
{
	if (file->refs || table_of(file))
		return;
	hlist_del(&file->hash);
	kfree(file);
}

void rp_file_put(struct rp_file *file)
{
	file->refs--;
	free_if_unused(file);
}

/* ---- how much there may be ------------------------------------------------- */

static bool charge(struct rp_tables *tables, u64 size)
{
	bool fits;

	lockdep_assert_held(&tables->lock);
	if (tables->bytes + size > tables->limit)
		return false;
	spin_lock(&total_lock);
	fits = total + size <= READ_ONCE(table_bytes);
	if (fits)
		total += size;
	spin_unlock(&total_lock);
	if (fits)
		WRITE_ONCE(tables->bytes, tables->bytes + size);
	return fits;
}

static void uncharge(struct rp_tables *tables, u64 size)
{
	lockdep_assert_held(&tables->lock);
	spin_lock(&total_lock);
	total -= size;
	spin_unlock(&total_lock);
	WRITE_ONCE(tables->bytes, tables->bytes - size);
}

/* Would it fit if this session had nothing else? */
static bool could_fit(struct rp_tables *tables, u64 size)
{
	return size <= tables->limit &&
	       READ_ONCE(total) - tables->bytes + size <= READ_ONCE(table_bytes);
}

static struct rp_file *least_used(struct rp_tables *tables)
{
	struct rp_file *file, *least = NULL;

	list_for_each_entry(file, &tables->loaded, loaded)
		if (!least || time_before(READ_ONCE(file->used), READ_ONCE(least->used)))
			least = file;
	return least;
}

/*
 * In its place: another one or none. From the grace period on that follows, nobody knows
 * the old one, nor has kept anything of it (rule_cache.h): who has not seen that one has
 * gone began before it, and is awaited with those that have found it.
 */
static void take_from_samples(struct rp_tables *tables, struct rp_file *file,
			      struct rp_unwind_table *instead)
{
	rcu_assign_pointer(file->table, instead);
	/* Pairs with the acquire in rp_rule_cache_begin. */
	smp_store_release(&tables->gone, tables->gone + 1);
}

static void take_away(struct rp_tables *tables, struct rp_file *file,
		      struct list_head *gone)
{
	file->gone = table_of(file);
	take_from_samples(tables, file, NULL);
	list_move(&file->loaded, gone);
	WRITE_ONCE(tables->nr, tables->nr - 1);
	uncharge(tables, rp_unwind_size(file->gone));
}

static void free_gone(struct list_head *gone)
{
	struct rp_file *file, *next;

	if (list_empty(gone))
		return;
	synchronize_rcu();	/* samples that have found them */
	list_for_each_entry_safe(file, next, gone, loaded) {
		list_del_init(&file->loaded);
		rp_table_free(file->gone);
		file->gone = NULL;
		free_if_unused(file);
	}
}

static void evict(struct rp_session *session, struct list_head *gone)
{
	struct rp_tables *tables = &session->tables;

	take_away(tables, least_used(tables), gone);
	tables->evicted++;
	rp_session_count(session, RP_COUNTER_TABLES_EVICTED);
}

/* Down to the limit, which may have been lowered since a table was charged for. */
static void trim(struct rp_session *session, struct list_head *gone)
{
	struct rp_tables *tables = &session->tables;

	while (tables->bytes > tables->limit && !list_empty(&tables->loaded))
		evict(session, gone);
}

int rp_tables_make_room(struct rp_session *session, const struct rp_file_id *id,
			u64 size)
{
	struct rp_tables *tables = &session->tables;
	struct rp_file *same;
	LIST_HEAD(gone);
	int err = 0;

	mutex_lock(&tables->lock);
	same = find(tables, id);
	if (!could_fit(tables, size))
		err = -ENOSPC;
	while (!err && !charge(tables, size)) {
		if (same && table_of(same))
			take_away(tables, same, &gone);
		else if (!list_empty(&tables->loaded))
			evict(session, &gone);
		else
			err = -ENOSPC;	/* others were faster, or are loading */
	}
	free_gone(&gone);
	mutex_unlock(&tables->lock);
	return err;
}

void rp_tables_give_back(struct rp_session *session, u64 size)
{
	mutex_lock(&session->tables.lock);
	uncharge(&session->tables, size);
	mutex_unlock(&session->tables.lock);
}

/*
 * With each table that comes, so that any sample from now on renews these marks, though they
 * be young: where tables come faster than marks are renewed, one that no sample has used
 * were else younger than those in use, which would have to go before it. A mark that a
 * sample makes meanwhile may be lost, to its next one.
 */
static void age_marks(struct rp_tables *tables)
{
	struct rp_file *file;

	list_for_each_entry(file, &tables->loaded, loaded)
		WRITE_ONCE(file->used, READ_ONCE(file->used) - RP_FILE_MARK_AGE - 1);
}

int rp_tables_publish(struct rp_session *session, const struct rp_file_id *id,
		      struct rp_unwind_table *table)
{
	struct rp_tables *tables = &session->tables;
	struct rp_unwind_table *old;
	struct rp_file *file;
	LIST_HEAD(gone);

	mutex_lock(&tables->lock);
	file = rp_file_get(tables, id);
	if (!file) {
		mutex_unlock(&tables->lock);
		return -ENOMEM;
	}
	old = table_of(file);
	age_marks(tables);
	WRITE_ONCE(file->used, jiffies);
	if (old) {
		take_from_samples(tables, file, table);
		uncharge(tables, rp_unwind_size(old));
		synchronize_rcu();	/* samples that have found it */
		rp_table_free(old);
	} else {
		rcu_assign_pointer(file->table, table);
		list_add(&file->loaded, &tables->loaded);
		WRITE_ONCE(tables->nr, tables->nr + 1);
	}
	rp_file_put(file);
	rp_session_count(session, RP_COUNTER_TABLES_LOADED);
	trim(session, &gone);
	free_gone(&gone);
	mutex_unlock(&tables->lock);
	return 0;
}

bool rp_tables_have(struct rp_tables *tables, const struct rp_file_id *id)
{
	struct rp_file *file;
	bool have;

	mutex_lock(&tables->lock);
	file = find(tables, id);
	have = file && table_of(file);
	mutex_unlock(&tables->lock);
	return have;
}

void rp_tables_set_limit(struct rp_session *session, u64 limit)
{
	struct rp_tables *tables = &session->tables;
	LIST_HEAD(gone);

	mutex_lock(&tables->lock);
	tables->limit = limit;
	trim(session, &gone);
	free_gone(&gone);
	mutex_unlock(&tables->lock);
}

/* ---- life ------------------------------------------------------------------- */

void rp_tables_init(struct rp_tables *tables)
{
	mutex_init(&tables->lock);
	INIT_LIST_HEAD(&tables->loaded);
	tables->limit = RP_TABLE_LIMIT_DEFAULT;
}

void rp_tables_destroy(struct rp_tables *tables)
{
	struct rp_file *file, *next;
	LIST_HEAD(gone);

	mutex_lock(&tables->lock);
	list_for_each_entry_safe(file, next, &tables->loaded, loaded)
		take_away(tables, file, &gone);
	free_gone(&gone);
	WARN_ON(tables->bytes);
	mutex_unlock(&tables->lock);
}
