// SPDX-License-Identifier: GPL-2.0
/*
 * A profile that was cut short by a full disk or a signal looks like a file and
 * is none; whoever collects the folder must never see one. The temporary name
 * begins with a dot, so that globs pass it over.
 */
#include "newfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define TRIES 16

int rp_write_all(int fd, const void *data, size_t len)
{
	const char *at = data;
	ssize_t n;

	while (len) {
		n = write(fd, at, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

int rp_read_all(int fd, void *data, size_t len)
{
	char *at = data;
	ssize_t n;

	while (len) {
		n = read(fd, at, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EBADMSG;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

int rp_pread_all(int fd, void *data, size_t len, uint64_t offset)
{
	char *at = data;
	ssize_t n;

	while (len) {
		n = pread(fd, at, len, (off_t)offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EBADMSG;
		at += n;
		offset += (uint64_t)n;
		len -= (size_t)n;
	}
	return 0;
}

/* Not mkstemp(): the file's mode should come from the umask like any other's. */
static int open_temporary(struct rp_newfile *f)
{
	const char *slash = strrchr(f->path, '/');
	int folder = slash ? (int)(slash - f->path) + 1 : 0;
	uint64_t number;
	int i;

	for (i = 0; i < TRIES; i++) {
		if (getrandom(&number, sizeof(number), GRND_NONBLOCK) != sizeof(number))
			number = ((uint64_t)getpid() << 16) + (unsigned int)i;
		if (asprintf(&f->temporary, "%.*s.ringprof-%016llx.tmp", folder, f->path,
			     (unsigned long long)number) < 0) {
			f->temporary = NULL;
			return -ENOMEM;
		}
		f->fd = open(f->temporary,
			     O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
		if (f->fd >= 0)
			return 0;
		free(f->temporary);
		f->temporary = NULL;
		if (errno != EEXIST)
			return -errno;
	}
	return -EEXIST;
}

static void forget(struct rp_newfile *f)
{
	free(f->temporary);
	free(f->path);
	*f = (struct rp_newfile){ .fd = -1 };
}

int rp_newfile_open(struct rp_newfile *f, const char *path)
{
	struct rp_newfile new = { .fd = -1 };
	bool exists;
	struct stat st;
	int err = 0;

	exists = !stat(path, &st);
	new.path = exists ? realpath(path, NULL) : NULL;
	/* /dev/stdout may lead to a pipe, which has no path: then it is the given one. */
	if (!new.path)
		new.path = strdup(path);
	if (!new.path)
		return -ENOMEM;
	if (exists && S_ISDIR(st.st_mode)) {
		err = -EISDIR;
	} else if (exists && !S_ISREG(st.st_mode)) {
		new.fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
		if (new.fd < 0)
			err = -errno;
	} else {
		err = open_temporary(&new);
	}
	if (err)
		forget(&new);
	else
		*f = new;
	return err;
}

int rp_newfile_commit(struct rp_newfile *f, bool sync)
{
	int err = 0;

	if (sync && f->temporary && fsync(f->fd) < 0)
		err = -errno;
	if (close(f->fd) < 0 && !err)
		err = -errno;
	if (!err && f->temporary && rename(f->temporary, f->path) < 0)
		err = -errno;
	if (err && f->temporary)
		unlink(f->temporary);
	forget(f);
	return err;
}

void rp_newfile_abort(struct rp_newfile *f)
{
	close(f->fd);
	if (f->temporary)
		unlink(f->temporary);
	forget(f);
}
