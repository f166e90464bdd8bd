// SPDX-License-Identifier: GPL-2.0
/* A compat_ioctl for arguments that are pointers, from 5.5 on. exported: compat_ptr_ioctl */
#include <linux/fs.h>

long (*ioctl)(struct file *file, unsigned int cmd, unsigned long arg) = compat_ptr_ioctl;
