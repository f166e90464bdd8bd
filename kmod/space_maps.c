// SPDX-License-Identifier: GPL-2.0
/*
 * space_maps.c - Contexts: the worker, task context, one instance per session at a time;
 * the reaper, a work of its own, as well; destroy when both have ended. Who exits or loses
 * his slot does not touch his list: that may be in an interrupt, and a list is freed by who
 * may wait.
 *
 * That is not the worker: as long as it waited for a grace period, a process that has just
 * begun would have to wait for being described, and nothing but that is why its first
 * stacks are walked by frame pointers. So the worker hands `retired` over to the reaper, a
 * batch at a time: `reaped` is the reaper's from when `reaping` is set until the reaper
 * clears it.
 */
#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/workqueue.h>

#include "compat/compat.h"
#include "session.h"
#include "space.h"
#include "space_maps.h"
#include "table.h"
#include "../proto/file_id.h"

/* In all lists of a session: any user can map as much as he likes. */
#define ENTRIES_MAX (1u << 18)

struct rp_space_maps *rp_space_maps_new(struct rp_session *session,
					const struct rp_space_id *id, u32 nr)
{
	struct rp_spaces *spaces = &session->spaces;
	struct rp_space_maps *maps;

	if (!RP_TABLE_MACHINE || !READ_ONCE(session->tables.limit) ||
	    nr > ENTRIES_MAX - atomic_read(&spaces->nr_maps))
		return NULL;
	maps = rp_table_alloc(sizeof(*maps) + nr * sizeof(maps->map[0]));
	if (!maps)
		return NULL;
	maps->id = *id;
	maps->nr = 0;
	maps->whole = true;
	INIT_LIST_HEAD(&maps->retired);
	return maps;
}

void rp_space_maps_add(struct rp_session *session, struct rp_space_maps *maps,
		       const struct rp_map *map)
{
	struct rp_space_map *to = &maps->map[maps->nr++];
	struct rp_tables *tables = &session->tables;
	struct rp_file_id id;

	to->start = map->start;
	to->size = map->end - map->start;
	to->offset = map->offset;
	to->file = NULL;
	atomic_inc(&session->spaces.nr_maps);
	if (!rp_file_id_of(map, &id))
		return;
	mutex_lock(&tables->lock);
	to->file = rp_file_get(tables, &id);
	mutex_unlock(&tables->lock);
}

static void free_maps(struct rp_session *session, struct rp_space_maps *maps)
{
	struct rp_tables *tables = &session->tables;
	u32 i;

	mutex_lock(&tables->lock);
	for (i = 0; i < maps->nr; i++)
		if (maps->map[i].file)
			rp_file_put(maps->map[i].file);
	mutex_unlock(&tables->lock);
	atomic_sub(maps->nr, &session->spaces.nr_maps);
	rp_table_free(maps);
}

bool rp_space_maps_there(struct rp_session *session, const struct rp_space_id *id)
{
	struct rp_space_slot *slot = rp_space_lock(&session->spaces, id);
	struct rp_space_maps *maps;
	bool there;

	if (!slot)
		return false;
	maps = rcu_dereference_protected(slot->maps, true);
	there = maps && rp_space_same_id(&maps->id, id);
	rp_space_unlock(slot);
	return there;
}

static void retire(struct rp_session *session, struct rp_space_maps *maps)
{
	if (maps)
		list_add(&maps->retired, &session->spaces.retired);
}

void rp_space_maps_publish(struct rp_session *session, const struct rp_space_id *id,
			   struct rp_space_maps *maps)
{
	struct rp_space_slot *slot = rp_space_lock(&session->spaces, id);
	struct rp_space_maps *old;

	if (!slot) {	/* not known any more */
		if (maps)
			free_maps(session, maps);
		return;
	}
	old = rcu_dereference_protected(slot->maps, true);
	rcu_assign_pointer(slot->maps, maps);
	rp_space_unlock(slot);
	retire(session, old);
}

static void free_all(struct rp_session *session, struct list_head *list)
{
	struct rp_space_maps *maps, *next;

	list_for_each_entry_safe(maps, next, list, retired) {
		list_del(&maps->retired);
		free_maps(session, maps);
		cond_resched();
	}
}

static void reap(struct work_struct *work)
{
	struct rp_spaces *spaces = container_of(work, struct rp_spaces, reaper);
	struct rp_session *session = container_of(spaces, struct rp_session, spaces);

	synchronize_rcu();	/* samples that have found them */
	free_all(session, &spaces->reaped);
	/* Pairs with the acquire in rp_space_maps_prune: the list is empty. */
	smp_store_release(&spaces->reaping, 0);
}

void rp_space_maps_init(struct rp_spaces *spaces)
{
	INIT_LIST_HEAD(&spaces->retired);
	INIT_LIST_HEAD(&spaces->reaped);
	INIT_WORK(&spaces->reaper, reap);
}

/* Who takes a slot over changes its key and its id, and nobody but us its list. */
static void prune_slot(struct rp_session *session, struct rp_space_slot *slot)
{
	struct rp_space_maps *maps = rcu_dereference_protected(slot->maps, true);

	if (!maps ||
	    (READ_ONCE(slot->key) && rp_space_same_id(&maps->id, &slot->id)))
		return;
	RCU_INIT_POINTER(slot->maps, NULL);
	retire(session, maps);
}

bool rp_space_maps_prune(struct rp_session *session)
{
	struct rp_spaces *spaces = &session->spaces;
	unsigned int i;

	for_each_set_bit(i, spaces->lost, RP_SPACE_SLOTS) {
		/* Pairs with the smp_mb in note_lost (space.c): the key is seen, or the bit. */
		test_and_clear_bit(i, spaces->lost);
		prune_slot(session, &spaces->slots[i]);
	}
	if (list_empty(&spaces->retired))
		return true;
	/* Pairs with the release in reap. */
	if (smp_load_acquire(&spaces->reaping))
		return false;
	list_splice_init(&spaces->retired, &spaces->reaped);
	WRITE_ONCE(spaces->reaping, 1);
	queue_work(rp_workqueue, &spaces->reaper);
	return true;
}

void rp_space_maps_destroy(struct rp_session *session)
{
	struct rp_spaces *spaces = &session->spaces;
	unsigned int i;

	flush_work(&spaces->reaper);
	for (i = 0; i < RP_SPACE_SLOTS; i++) {
		retire(session, rcu_dereference_protected(spaces->slots[i].maps, true));
		RCU_INIT_POINTER(spaces->slots[i].maps, NULL);
	}
	free_all(session, &spaces->retired);
	WARN_ON(atomic_read(&spaces->nr_maps));
}
