/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Opening a file of a process by the path that the process knows it by: in the
 * process's own root (mount namespace, container, chroot), which the path cannot leave.
 *
 * Escape  The root is PROC/TGID/root, opened once. Below it openat2() is told to stay
 *         inside (RESOLVE_IN_ROOT, no magic links); a kernel before 5.6, or a filter
 *         that refuses the call, makes us walk: one component at a time, relative to
 *         the folder before, none of them followed if it is a link. ".." never gets
 *         above the root. Both ways give the same answers.
 * Links   RP_ROOT_PATH_NO_LINKS: a symbolic link anywhere in the path is -ELOOP, which
 *         is right for files whose place is a convention that anybody can write to
 *         (/tmp). RP_ROOT_PATH_FOLLOW: links are resolved as the process would, absolute
 *         ones from its root; at most 40 of them.
 * Hostile Only a regular file is opened; what it is, is known before it is opened, so no
 *         FIFO blocks and no device is touched (-ENOTSUP). A folder that can keep us
 *         waiting is one that somebody mounted: FUSE lets a user's own mounts not be
 *         entered by others, unless the host's administrator allowed that.
 * Errors  -ENOENT, -ENOTDIR no such file; -ESRCH the process is gone; -ELOOP links;
 *         -ENOTSUP not a regular file; -ENAMETOOLONG a path of PATH_MAX bytes or more;
 *         -EINVAL not an absolute path; otherwise errno (-EACCES: CAP_SYS_PTRACE
 *         is needed for another user's root).
 * Kernel  O_PATH, of 3.6 and newer for fstat(), is what it needs; so 3.10 has it all.
 *         Our own /proc has to be mounted at /proc.
 * Threads Any.
 */
#ifndef RP_ROOT_PATH_H
#define RP_ROOT_PATH_H

#include <stdint.h>

struct stat;

enum rp_root_path_links {
	RP_ROOT_PATH_NO_LINKS,
	RP_ROOT_PATH_FOLLOW,
};

/* The root folder of a process (an O_PATH descriptor, to be closed), or -errno. */
int rp_root_path_root(const char *proc, uint32_t tgid);

/*
 * Opens the regular file at path in root, any folder's descriptor, for reading. Returns a
 * descriptor (close-on-exec, not blocking) and fills *ret_st if it is not NULL, or
 * returns -errno.
 */
int rp_root_path_open(int root, const char *path, enum rp_root_path_links links,
		      struct stat *ret_st);

/* Both at once. */
int rp_root_path_open_of(const char *proc, uint32_t tgid, const char *path,
			 enum rp_root_path_links links, struct stat *ret_st);

/*
 * The same for what a descriptor of O_PATH already refers to (the caller keeps it), for
 * example a magic link of /proc that was opened: the kind of file is checked first.
 */
int rp_root_path_reopen(int path_fd, struct stat *ret_st);

/* What rp_root_path_open() does where the kernel has no openat2(); for tests. */
int rp_root_path_walk(int root, const char *path, enum rp_root_path_links links,
		      struct stat *ret_st);

#endif
