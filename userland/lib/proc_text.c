// SPDX-License-Identifier: GPL-2.0
/*
 * Files of proc have no size: they are read until they end. A line that a bound has cut is
 * none, as half of a number is another number.
 */
#include "proc_text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DELETED " (deleted)"

int rp_proc_open(const char *proc, uint32_t pid)
{
	char path[256];
	int folder;

	snprintf(path, sizeof(path), "%.200s/%u", proc, pid);
	folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return folder < 0 ? -errno : folder;
}

ssize_t rp_proc_read(int folder, const char *name, char *buf, size_t size)
{
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	size_t len = 0;
	ssize_t n;

	if (fd < 0)
		return -errno;
	do {
		n = read(fd, buf + len, size - 1 - len);
		if (n > 0)
			len += (size_t)n;
	} while ((n > 0 && len < size - 1) || (n < 0 && errno == EINTR));
	if (n < 0)
		len = 0;
	buf[len] = '\0';
	n = n < 0 ? -errno : (ssize_t)len;
	close(fd);
	return n;
}

ssize_t rp_proc_exe(int folder, char *buf, size_t size)
{
	ssize_t n = readlinkat(folder, "exe", buf, size - 1);
	ssize_t tail = strlen(DELETED);

	if (n < 0)
		return -errno;
	buf[n] = '\0';
	if (n > tail && !strcmp(buf + n - tail, DELETED)) {
		n -= tail;
		buf[n] = '\0';
	}
	return n;
}

const char *rp_proc_line(const char *status, const char *key)
{
	size_t len = strlen(key);
	const char *line, *end;

	for (line = status; (end = strchr(line, '\n')); line = end + 1) {
		if (strncmp(line, key, len) || line[len] != ':')
			continue;
		line += len + 1;
		return line + strspn(line, "\t");
	}
	return NULL;
}

long long rp_proc_number(const char *status, const char *key, unsigned int nth)
{
	const char *s = rp_proc_line(status, key);
	long long last = -1;
	char *end;

	for (; s && nth && *s >= '0' && *s <= '9'; nth--) {
		last = (long long)strtoul(s, &end, 10);
		s = end + strspn(end, " \t");
	}
	return last;
}
