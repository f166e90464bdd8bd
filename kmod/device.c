// SPDX-License-Identifier: GPL-2.0
/*
 * device.c - the open file that a session belongs to.
 *
 * Contexts: task context. mmap is called with the caller's mmap_lock held and takes
 * no other lock: the CPUs' rings are published with release semantics and live as
 * long as the file. ioctl copies from and to user space outside of
 * rp_sessions_lock and of the tables' lock, so that no page fault happens under them.
 */
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/uaccess.h>

#include "compat/compat.h"
#include "compat/file.h"
#include "device.h"
#include "session.h"

static int device_open(struct inode *inode, struct file *file)
{
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	file->private_data = rp_session_open();
	return file->private_data ? 0 : -ENOMEM;
}

/* The last descriptor and the last mapping of the open file are gone. */
static int device_release(struct inode *inode, struct file *file)
{
	rp_session_close(file->private_data);
	return 0;
}

static long ioctl_setup(struct rp_session *session, void __user *arg)
{
	struct rp_setup setup;
	int err;

	if (copy_from_user(&setup, arg, sizeof(setup)))
		return -EFAULT;
	err = rp_session_setup(session, &setup);
	if (!err && copy_to_user(arg, &setup, sizeof(setup)))
		err = -EFAULT;
	return err;
}

static long ioctl_query(struct rp_session *session, void __user *arg)
{
	struct rp_query query = {
		.ring_generation = atomic_read(&session->ring_generation),
		.limit_generation = READ_ONCE(session->limit_generation),
	};

	return copy_to_user(arg, &query, sizeof(query)) ? -EFAULT : 0;
}

static long ioctl_table(struct rp_session *session, void __user *arg)
{
	struct rp_table_load load;
	int err;

	if (copy_from_user(&load, arg, sizeof(load)))
		return -EFAULT;
	err = rp_table_load(session, &load);
	if ((!err || err == -ENOENT) && copy_to_user(arg, &load, sizeof(load)))
		err = -EFAULT;
	return err;
}

static long device_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct rp_session *session = file->private_data;

	switch (cmd) {
	case RP_IOC_SETUP:
		return ioctl_setup(session, (void __user *)arg);
	case RP_IOC_QUERY:
		return ioctl_query(session, (void __user *)arg);
	case RP_IOC_TABLE:
		return ioctl_table(session, (void __user *)arg);
	case RP_IOC_FILE:
		return rp_held_take(&session->spaces.held, arg);
	case RP_IOC_FLUSH:
		rp_session_flush(session);
		return 0;
	default:
		return -ENOTTY;
	}
}

static int device_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct rp_session *session = file->private_data;
	unsigned long cpu = vma->vm_pgoff >> (RP_MMAP_SHIFT - PAGE_SHIFT);
	unsigned long page = vma->vm_pgoff &
			     ((1ul << (RP_MMAP_SHIFT - PAGE_SHIFT)) - 1);
	struct rp_cpu *c;

	if (page > 1 || !(vma->vm_flags & VM_SHARED))
		return -EINVAL;
	if (cpu >= nr_cpu_ids)
		return -ENXIO;
	c = rp_session_cpu(session, cpu);
	if (!c)
		return -ENXIO;
	return rp_ring_mmap(&c->ring, vma, page == 1);
}

static __poll_t device_poll(struct file *file, poll_table *wait)
{
	struct rp_session *session = file->private_data;

	poll_wait(file, &session->wait, wait);
	return atomic_xchg(&session->readable, 0) ? EPOLLIN | EPOLLRDNORM : 0;
}

static const struct file_operations device_fops = {
	.owner = THIS_MODULE,	/* an open session keeps the module loaded */
	.open = device_open,
	.release = device_release,
	.unlocked_ioctl = device_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.mmap = device_mmap,
	.poll = device_poll,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = RP_DEVICE_NAME,
	.fops = &device_fops,
	.mode = 0600,
};

int rp_device_init(void)
{
	return misc_register(&device);
}

void rp_device_exit(void)
{
	misc_deregister(&device);
}
