/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Opening a file by a path of somebody else's: as a process with that root sees it, and
 * never outside of the root, whatever links lie on the way.
 *
 * Links are resolved here, one component after the other from descriptors of what was
 * reached so far: an absolute one begins again at the root, ".." leads to where the walk
 * came from and stops at the root. What is renamed or replaced meanwhile can make it fail,
 * but not escape. Links of proc that are none (/proc/PID/exe) are taken as their text.
 *
 * Errors  -ENOENT and the like of the way; -ELOOP more than 40 links; -ENAMETOOLONG more
 *         than RP_ROOT_DEPTH_MAX directories at once, or a path that with its links exceeds
 *         PATH_MAX; -ENOTSUP not a regular file. `err`, if not NULL, gets a sentence of at
 *         most err_size bytes, with the path in it.
 * Threads Any number at once.
 */
#ifndef RP_ROOT_OPEN_H
#define RP_ROOT_OPEN_H

#include <stddef.h>

#define RP_ROOT_DEPTH_MAX 128

struct stat;

/*
 * Opens a regular file for reading: a FIFO is not waited for, a device not touched. root:
 * a directory, "/proc/PID/root" for example; NULL: "/". Returns the descriptor (close-on-exec)
 * and fills *ret_st if it is not NULL, or returns -errno.
 */
int rp_root_open(const char *root, const char *path, struct stat *ret_st, char *err,
		 size_t err_size);

/*
 * The same, for a place that anybody can write to, where a link is somebody's trap: one on
 * the way, or at its end, is -ELOOP.
 */
int rp_root_open_direct(const char *root, const char *path, struct stat *ret_st, char *err,
			size_t err_size);

/*
 * Reopens for reading what an O_PATH descriptor stands for, if that is a regular file;
 * place stays open. path is for messages. As rp_root_open() otherwise.
 */
int rp_regular_reopen(int place, const char *path, struct stat *ret_st, char *err,
		      size_t err_size);

#endif
