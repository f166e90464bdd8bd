// SPDX-License-Identifier: GPL-2.0
/*
 * Every path goes through here, so that a tree of files can stand for a host.
 *
 * Files of /proc have no size, and /dev/kmsg has no end: nothing here asks for a
 * size, and nothing waits.
 */
#include "doctor_private.h"

#include "gzip.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void make_path(const struct rp_doctor *d, char ret[static PATH_MAX],
		      const char *format, va_list args)
{
	size_t len = strlen(d->host->root);
	int n;

	if (len >= PATH_MAX) {
		*ret = '\0';
		return;
	}
	memcpy(ret, d->host->root, len);
	n = vsnprintf(ret + len, PATH_MAX - len, format, args);
	if (n < 0 || (size_t)n >= PATH_MAX - len)
		*ret = '\0';
}

void rp_doctor_path(const struct rp_doctor *d, char ret[static PATH_MAX],
		    const char *format, ...)
{
	va_list args;

	va_start(args, format);
	make_path(d, ret, format, args);
	va_end(args);
}

bool rp_doctor_exists(const struct rp_doctor *d, const char *format, ...)
{
	char path[PATH_MAX];
	va_list args;

	va_start(args, format);
	make_path(d, path, format, args);
	va_end(args);
	return !access(path, F_OK);
}

static int open_file(const struct rp_doctor *d, const char *path)
{
	char full[PATH_MAX];
	int fd;

	rp_doctor_path(d, full, "%s", path);
	fd = open(full, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	return fd < 0 ? -errno : fd;
}

ssize_t rp_doctor_read(const struct rp_doctor *d, const char *path, char *buf, size_t size)
{
	int fd = open_file(d, path);
	size_t len = 0;
	ssize_t n;

	*buf = '\0';
	if (fd < 0)
		return fd;
	do {
		n = read(fd, buf + len, size - 1 - len);
		if (n > 0)
			len += (size_t)n;
	} while ((n > 0 && len < size - 1) || (n < 0 && errno == EINTR));
	if (n < 0 && !len)
		n = -errno;
	close(fd);
	buf[len] = '\0';
	if (len && buf[len - 1] == '\n')
		buf[--len] = '\0';
	return n < 0 && !len ? n : (ssize_t)len;
}

int rp_doctor_number(const struct rp_doctor *d, const char *path, long long *ret)
{
	long long value;
	char text[64], *end;
	ssize_t n = rp_doctor_read(d, path, text, sizeof(text));

	if (n < 0)
		return (int)n;
	errno = 0;
	value = strtoll(text, &end, 10);
	if (end == text || *end || errno)
		return -EINVAL;
	*ret = value;
	return 0;
}

int rp_doctor_load(const struct rp_doctor *d, const char *path, char **ret, size_t *ret_len)
{
	int fd = open_file(d, path), err;
	size_t len = 0;
	void *data;
	char *text;

	if (fd < 0)
		return fd;
	err = rp_gunzip_fd(fd, RP_DOCTOR_FILE_MAX, &data, &len, NULL, 0);
	close(fd);
	if (err)
		return err;
	text = realloc(data, len + 1);
	if (!text) {
		free(data);
		return -ENOMEM;
	}
	text[len] = '\0';
	*ret = text;
	*ret_len = len;
	return 0;
}

/* Hands out the whole lines in buf, and moves what is left to its beginning. */
static int split(char *buf, size_t *len, int (*each)(void *arg, char *line), void *arg)
{
	char *line = buf, *end;
	int stop = 0;

	while (!stop && (end = memchr(line, '\n', *len - (size_t)(line - buf)))) {
		*end = '\0';
		stop = each(arg, line);
		line = end + 1;
	}
	*len -= (size_t)(line - buf);
	memmove(buf, line, *len);
	return stop;
}

int rp_doctor_lines(const struct rp_doctor *d, const char *path,
		    int (*each)(void *arg, char *line), void *arg)
{
	int fd = open_file(d, path), stop = 0;
	char buf[16 << 10];
	size_t len = 0;
	ssize_t n;

	if (fd < 0)
		return fd;
	while (!stop) {
		n = read(fd, buf + len, sizeof(buf) - 1 - len);
		/* EPIPE: the oldest messages of the log were overwritten meanwhile. */
		if (n < 0 && (errno == EINTR || errno == EPIPE))
			continue;
		if (n < 0 && errno != EAGAIN)
			stop = -errno;
		if (n <= 0)
			break;
		len += (size_t)n;
		stop = split(buf, &len, each, arg);
		if (len == sizeof(buf) - 1)
			len = 0;	/* no line is that long */
	}
	if (!stop && len) {
		buf[len] = '\0';
		stop = each(arg, buf);
	}
	close(fd);
	return stop;
}
