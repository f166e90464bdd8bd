/* SPDX-License-Identifier: GPL-2.0 */
/*
 * exe_file.h - the file of the program that an address space was made for. Task context.
 */
#ifndef RINGPROF_COMPAT_EXE_FILE_H
#define RINGPROF_COMPAT_EXE_FILE_H

#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>

#include "have.h"

/*
 * With a reference; NULL: there is none. The caller holds mm_users. Where the field is not
 * under RCU (before 4.1), whoever changes it holds the mmap_lock for writing, which takes a
 * privileged prctl(); the file itself is freed by RCU everywhere. Where neither way is
 * known there is none, and whoever wants the file looks for it by its path.
 */
static inline struct file *rp_mm_exe_file(struct mm_struct *mm)
{
	struct file *file = NULL;

	rcu_read_lock();
#if defined(RP_HAVE_GET_FILE_RCU_POINTER)
	file = get_file_rcu(&mm->exe_file);
#elif defined(RP_HAVE_FILE_F_COUNT)
	file = rcu_dereference(mm->exe_file);
	if (file && !atomic_long_inc_not_zero(&file->f_count))
		file = NULL;
#endif
	rcu_read_unlock();
	return file;
}

#endif
