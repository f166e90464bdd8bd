// SPDX-License-Identifier: GPL-2.0
/*
 * /tmp is everybody's, and numbers of processes come again. A file of that name is
 * believed only if nobody but the process's user can have made it, and not before the
 * process was there.
 */
#include "jit_owner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "proc_text.h"

#define SLACK_NS 2000000000ll	/* clocks of files are coarse, and ticks of stat, too */
#define NS_PER_S 1000000000ll

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

static int read_files(int folder, struct rp_jit_owner *o)
{
	char text[RP_PROC_STATUS_MAX];
	ssize_t n = rp_proc_read(folder, "stat", text, sizeof(text));
	long long uid, pid;
	int err;

	if (n < 0)
		return (int)n;
	err = start_of(text, &o->start);
	if (err)
		return err;
	n = rp_proc_read(folder, "status", text, sizeof(text));
	if (n < 0)
		return (int)n;
	uid = rp_proc_number(text, "Uid", 4);	/* real, effective, saved, of files */
	pid = rp_proc_number(text, "NSpid", RP_PROC_LAST);	/* the innermost */
	if (uid < 0)
		return -EBADMSG;
	o->uid = (uint32_t)uid;
	o->pid = pid > 0 ? (uint32_t)pid : o->tgid;
	return 0;
}

int rp_jit_owner_read(const char *proc, uint32_t tgid, struct rp_jit_owner *ret)
{
	struct rp_jit_owner o = { .tgid = tgid };
	int folder = rp_proc_open(proc, tgid), err = folder;

	if (folder >= 0) {
		err = read_files(folder, &o);
		close(folder);
	}
	if (err)
		return err == -ENOENT ? -ESRCH : err;
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
