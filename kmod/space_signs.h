/* SPDX-License-Identifier: GPL-2.0 */
/*
 * space_signs.h - by what a sample sees, without a lock, that the mappings of an address
 * space may be others than at the last walk. It is tested in user space.
 *
 * A sign is sure or only a hint. exec_vm, the pages of executable mappings, is sure:
 * it changes with every dlopen. What takes a library's place and is as large leaves
 * nothing behind but hints: of those there are many more than reasons for them, since
 * memory of all kinds is mapped and unmapped. A hint is believed at once until it was wrong,
 * then ever less often, and again when one was right.
 *
 * Contexts: any.
 */
#ifndef RP_KMOD_SPACE_SIGNS_H
#define RP_KMOD_SPACE_SIGNS_H

#include <linux/types.h>

struct rp_space_signs {
	unsigned long exec_vm;	/* pages of executable mappings */
	unsigned long changes;	/* rp_mm_changes() */
	int map_count;		/* mappings of any kind */
};

/* Nanoseconds after a walk in which no hint is believed, since one was wrong */
#define RP_SPACE_DOUBT_MIN 4000000u
#define RP_SPACE_DOUBT_MAX 250000000u

/* Are the mappings to be walked? walked: the signs at the last walk, `since` ns ago. */
static inline bool rp_space_signs_changed(const struct rp_space_signs *walked,
					  const struct rp_space_signs *now, __u64 since,
					  __u32 doubt)
{
	if (now->exec_vm != walked->exec_vm)
		return true;
	return since >= doubt && (now->map_count != walked->map_count ||
				  now->changes != walked->changes);
}

/* The doubt after a walk that was asked for, by the one before it. */
static inline __u32 rp_space_doubt(__u32 doubt, bool found_same)
{
	if (!found_same)
		return 0;
	if (doubt >= RP_SPACE_DOUBT_MAX / 2)
		return RP_SPACE_DOUBT_MAX;
	return doubt ? 2 * doubt : RP_SPACE_DOUBT_MIN;
}

/*
 * What a walk is taken to cost, ns, by what this one took and what the one before it was
 * taken to cost. A walk that was interrupted, by another task or by a hypervisor, took long
 * and costs nothing more; the space must not rest for that, since what is asked for
 * meanwhile is told by the mappings after the rest. One that has really grown is believed
 * within a few walks.
 */
#define RP_SPACE_WALK_MIN 100000u

static inline __u32 rp_space_walk_cost(__u32 before, __u64 took)
{
	__u64 most = 4ull * RP_SPACE_WALK_MIN;

	if (before > RP_SPACE_WALK_MIN)
		most = 4ull * before;
	if (took > most)
		took = most;
	return took < 1u << 30 ? (__u32)took : 1u << 30;
}

#endif
