// SPDX-License-Identifier: GPL-2.0
/*
 * held.c - Contexts: add and expire in the worker, take in the owner's ioctl, init and
 * destroy when a session begins and ends: then its device file is closed, so nobody can be
 * in an ioctl, and the worker has been waited for.
 *
 * The file is the very one that the kernel opened to run it, for reading only, and the
 * descriptor that the reader gets is of it: nothing is looked up again by a path. A file
 * that is held keeps its mount busy, as the process did; hence only for a moment.
 */
#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>

#include "clock.h"
#include "compat/compat.h"
#include "compat/exe_file.h"
#include "held.h"

#define HELD_NS NSEC_PER_SEC

void rp_held_init(struct rp_held *held)
{
	mutex_init(&held->lock);
}

static void let_go(struct rp_held_file *h)
{
	if (h->file)
		fput(h->file);
	h->file = NULL;
}

static bool for_reading(struct file *file)
{
	return (file->f_mode & (FMODE_READ | FMODE_WRITE)) == FMODE_READ &&
	       S_ISREG(file_inode(file)->i_mode);
}

void rp_held_add(struct rp_held *held, u32 map_gen, struct mm_struct *mm)
{
	struct file *file = rp_mm_exe_file(mm);
	struct rp_held_file *h;

	if (!file)
		return;
	if (!for_reading(file)) {
		fput(file);
		return;
	}
	mutex_lock(&held->lock);
	h = &held->of[held->next++ % RP_HELD_FILES];
	let_go(h);
	*h = (struct rp_held_file){ .file = file, .map_gen = map_gen, .since = rp_clock() };
	mutex_unlock(&held->lock);
}

bool rp_held_expire(struct rp_held *held, u64 now)
{
	bool left = false;
	int i;

	mutex_lock(&held->lock);
	for (i = 0; i < RP_HELD_FILES; i++) {
		struct rp_held_file *h = &held->of[i];

		if (h->file && now - h->since >= HELD_NS)
			let_go(h);
		left |= !!h->file;
	}
	mutex_unlock(&held->lock);
	return left;
}

static struct file *find(struct rp_held *held, u32 map_gen)
{
	struct file *file = NULL;
	int i;

	mutex_lock(&held->lock);
	for (i = 0; i < RP_HELD_FILES && !file; i++) {
		struct rp_held_file *h = &held->of[i];

		if (h->file && h->map_gen == map_gen) {
			file = h->file;
			h->file = NULL;
		}
	}
	mutex_unlock(&held->lock);
	return file;
}

int rp_held_take(struct rp_held *held, u32 map_gen)
{
	struct file *file = find(held, map_gen);
	int fd;

	if (!file)
		return -ENOENT;
	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		fput(file);
	else
		fd_install(fd, file);
	return fd;
}

void rp_held_destroy(struct rp_held *held)
{
	int i;

	for (i = 0; i < RP_HELD_FILES; i++)
		let_go(&held->of[i]);
}
