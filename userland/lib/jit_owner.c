// SPDX-License-Identifier: GPL-2.0
/*
 * /tmp is everybody's, and numbers of processes come again. A file of that name is
 * believed only if nobody but the process's user can have made it, and not before the
 * process was there.
 */
#include "jit_owner.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SLACK_NS 2000000000ll	/* clocks of files are coarse, and ticks of stat, too */
#define NS_PER_S 1000000000ll

static int read_text(const char *proc, uint32_t tgid, const char *file, char *text, size_t size)
{
	char path[256];
	ssize_t n;
	int fd, err;

	snprintf(path, sizeof(path), "%.200s/%u/%s", proc, tgid, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	n = read(fd, text, size - 1);
	err = n < 0 ? -errno : 0;
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return err;
}

/* What follows "KEY:" at the beginning of a line. */
static const char *value_of(const char *text, const char *key)
{
	const char *at = strstr(text, key);

	return at && at > text && at[-1] == '\n' ? at + strlen(key) : NULL;
}

/* Of a line of numbers the one that is the nth, or the last of fewer. -1: none. */
static long long nth_number(const char *s, int n)
{
	unsigned long number;
	long long last = -1;
	char *end;

	while (s && n-- > 0) {
		s += strspn(s, " \t");
		if (*s < '0' || *s > '9')
			break;
		number = strtoul(s, &end, 10);
		last = (long long)number;
		s = end;
	}
	return last;
}

/* The 22nd of stat; the second, the name in parentheses, may hold any characters. */
static int start_of(const char *stat, uint64_t *ret)
{
	const char *s = strrchr(stat, ')');
	int field;

	for (field = 2; s && field < 22; field++) {
		s = strchr(s, ' ');
		s += s != NULL;
	}
	if (!s || *s < '0' || *s > '9')
		return -EBADMSG;
	*ret = strtoull(s, NULL, 10);
	return 0;
}

int rp_jit_owner_read(const char *proc, uint32_t tgid, struct rp_jit_owner *ret)
{
	struct rp_jit_owner o = { .tgid = tgid };
	long long uid, pid;
	char text[8192];
	int err = read_text(proc, tgid, "stat", text, sizeof(text));

	if (!err)
		err = start_of(text, &o.start);
	if (!err)
		err = read_text(proc, tgid, "status", text, sizeof(text));
	if (err)
		return err;
	uid = nth_number(value_of(text, "Uid:"), 4);	/* real, effective, saved, of files */
	pid = nth_number(value_of(text, "NSpid:"), 64);	/* the innermost is the last */
	if (uid < 0)
		return -EBADMSG;
	o.uid = (uint32_t)uid;
	o.pid = pid > 0 ? (uint32_t)pid : tgid;
	*ret = o;
	return 0;
}

/* When it started, nanoseconds since 1970, as far as the clock has not been set since. */
static long long started(const struct rp_jit_owner *o)
{
	long long tick = NS_PER_S / sysconf(_SC_CLK_TCK);
	struct timespec now, up;

	clock_gettime(CLOCK_REALTIME, &now);
	clock_gettime(CLOCK_BOOTTIME, &up);
	return (now.tv_sec - up.tv_sec) * NS_PER_S + now.tv_nsec - up.tv_nsec +
	       (long long)o->start * tick;
}

enum rp_jit_refusal rp_jit_owner_check(const struct rp_jit_owner *o, const struct stat *st,
				       bool mapped)
{
	long long written = st->st_mtim.tv_sec * NS_PER_S + st->st_mtim.tv_nsec;

	if (!S_ISREG(st->st_mode))
		return RP_JIT_KIND;
	if (st->st_uid != o->uid)
		return RP_JIT_OWNER;
	if (st->st_nlink > 1)
		return RP_JIT_NAMES;
	if (!mapped && written + SLACK_NS < started(o))
		return RP_JIT_OLD;
	return RP_JIT_TAKEN;
}
