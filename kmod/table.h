/* SPDX-License-Identifier: GPL-2.0 */
/*
 * table.h - the unwind tables that a session was given, by file.
 *
 * A file is there as long as it has a table or a list of mappings names it
 * (space_maps.h); with or without, any address space that maps it finds its table by one
 * pointer, which is exchanged under RCU. Readers: the sample path, in any context, under
 * rcu_read_lock. Everything else: task context, under tables->lock.
 */
#ifndef RP_KMOD_TABLE_H
#define RP_KMOD_TABLE_H

#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include "compat/atomic.h"
#include "../proto/ringprof.h"
#include "../proto/unwind.h"

/* The machine whose tables are taken here; 0: none are. */
#if defined(CONFIG_X86_64)
#define RP_TABLES
#define RP_TABLE_MACHINE RP_UNWIND_X86_64
#elif defined(CONFIG_ARM64)
#define RP_TABLES
#define RP_TABLE_MACHINE RP_UNWIND_ARM64
#else
#define RP_TABLE_MACHINE 0
#endif

#define RP_FILE_BUCKETS 256u
#define RP_FILE_MARK_AGE HZ	/* at which a mark of use is renewed */

struct rp_session;

struct rp_file {
	struct hlist_node hash;		/* tables->files */
	struct list_head loaded;	/* tables->loaded, while it has a table */
	struct rp_file_id id;
	unsigned int refs;		/* lists of mappings' entries, and who loads */
	struct rp_unwind_table __rcu *table;
	struct rp_unwind_table *gone;	/* taken away, and not yet freed */
	unsigned long used;		/* jiffies, about; earlier for each table that came since */
};

struct rp_tables {
	struct mutex lock;		/* all but who reads nr and bytes; innermost of mutexes */
	struct hlist_head files[RP_FILE_BUCKETS];
	struct list_head loaded;
	u32 nr;				/* with a table; anybody reads these */
	u64 bytes, limit;
	u64 evicted;
	u32 gone;			/* changes whenever a table is taken from samples */
};

void rp_tables_init(struct rp_tables *tables);
/* When no sample is taken any more and no list of mappings is left. */
void rp_tables_destroy(struct rp_tables *tables);

/*
 * RP_IOC_TABLE, as ringprof.h describes it; from and to the kernel's memory but for the
 * table itself. Fills load->evicted whatever it returns. May wait for a grace period.
 */
int rp_table_load(struct rp_session *session, struct rp_table_load *load);

/* Evicts what is too much, and waits for a grace period then. */
void rp_tables_set_limit(struct rp_session *session, u64 limit);

/*
 * For the loading: charges for a table of that file, evicting others; where it needs the
 * room of its own old one, that goes. 0, -ENOSPC. Ends with publish, which on success has
 * the table, or with give_back.
 */
int rp_tables_make_room(struct rp_session *session, const struct rp_file_id *id,
			u64 size);
void rp_tables_give_back(struct rp_session *session, u64 size);
int rp_tables_publish(struct rp_session *session, const struct rp_file_id *id,
		      struct rp_unwind_table *table);
bool rp_tables_have(struct rp_tables *tables, const struct rp_file_id *id);

/* With a reference, made if need be; NULL without memory. Under tables->lock. */
struct rp_file *rp_file_get(struct rp_tables *tables, const struct rp_file_id *id);
/* No sample may still be using it by way of that reference. Under tables->lock. */
void rp_file_put(struct rp_file *file);

/* Memory for what may be small or large; NULL if there is none. Task context. */
void *rp_table_alloc(size_t size);
void rp_table_free(const void *memory);

/* The sample path's: its table now, or NULL. Marks it as used. */
static inline const struct rp_unwind_table *rp_file_table(struct rp_file *file)
{
	const struct rp_unwind_table *table = rcu_dereference(file->table);
	unsigned long now = jiffies;

	/* Seldom: the line is shared with all CPUs. */
	if (table && now - READ_ONCE(file->used) > RP_FILE_MARK_AGE)
		WRITE_ONCE(file->used, now);
	return table;
}

#endif
