/* SPDX-License-Identifier: GPL-2.0 */
/*
 * file.h - what the operations of an open file are made of. Task context.
 */
#ifndef RINGPROF_COMPAT_FILE_H
#define RINGPROF_COMPAT_FILE_H

#include <linux/compat.h>
#include <linux/fs.h>
#include <linux/poll.h>

#include "have.h"

#ifndef RP_HAVE_POLL_T
typedef unsigned int __poll_t;
#define EPOLLIN POLLIN
#define EPOLLRDNORM POLLRDNORM
#endif

#ifndef RP_HAVE_COMPAT_PTR_IOCTL
#ifdef CONFIG_COMPAT
static long rp_compat_ptr_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return file->f_op->unlocked_ioctl(file, cmd, (unsigned long)compat_ptr(arg));
}

#define compat_ptr_ioctl rp_compat_ptr_ioctl
#else
#define compat_ptr_ioctl NULL
#endif
#endif

#endif
