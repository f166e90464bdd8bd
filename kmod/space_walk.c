// SPDX-License-Identifier: GPL-2.0
/*
 * space_walk.c - the worker that describes address spaces.
 *
 * Context: a workqueue, task context, one instance per session at a time. It holds
 * a reference to each mm that it was handed (mm_users), so the mappings are there
 * even when the process has exited meanwhile. The mmap_lock is only tried: a
 * process that holds its own for long must not keep the others waiting, nor the
 * session from being closed.
 *
 * A SPACE that finds no room in the ring waits as bytes; the mm is given back right
 * after the walk, so that a stopped reader pins no dead process's memory. What
 * waits is bounded; beyond that it is dropped and counted, and the next sample of
 * that space asks again.
 */
#include <linux/dcache.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kdev_t.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "build_id.h"
#include "clock.h"
#include "compat/compat.h"
#include "compat/file.h"
#include "session.h"
#include "space.h"
#include "space_maps.h"
#include "space_parts.h"

#define PART_BYTES (8u << 10)
#define PENDING_MAX (1u << 20)
#define MAPS_MAX 16384		/* executable mappings described, per space */
#define RETRY_MS 10		/* until the mmap_lock is free, or the ring has room */
#define GIVE_UP_NS (2ull * NSEC_PER_SEC)
#define REST_FACTOR 20		/* times what a walk costs until the space's next one */
#define REST_MAX_NS (NSEC_PER_SEC / 4)

struct walk {
	struct rp_session *session;
	struct rp_space_request *request;
	struct list_head parts;
	struct rp_space_part *part;	/* being filled */
	u32 part_bytes;		/* how large one may become */
	u32 bytes;		/* allocated */
	u32 nr_maps;
	u16 nr_parts;
	u64 hash;
	int err;
};

static struct rp_space_part *new_part(struct walk *walk, u32 bytes)
{
	struct rp_space_request *request = walk->request;
	struct rp_space_part *part;

	/* It would not be let in (queue_parts): a process must not fill the memory. */
	if (walk->bytes + sizeof(*part) + bytes > PENDING_MAX) {
		walk->err = -E2BIG;
		return NULL;
	}
	part = kzalloc(sizeof(*part) + bytes, GFP_KERNEL);
	if (!part) {
		walk->err = -ENOMEM;
		return NULL;
	}
	part->space.rec.size = sizeof(part->space);
	part->space.rec.type = RP_REC_SPACE;
	part->space.time = rp_clock();
	part->space.space = request->id;
	part->space.map_gen = request->map_gen;
	part->space.part = walk->nr_parts++;
	memcpy(part->space.comm, request->comm, sizeof(part->space.comm));
	list_add_tail(&part->list, &walk->parts);
	part->allocated = sizeof(*part) + bytes;
	walk->bytes += part->allocated;
	walk->part = part;
	return part;
}

/* Room for one map of this size in the last part, or in a new one. */
static struct rp_map *new_map(struct walk *walk, u32 size)
{
	struct rp_space_part *part = walk->part;
	struct rp_map *map;

	if (!part || part->space.rec.size + size > walk->part_bytes) {
		if (part)
			part->space.flags |= RP_SPACE_MORE;
		part = new_part(walk, walk->part_bytes - sizeof(struct rp_space));
		if (!part)
			return NULL;
	}
	map = (void *)&part->space + part->space.rec.size;
	map->size = size;
	part->space.rec.size += size;
	part->space.nr_maps++;
	walk->nr_maps++;
	return map;
}

/* The name of what is mapped; "" if it has none. It may lie in the path buffer. */
static const char *path_of(struct walk *walk, struct vm_area_struct *vma)
{
	const char *path = NULL;

	if (vma->vm_file)
		path = d_path(&vma->vm_file->f_path, walk->session->spaces.path,
			      PATH_MAX);
	else
		path = rp_vma_name(vma);
	return IS_ERR_OR_NULL(path) ? "" : path;
}

static void mix(struct walk *walk, u64 value)
{
	walk->hash = (walk->hash ^ value) * 0x9e3779b97f4a7c15ull;
	walk->hash ^= walk->hash >> 29;
}

struct identity {
	u8 build_id[RP_BUILD_ID_MAX];
	u8 build_id_len;
	struct rp_map_stat stat;	/* where there is none */
};

static void identify(struct file *file, struct identity *ret)
{
	const struct inode *inode = file_inode(file);

	ret->build_id_len = rp_build_id_of(file, ret->build_id);
	if (ret->build_id_len)
		return;
	ret->stat.size = i_size_read(inode);
	ret->stat.mtime = rp_inode_mtime(inode);
	ret->stat.ctime = rp_inode_ctime(inode);
}

static void describe_file(struct walk *walk, struct rp_map *map, struct file *file,
			  const struct identity *id)
{
	struct inode *inode = file_inode(file);

	map->inode = inode->i_ino;
	map->dev_major = MAJOR(inode->i_sb->s_dev);
	map->dev_minor = MINOR(inode->i_sb->s_dev);
	map->build_id_len = id->build_id_len;
	if (id->build_id_len) {
		memcpy(map->build_id, id->build_id, id->build_id_len);
		return;
	}
	map->flags |= RP_MAP_STAT;
	memcpy((char *)map + map->size - sizeof(id->stat), &id->stat, sizeof(id->stat));
	mix(walk, id->stat.size);
	mix(walk, id->stat.mtime);
}

static bool describe(struct walk *walk, struct mm_struct *mm,
		     struct vm_area_struct *vma)
{
	static const char deleted[] = " (deleted)";
	const char *path = path_of(walk, vma);
	size_t len = strlen(path);
	u32 flags = vma->vm_file ? 0 : RP_MAP_ANON, size;
	struct identity id = { .build_id_len = 0 };
	struct rp_map *map;

	if (vma->vm_file && d_unlinked(vma->vm_file->f_path.dentry)) {
		flags |= RP_MAP_DELETED;
		if (len >= sizeof(deleted) &&
		    !strcmp(path + len - (sizeof(deleted) - 1), deleted))
			len -= sizeof(deleted) - 1;
	}
	if (vma->vm_start <= mm->start_code && mm->start_code < vma->vm_end)
		flags |= RP_MAP_EXE;
	size = ALIGN(sizeof(*map) + len + 1, 8);
	if (vma->vm_file)
		identify(vma->vm_file, &id);
	if (vma->vm_file && !id.build_id_len)
		size += sizeof(id.stat);
	map = new_map(walk, size);
	if (!map)
		return false;
	map->flags = flags;
	map->start = vma->vm_start;
	map->end = vma->vm_end;
	if (vma->vm_file) {
		map->offset = (u64)vma->vm_pgoff << PAGE_SHIFT;
		describe_file(walk, map, vma->vm_file, &id);
	}
	map->path_len = len;
	memcpy(map->path, path, len);	/* the rest is zeroed */

	mix(walk, map->start);
	mix(walk, map->end);
	mix(walk, map->offset);
	mix(walk, map->inode);
	mix(walk, (u64)map->dev_major << 32 | map->dev_minor);
	return true;
}

/* The mm's mmap_lock is held. */
static void walk_mappings(struct walk *walk, struct mm_struct *mm)
{
	struct vm_area_struct *vma;
	VMA_ITERATOR(vmi, mm, 0);

	mmap_assert_locked(mm);
	for_each_vma(vmi, vma) {
		cond_resched();
		if (!(vma->vm_flags & VM_EXEC))
			continue;
		if (walk->nr_maps == MAPS_MAX || !describe(walk, mm, vma))
			break;
	}
	if (!walk->part && !walk->err)
		new_part(walk, 0);	/* no executable mapping at all: say so */
}

/* What samples find their tables by: the same mappings, if all could be described. */
static void publish_maps(struct rp_session *session, struct walk *walk)
{
	const struct rp_space_id *id = &walk->request->id;
	struct rp_space_maps *maps = NULL;
	struct rp_space_part *part;
	int i;

	if (!walk->err)
		maps = rp_space_maps_new(session, id, walk->nr_maps);
	if (maps)
		maps->whole = walk->nr_maps < MAPS_MAX;
	list_for_each_entry(part, &walk->parts, list) {
		struct rp_map *map = (void *)(&part->space + 1);

		for (i = 0; maps && i < part->space.nr_maps; i++) {
			rp_space_maps_add(session, maps, map);
			map = (void *)map + map->size;
		}
	}
	rp_space_maps_publish(session, id, maps);
}

/* ---- writing ------------------------------------------------------------ */

/* Makes the next sample of the space ask again. */
static void give_up(struct rp_session *session, const struct rp_space_id *id)
{
	struct rp_space_slot *slot = rp_space_lock(&session->spaces, id);

	if (slot) {
		slot->maps_hash = 0;
		WRITE_ONCE(slot->asked, false);
		WRITE_ONCE(slot->map_gen, 0);
		rp_space_unlock(slot);
	}
	rp_session_count(session, RP_COUNTER_SPACE_DROPPED);
}

/* Are these the mappings that the space's last SPACE told? Keeps the hash, and learns from it. */
static bool told_before(struct rp_session *session, struct walk *walk)
{
	struct rp_space_slot *slot = rp_space_lock(&session->spaces,
						   &walk->request->id);
	bool same;

	if (!slot)
		return false;
	same = slot->maps_hash == walk->hash;
	slot->maps_hash = walk->hash;
	WRITE_ONCE(slot->doubt, rp_space_doubt(slot->doubt, same));
	rp_space_unlock(slot);
	return same;
}

static void queue_parts(struct rp_session *session, struct walk *walk)
{
	struct rp_spaces *spaces = &session->spaces;
	bool same = !walk->err && told_before(session, walk);

	if (!same || !rp_space_maps_there(session, &walk->request->id))
		publish_maps(session, walk);
	if (same) {
		rp_space_parts_free(&walk->parts);
		walk->bytes = walk->nr_parts = 0;
		if (new_part(walk, 0))
			walk->part->space.flags = RP_SPACE_SAME;
	}
	if (walk->err || spaces->pending_bytes + walk->bytes > PENDING_MAX) {
		rp_space_parts_free(&walk->parts);
		give_up(session, &walk->request->id);
		return;
	}
	if (!same && session->setup_flags & RP_SETUP_HOLD_FILES)
		rp_held_add(&spaces->held, walk->request->map_gen, walk->request->mm);
	list_splice_tail(&walk->parts, &spaces->pending);
	spaces->pending_bytes += walk->bytes;
}

/* What the walk that begins now will see; its mmap_lock is held. */
static void note_walk(struct rp_session *session, struct rp_space_request *request,
		      u64 now)
{
	struct rp_space_slot *slot = rp_space_lock(&session->spaces, &request->id);
	struct rp_space_signs signs;

	if (!slot)
		return;
	rp_space_signs_of(request->mm, &signs);
	rp_space_signs_copy(&slot->signs, &signs);
	WRITE_ONCE(slot->walked, now);
	WRITE_ONCE(slot->asked, false);
	rp_space_unlock(slot);
}

static void note_rest(struct rp_session *session, struct rp_space_request *request,
		      u64 took)
{
	struct rp_space_slot *slot = rp_space_lock(&session->spaces, &request->id);

	if (!slot)
		return;
	slot->walk_cost = rp_space_walk_cost(slot->walk_cost, took);
	slot->walk_after = rp_clock() +
			   min_t(u64, (u64)slot->walk_cost * REST_FACTOR, REST_MAX_NS);
	rp_space_unlock(slot);
}

/* False: not now; the space rests, or the process holds its mmap_lock. */
static bool serve(struct rp_session *session, struct rp_space_request *request)
{
	u64 start = rp_clock();
	struct walk walk = {
		.session = session,
		.request = request,
		.part_bytes = min(PART_BYTES, session->ring_bytes / 2),
	};

	if (start < request->not_before)
		return false;
	if (!mmap_read_trylock(request->mm)) {
		if (start - request->since < GIVE_UP_NS)
			return false;
		give_up(session, &request->id);
		rp_space_request_done(request);
		return true;
	}
	INIT_LIST_HEAD(&walk.parts);
	note_walk(session, request, start);
	walk_mappings(&walk, request->mm);
	mmap_read_unlock(request->mm);
	queue_parts(session, &walk);
	note_rest(session, request, rp_clock() - start);
	rp_space_request_done(request);
	return true;
}

void rp_spaces_work(struct work_struct *work)
{
	struct rp_spaces *spaces = container_of(to_delayed_work(work),
						struct rp_spaces, work);
	struct rp_session *session = container_of(spaces, struct rp_session, spaces);
	bool done = true;
	unsigned int cpu;
	int i;

	for (cpu = 0; cpu < nr_cpu_ids; cpu++) {
		struct rp_cpu *c = rp_session_cpu(session, cpu);

		for (i = 0; c && i < RP_SPACE_REQUESTS; i++)
			if (rp_space_request_ready(&c->requests[i]))
				done &= serve(session, &c->requests[i]);
		cond_resched();
	}
	done &= rp_space_parts_put(session);
	done &= rp_space_maps_prune(session);
	if (!done)
		queue_delayed_work(rp_workqueue, &spaces->work,
				   msecs_to_jiffies(RETRY_MS));
	if (rp_held_expire(&spaces->held, rp_clock()))
		rp_spaces_wake_later(spaces);
}

void rp_spaces_wake(struct rp_spaces *spaces)
{
	mod_delayed_work(rp_workqueue, &spaces->work, 0);
}

void rp_spaces_wake_later(struct rp_spaces *spaces)
{
	queue_delayed_work(rp_workqueue, &spaces->work, HZ);
}

void rp_spaces_destroy(struct rp_session *session)
{
	struct rp_spaces *spaces = &session->spaces;
	unsigned int cpu;
	int i;

	cancel_delayed_work_sync(&spaces->work);
	for (cpu = 0; cpu < nr_cpu_ids; cpu++) {
		struct rp_cpu *c = session->cpus[cpu];

		for (i = 0; c && i < RP_SPACE_REQUESTS; i++)
			if (rp_space_request_ready(&c->requests[i]))
				rp_space_request_done(&c->requests[i]);
	}
	rp_space_parts_free(&spaces->pending);
	rp_held_destroy(&spaces->held);
	rp_space_maps_destroy(session);
	vfree(spaces->slots);
	kfree(spaces->path);
}
