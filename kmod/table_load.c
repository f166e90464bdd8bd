// SPDX-License-Identifier: GPL-2.0
/*
 * table_load.c - Contexts: task context, the owner's call.
 *
 * User space is copied from once and before anything is believed: the header first, to
 * know the size, then all of it, and what is checked is the copy that stays. Nothing is
 * locked meanwhile, for a page fault may take as long as its server likes; what is being
 * copied to is charged for. Other tables may have had to go for one that turns out to be
 * none: whoever loads those harms nobody but himself.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "compat/compat.h"
#include "session.h"
#include "table.h"

#define COPY_BYTES (1u << 20)	/* at a time */
#define CHECK_BLOCKS 64u	/* at a time: of a thousand rows at most */

static int copy_in(void *to, const void __user *from, size_t size)
{
	while (size) {
		size_t part = min_t(size_t, size, COPY_BYTES);

		if (copy_from_user(to, from, part))
			return -EFAULT;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
		to += part;
		from += part;
		size -= part;
	}
	return 0;
}

static bool is_ours(const struct rp_unwind_table *table, u64 size)
{
	return table->machine == RP_TABLE_MACHINE && rp_unwind_size(table) == size;
}

static bool check(const struct rp_unwind_table *table, u64 size)
{
	u32 block, to;

	if (!is_ours(table, size) || !rp_unwind_check_rules(table))
		return false;
	for (block = 0; block < table->nr_blocks; block = to) {
		to = min(table->nr_blocks, block + CHECK_BLOCKS);
		if (!rp_unwind_check_blocks(table, block, to))
			return false;
		cond_resched();
	}
	return true;
}

static int read_table(const struct rp_table_load *load, struct rp_unwind_table **ret)
{
	const void __user *from = (const void __user *)(unsigned long)load->table;
	struct rp_unwind_table *table = rp_table_alloc(load->size);
	int err;

	if (!table)
		return -ENOMEM;
	err = copy_in(table, from, load->size);
	if (!err && !check(table, load->size))
		err = -EINVAL;
	if (err) {
		rp_table_free(table);
		return err;
	}
	*ret = table;
	return 0;
}

static int take(struct rp_session *session, const struct rp_table_load *load)
{
	const void __user *from = (const void __user *)(unsigned long)load->table;
	struct rp_unwind_table *table = NULL;
	struct rp_unwind_table header;
	int err;

	if (copy_from_user(&header, from, sizeof(header)))
		return -EFAULT;
	if (!is_ours(&header, load->size))
		return -EINVAL;
	err = rp_tables_make_room(session, &load->file, load->size);
	if (err)
		return err;
	err = read_table(load, &table);
	if (!err)
		err = rp_tables_publish(session, &load->file, table);
	if (err) {
		rp_table_free(table);
		rp_tables_give_back(session, load->size);
	}
	return err;
}

static bool all_zero(const void *from, size_t size)
{
	return !memchr_inv(from, 0, size);
}

static bool known_kind(const struct rp_file_id *id)
{
	size_t len = id->build_id_len;

	if (len > RP_BUILD_ID_MAX ||
	    !all_zero(id->build_id + len, sizeof(id->build_id) - len))
		return false;
	switch (id->kind) {
	case RP_FILE_BUILD_ID:
		return len && !id->dev_major && !id->dev_minor && !id->inode;
	case RP_FILE_INODE:
		return !len;
	case RP_FILE_VDSO:
		return !len && !id->dev_major && !id->dev_minor && !id->inode;
	default:
		return false;
	}
}

int rp_table_load(struct rp_session *session, struct rp_table_load *load)
{
	struct rp_tables *tables = &session->tables;
	int err;

	if (!RP_TABLE_MACHINE)
		err = -EOPNOTSUPP;
	else if (!READ_ONCE(session->set_up))
		err = -EBUSY;
	else if (load->reserved || !known_kind(&load->file))
		err = -EINVAL;
	else if (load->size)
		err = take(session, load);
	else
		err = rp_tables_have(tables, &load->file) ? 0 : -ENOENT;
	mutex_lock(&tables->lock);
	load->evicted = tables->evicted;
	mutex_unlock(&tables->lock);
	return err;
}
