/* SPDX-License-Identifier: GPL-2.0 */
/*
 * held.h - programs' files, held for a moment so that the reader can have them though the
 * process has ended and the file has been deleted since (promise 3): with
 * RP_SETUP_HOLD_FILES, from when a SPACE is written until RP_IOC_FILE takes it, a second at
 * most, and the last RP_HELD_FILES of them.
 *
 * Task context, all of it; one lock of its own.
 */
#ifndef RP_KMOD_HELD_H
#define RP_KMOD_HELD_H

#include <linux/mutex.h>
#include <linux/types.h>

#define RP_HELD_FILES 64

struct file;
struct mm_struct;

struct rp_held_file {
	struct file *file;	/* NULL: free */
	u32 map_gen;		/* of the SPACE */
	u64 since;
};

struct rp_held {
	struct mutex lock;	/* of all the rest */
	struct rp_held_file of[RP_HELD_FILES];	/* a circle */
	u32 next;
};

void rp_held_init(struct rp_held *held);
/* The program's file of mm, which the caller holds. Without one, nothing happens. */
void rp_held_add(struct rp_held *held, u32 map_gen, struct mm_struct *mm);
/* Lets go of those that nobody has come for. True: others are left. */
bool rp_held_expire(struct rp_held *held, u64 now);
/* A descriptor of the caller's; -ENOENT: it is not held, or not any more. -EMFILE. */
int rp_held_take(struct rp_held *held, u32 map_gen);
void rp_held_destroy(struct rp_held *held);

#endif
