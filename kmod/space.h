/* SPDX-License-Identifier: GPL-2.0 */
/*
 * space.h - the address spaces that a session knows, and describing them while
 * they exist (promise 3).
 *
 * space.c is the sample path's part: a table of known spaces, and requests that
 * hand an mm to the worker. space_walk.c is the worker: it walks the mappings and
 * writes SPACE records. Contexts: with each function, and at the top of both files.
 */
#ifndef RP_KMOD_SPACE_H
#define RP_KMOD_SPACE_H

#include <linux/list.h>
#include <linux/types.h>
#include <linux/workqueue.h>
#include "../proto/ringprof.h"
#include "held.h"
#include "space_signs.h"

struct mm_struct;
struct rp_cpu;
struct rp_session;
struct rp_space_maps;
struct rp_space_request;
struct task_struct;

/*
 * One known space. Found by key without a lock; whoever changes anything but
 * `used` and `filter_seen` holds `lock`, which is only ever tried: in interrupt
 * context there is nobody to wait for.
 *
 * A 32-bit machine may read `walked` and `used` half written, seconds off. They are
 * compared with now for what may happen early or late: another look at the mappings,
 * another choice of the slot to replace.
 */
struct rp_space_slot {
	unsigned long key;	/* a hash of tgid and start; 0: free */
	u32 lock;
	u32 map_gen;		/* of the SPACE asked for last; 0: none yet */
	struct rp_space_id id;
	bool asked;		/* that SPACE is still to be made */
	struct rp_space_signs signs;	/* at the last walk */
	u32 doubt;		/* how long after that no hint is believed, ns */
	u32 walk_cost;		/* what one is taken to cost, ns; 0: there was none */
	u32 filter_seen;	/* the rule's generation << 1 | its answer */
	u64 walked;		/* when that was */
	u64 walk_after;		/* the next walk is not before */
	u64 used;		/* last sample, for replacing the oldest */
	u64 maps_hash;		/* of the mappings in the last SPACE written */
	struct rp_space_maps __rcu *maps;	/* written by the worker alone; perhaps
						 * another space's (space_maps.h)
						 */
};

#define RP_SPACE_SLOTS_BITS 12
#define RP_SPACE_SLOTS (1u << RP_SPACE_SLOTS_BITS)

struct rp_spaces {
	struct rp_space_slot *slots;
	/*
	 * Slots that lost their space, whose list may be another one's now. Set behind that by
	 * whoever did it, in any context; the worker clears a bit before it looks at the slot.
	 */
	DECLARE_BITMAP(lost, RP_SPACE_SLOTS);
	atomic_t map_gen;		/* the last one given out */
	struct delayed_work work;
	struct list_head pending;	/* parts that wait for room: worker only */
	u32 pending_bytes;
	char *path;			/* PATH_MAX, worker only */
	struct list_head retired;	/* rp_space_maps: worker only */
	struct list_head reaped;	/* these, too: reaper only, while reaping */
	u32 reaping;			/* boolean */
	struct work_struct reaper;
	atomic_t nr_maps;		/* entries of all lists */
	struct rp_held held;
};

static inline bool rp_space_same_id(const struct rp_space_id *a,
				    const struct rp_space_id *b)
{
	return a->start == b->start && a->tgid == b->tgid && a->exec == b->exec;
}

int rp_spaces_init(struct rp_spaces *spaces);
/* When no producer is left; waits for the worker. Task context. */
void rp_spaces_destroy(struct rp_session *session);

/* Any context: the id of a task's address space. Under rcu_read_lock. */
void rp_space_id_of(struct task_struct *task, struct rp_space_id *ret);

/*
 * The sample path: notes that `current`, a user process with this id, was
 * sampled. False: the session's filter does not want it. *ret_map_gen is what the
 * sample is to carry; if the space is new or its mappings seem to have changed, it
 * is a new one, and the worker has been asked for the SPACE that belongs to it. *ret_maps:
 * its list of mappings, if there is one and tables to find by it; under rcu_read_lock.
 */
bool rp_space_note(struct rp_cpu *c, const struct rp_space_id *id, u64 now,
		   u32 *ret_map_gen, const struct rp_space_maps **ret_maps);

/* The process has exited. True if it was known. Any context. */
bool rp_space_forget(struct rp_session *session, const struct rp_space_id *id);

/*
 * The next sample of each space that is known asks for a SPACE, and so the worker for its
 * list of mappings, as if these had changed. Task context.
 */
void rp_spaces_ask_again(struct rp_spaces *spaces);

/*
 * For the worker: the slot of this very id, locked, or NULL when the space is not
 * known any more. Waits for whoever has it locked: interrupt context, or task
 * context with preemption disabled, for a handful of instructions.
 */
struct rp_space_slot *rp_space_lock(struct rp_spaces *spaces,
				    const struct rp_space_id *id);
void rp_space_unlock(struct rp_space_slot *slot);
/* Those of an mm that is held. Any context. */
void rp_space_signs_of(struct mm_struct *mm, struct rp_space_signs *ret);
/* A slot's are read without a lock, and written with the slot's: hence one by one. */
void rp_space_signs_copy(struct rp_space_signs *to, const struct rp_space_signs *from);
/* Requests: the worker takes those that are ready and frees them when done. */
bool rp_space_request_ready(struct rp_space_request *request);
void rp_space_request_done(struct rp_space_request *request);

void rp_spaces_work(struct work_struct *work);
void rp_spaces_wake(struct rp_spaces *spaces);
/* The same within a second: somebody is not known any more. */
void rp_spaces_wake_later(struct rp_spaces *spaces);

extern struct workqueue_struct *rp_workqueue;

#endif
