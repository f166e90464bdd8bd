// SPDX-License-Identifier: GPL-2.0
/*
 * space.c - Contexts: note and its helpers in hard interrupt or NMI on c's CPU,
 * under rcu_read_lock; forget from the exit probe with preemption disabled; init,
 * destroy and ask_again in task context.
 *
 * Why a reference to the mm can be taken in an interrupt: current->mm is set as
 * long as the task holds its own reference (exit_mm and exec clear or replace the
 * pointer before they drop it), and the interrupted task cannot go on meanwhile. It is
 * one atomic increment, of a count that is not 0, so an NMI may do it as well.
 * It is dropped by the worker, because the last mmput may sleep.
 *
 * How a change of the mappings is noticed without a lock: by signs (space_signs.h),
 * of which some are only hints; the worker finds out if they were true.
 *
 * A process that changes its mappings all the time must not keep the worker busy:
 * one SPACE is asked for at a time, and the next walk waits for a multiple of what
 * one costs. Samples meanwhile carry the map_gen that is still to be made.
 */
#include <linux/bitops.h>
#include <linux/delay.h>
#include <linux/jhash.h>
#include <linux/mm.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "compat/compat.h"
#include "cpu.h"
#include "filter.h"
#include "session.h"
#include "space.h"
#include "space_maps.h"

#define WAYS 8			/* slots in which a key may stand */
#define USED_NS (NSEC_PER_SEC / 8)	/* how precisely `used` is kept */

enum { REQUEST_FREE, REQUEST_FILLING, REQUEST_READY };

int rp_spaces_init(struct rp_spaces *spaces)
{
	spaces->slots = vzalloc(RP_SPACE_SLOTS * sizeof(*spaces->slots));
	spaces->path = kmalloc(PATH_MAX, GFP_KERNEL);
	if (!spaces->slots || !spaces->path) {
		vfree(spaces->slots);
		kfree(spaces->path);
		return -ENOMEM;
	}
	INIT_DELAYED_WORK(&spaces->work, rp_spaces_work);
	INIT_LIST_HEAD(&spaces->pending);
	rp_space_maps_init(spaces);
	rp_held_init(&spaces->held);
	return 0;
}

void rp_space_id_of(struct task_struct *task, struct rp_space_id *ret)
{
	RCU_LOCKDEP_WARN(!rcu_read_lock_held(), "the group leader may go");
	ret->start = rp_task_start(READ_ONCE(task->group_leader));
	ret->tgid = task->tgid;
	ret->exec = task->self_exec_id;
}

/* ---- the table ---------------------------------------------------------- */

/* Without the exec count: an exit finds what all of a process's execs left. */
static unsigned long key_of(const struct rp_space_id *id)
{
	u32 low = jhash_3words(id->tgid, id->start, id->start >> 32, 0);
	unsigned long key = low;

#if BITS_PER_LONG == 64
	key |= (unsigned long)id->tgid << 32;
#endif
	return key | 1UL << (BITS_PER_LONG - 1);
}

static struct rp_space_slot *way(struct rp_spaces *spaces, unsigned long key, int i)
{
	return &spaces->slots[(key + i) & (RP_SPACE_SLOTS - 1)];
}

static bool try_lock(struct rp_space_slot *slot)
{
	return !READ_ONCE(slot->lock) && cmpxchg(&slot->lock, 0, 1) == 0;
}

void rp_space_unlock(struct rp_space_slot *slot)
{
	/* Pairs with the cmpxchg in try_lock. */
	smp_store_release(&slot->lock, 0);
}

/*
 * Unlocked: a slot that is being replaced may match by its key and not by its id,
 * or pass both and change right after. The latter costs one sample a map_gen that
 * belongs to another space, for which the reader has the space's id to compare.
 */
static struct rp_space_slot *find(struct rp_spaces *spaces, unsigned long key,
				  const struct rp_space_id *id)
{
	int i;

	for (i = 0; i < WAYS; i++) {
		struct rp_space_slot *slot = way(spaces, key, i);

		/* Pairs with the release in claim: the id is the key's. */
		if (smp_load_acquire(&slot->key) == key && rp_space_same_id(&slot->id, id))
			return slot;
	}
	return NULL;
}

/*
 * Most samples of a CPU are of the same space as the one before. Of a slot that was taken
 * over for the same id just now, the rest may still be another space's: see above.
 */
static struct rp_space_slot *find_again(struct rp_cpu *c, const struct rp_space_id *id)
{
	struct rp_space_slot *slot = c->last_space;

	/* Pairs with the release in claim. 0: it is free, or its id changes. */
	return slot && smp_load_acquire(&slot->key) && rp_space_same_id(&slot->id, id) ?
	       slot : NULL;
}

/* The slot's key is another one, or none: the worker is to look at its list. */
static void note_lost(struct rp_spaces *spaces, const struct rp_space_slot *slot)
{
	smp_mb();	/* pairs with the test_and_clear_bit in rp_space_maps_prune */
	set_bit(slot - spaces->slots, spaces->lost);
}

/* Takes over a free slot or the one unused for longest. NULL: it is locked. */
static struct rp_space_slot *claim(struct rp_spaces *spaces, unsigned long key,
				   const struct rp_space_id *id, u64 now)
{
	struct rp_space_slot *slot, *best = NULL;
	int i;

	for (i = 0; i < WAYS; i++) {
		slot = way(spaces, key, i);
		if (!READ_ONCE(slot->key)) {
			best = slot;
			break;
		}
		if (!best || READ_ONCE(slot->used) < READ_ONCE(best->used))
			best = slot;
	}
	if (!try_lock(best))
		return NULL;
	WRITE_ONCE(best->key, 0);
	smp_wmb();	/* nobody finds it while its id changes */
	best->id = *id;
	best->map_gen = 0;
	best->asked = false;
	best->walk_after = 0;
	best->doubt = 0;
	best->walk_cost = 0;
	best->filter_seen = 0;
	best->maps_hash = 0;
	best->used = now;
	/* Pairs with the acquires in find and in rp_space_forget. */
	smp_store_release(&best->key, key);
	rp_space_unlock(best);
	note_lost(spaces, best);
	return best;
}

struct rp_space_slot *rp_space_lock(struct rp_spaces *spaces,
				    const struct rp_space_id *id)
{
	unsigned long key = key_of(id);
	struct rp_space_slot *slot;

	while ((slot = find(spaces, key, id))) {
		if (try_lock(slot)) {
			if (slot->key == key && rp_space_same_id(&slot->id, id))
				return slot;
			rp_space_unlock(slot);
		}
		cpu_relax();
	}
	return NULL;
}

/* Sleeps until then, for the worker holds it with preemption enabled; ours is disabled. */
static void lock_patiently(struct rp_space_slot *slot)
{
	for (;;) {
		preempt_disable();
		if (try_lock(slot))
			return;
		preempt_enable();
		usleep_range(100, 1000);
	}
}

/*
 * A walk that has begun is followed by another one: note_walk (space_walk.c) has had the
 * lock before. One that has not sees what was done before this was called.
 */
void rp_spaces_ask_again(struct rp_spaces *spaces)
{
	unsigned int i;

	for (i = 0; i < RP_SPACE_SLOTS; i++) {
		struct rp_space_slot *slot = &spaces->slots[i];

		lock_patiently(slot);
		WRITE_ONCE(slot->signs.exec_vm, ULONG_MAX);
		rp_space_unlock(slot);
		preempt_enable();
	}
}

bool rp_space_forget(struct rp_session *session, const struct rp_space_id *id)
{
	unsigned long key = key_of(id);
	bool known = false;
	int i;

	lockdep_assert_preemption_disabled();
	for (i = 0; i < WAYS; i++) {
		struct rp_space_slot *slot = way(&session->spaces, key, i);

		/* Pairs with the release in claim. */
		if (smp_load_acquire(&slot->key) != key ||
		    slot->id.start != id->start || slot->id.tgid != id->tgid)
			continue;
		known |= READ_ONCE(slot->map_gen);
		/* Locked: another CPU replaces it. */
		if (try_lock(slot)) {
			if (slot->key == key)
				WRITE_ONCE(slot->key, 0);
			rp_space_unlock(slot);
			note_lost(&session->spaces, slot);
		}
	}
	return known;
}

/* ---- requests ----------------------------------------------------------- */

/* Only this CPU fills its requests, but an NMI may do so within an interrupt. */
static bool request(struct rp_cpu *c, const struct rp_space_slot *slot, u32 map_gen,
		    u64 now)
{
	int i;

	for (i = 0; i < RP_SPACE_REQUESTS; i++) {
		struct rp_space_request *request = &c->requests[i];

		if (READ_ONCE(request->state) != REQUEST_FREE ||
		    cmpxchg(&request->state, REQUEST_FREE, REQUEST_FILLING) !=
		    REQUEST_FREE)
			continue;
		mmget(current->mm);
		request->mm = current->mm;
		request->id = slot->id;
		request->map_gen = map_gen;
		request->since = now;
		request->not_before = slot->walk_after;
		memcpy(request->comm, current->comm, sizeof(request->comm));
		request->comm[sizeof(request->comm) - 1] = 0;
		/* Pairs with the acquire in rp_space_request_ready. */
		smp_store_release(&request->state, REQUEST_READY);
		rp_cpu_wake(c, RP_WAKE_WORKER);
		return true;
	}
	return false;
}

bool rp_space_request_ready(struct rp_space_request *request)
{
	/* Pairs with the release in request: the rest of it is filled in. */
	return smp_load_acquire(&request->state) == REQUEST_READY;
}

void rp_space_request_done(struct rp_space_request *request)
{
	mmput(request->mm);
	/* Pairs with the cmpxchg in request, after which it is filled again. */
	smp_store_release(&request->state, REQUEST_FREE);
}

/* ---- the sample path ---------------------------------------------------- */

void rp_space_signs_of(struct mm_struct *mm, struct rp_space_signs *ret)
{
	ret->exec_vm = READ_ONCE(mm->exec_vm);
	ret->changes = rp_mm_changes(mm);
	ret->map_count = READ_ONCE(mm->map_count);
}

void rp_space_signs_copy(struct rp_space_signs *to, const struct rp_space_signs *from)
{
	WRITE_ONCE(to->exec_vm, READ_ONCE(from->exec_vm));
	WRITE_ONCE(to->changes, READ_ONCE(from->changes));
	WRITE_ONCE(to->map_count, READ_ONCE(from->map_count));
}

/* Signs that the worker is writing may be seen half: then there is a walk too many. */
static bool maps_changed(struct rp_space_slot *slot, u64 now)
{
	struct rp_space_signs signs, walked;

	if (READ_ONCE(slot->asked))
		return false;
	if (!READ_ONCE(slot->map_gen))
		return true;
	rp_space_signs_of(current->mm, &signs);
	rp_space_signs_copy(&walked, &slot->signs);
	return rp_space_signs_changed(&walked, &signs, now - READ_ONCE(slot->walked),
				      READ_ONCE(slot->doubt));
}

static void ask(struct rp_cpu *c, struct rp_space_slot *slot,
		const struct rp_space_id *id, u64 now)
{
	u32 map_gen;

	if (!try_lock(slot))
		return;		/* another CPU is at it, for the same reason */
	if (!rp_space_same_id(&slot->id, id) || !maps_changed(slot, now))
		goto out;
	map_gen = atomic_inc_return(&c->session->spaces.map_gen);
	if (!request(c, slot, map_gen, now)) {
		c->counts.counters[RP_COUNTER_SPACE_DEFERRED]++;
		goto out;
	}
	WRITE_ONCE(slot->asked, true);
	WRITE_ONCE(slot->map_gen, map_gen);
out:
	rp_space_unlock(slot);
}

/*
 * The rule's answer for `current`, kept in the slot with the rule's generation. The
 * generation is read before the rule (rp_filter_publish writes it after): at worst
 * a new rule's answer is filed under the old generation and asked for again.
 */
static bool wanted(struct rp_session *session, struct rp_space_slot *slot)
{
	u32 seen, generation = READ_ONCE(session->filter_generation);

	if (!rp_filter_active(session))
		return true;
	seen = READ_ONCE(slot->filter_seen);
	if (seen >> 1 == generation)
		return seen & 1;
	smp_rmb();	/* pairs with the smp_wmb in rp_filter_publish */
	seen = generation << 1 | rp_filter_match(session, current);
	WRITE_ONCE(slot->filter_seen, seen);
	return seen & 1;
}

/* A list may be that of the space from which the slot was taken over. */
static const struct rp_space_maps *maps_of(struct rp_session *session,
					   struct rp_space_slot *slot,
					   const struct rp_space_id *id)
{
	const struct rp_space_maps *maps;

	if (!READ_ONCE(session->tables.nr))
		return NULL;
	maps = rcu_dereference(slot->maps);
	return maps && rp_space_same_id(&maps->id, id) ? maps : NULL;
}

static struct rp_space_slot *find_or_claim(struct rp_spaces *spaces,
					   const struct rp_space_id *id, u64 now)
{
	unsigned long key = key_of(id);

	return find(spaces, key, id) ?: claim(spaces, key, id, now);
}

bool rp_space_note(struct rp_cpu *c, const struct rp_space_id *id, u64 now,
		   u32 *ret_map_gen, const struct rp_space_maps **ret_maps)
{
	struct rp_spaces *spaces = &c->session->spaces;
	struct rp_space_slot *slot = find_again(c, id);

	lockdep_assert_preemption_disabled();
	*ret_map_gen = 0;
	*ret_maps = NULL;
	if (!slot)
		slot = c->last_space = find_or_claim(spaces, id, now);
	if (!slot)
		return rp_filter_match(c->session, current);
	if (!wanted(c->session, slot))
		return false;
	if (now - READ_ONCE(slot->used) > USED_NS)
		WRITE_ONCE(slot->used, now);
	if (maps_changed(slot, now) && !rp_task_in_exec(current))
		ask(c, slot, id, now);
	*ret_map_gen = READ_ONCE(slot->map_gen);
	*ret_maps = maps_of(c->session, slot, id);
	return true;
}
