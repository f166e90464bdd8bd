/* SPDX-License-Identifier: GPL-2.0 */
/*
 * file.h - what the operations of an open file are made of, and what an inode says. Task
 * context.
 */
#ifndef RINGPROF_COMPAT_FILE_H
#define RINGPROF_COMPAT_FILE_H

#include <linux/compat.h>
#include <linux/fs.h>
#include <linux/poll.h>

#include "have.h"

/* An inode's times of change, of its contents and of anything, in ns since 1970. */
static inline s64 rp_inode_mtime(const struct inode *inode)
{
#ifdef RP_HAVE_INODE_GET_MTIME
	struct timespec64 t = inode_get_mtime(inode);

	return timespec64_to_ns(&t);
#else
	return (s64)inode->i_mtime.tv_sec * NSEC_PER_SEC + inode->i_mtime.tv_nsec;
#endif
}

static inline s64 rp_inode_ctime(const struct inode *inode)
{
#ifdef RP_HAVE_INODE_GET_CTIME
	struct timespec64 t = inode_get_ctime(inode);

	return timespec64_to_ns(&t);
#else
	return (s64)inode->i_ctime.tv_sec * NSEC_PER_SEC + inode->i_ctime.tv_nsec;
#endif
}

#ifndef RP_HAVE_POLL_T
typedef unsigned int __poll_t;
#define EPOLLIN POLLIN
#define EPOLLRDNORM POLLRDNORM
#endif

#ifndef RP_HAVE_COMPAT_PTR_IOCTL
#ifdef CONFIG_COMPAT
static inline long rp_compat_ptr_ioctl(struct file *file, unsigned int cmd,
				       unsigned long arg)
{
	return file->f_op->unlocked_ioctl(file, cmd, (unsigned long)compat_ptr(arg));
}

#define compat_ptr_ioctl rp_compat_ptr_ioctl
#else
#define compat_ptr_ioctl NULL
#endif
#endif

#endif
