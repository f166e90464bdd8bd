/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A file that appears whole or not at all: written under a temporary name in the
 * same folder, then renamed over the final one.
 *
 * A path that exists and is no regular file (/dev/null, a pipe, a terminal) is
 * written directly, and never replaced. A symbolic link is followed first.
 */
#ifndef RP_NEWFILE_H
#define RP_NEWFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rp_newfile {
	int fd;			/* write here */
	char *path;		/* the final name */
	char *temporary;	/* NULL: written directly */
};

/* 0 or -errno; on success one of the two below must follow. */
int rp_newfile_open(struct rp_newfile *f, const char *path);
/* Close, and rename; sync: to the disk before that. On failure nothing is left. */
int rp_newfile_commit(struct rp_newfile *f, bool sync);
/* Close and remove. */
void rp_newfile_abort(struct rp_newfile *f);

/* All of it, through short writes and EINTR. 0 or -errno. */
int rp_write_all(int fd, const void *data, size_t len);
/* len bytes, through the same. -EBADMSG: the file ends before. */
int rp_read_all(int fd, void *data, size_t len);
/* The same of what is at an offset; where the descriptor stands does not matter, and stays. */
int rp_pread_all(int fd, void *data, size_t len, uint64_t offset);

#endif
