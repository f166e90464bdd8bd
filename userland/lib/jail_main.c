// SPDX-License-Identifier: GPL-2.0
/*
 * Inside the jail: one job after the other, until the keeper is gone. What a job has
 * allocated is free again when it ends, or the whole jail is.
 */
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "jail.h"
#include "jail_debug.h"
#include "jail_jit.h"
#include "jail_places.h"
#include "jail_private.h"
#include "jail_symbols.h"
#include "jail_table.h"
#include "jail_wire.h"
#include "why.h"

static const rp_jail_worker workers[RP_JAIL_JOBS_NR] = {
	[RP_JAIL_TABLE] = rp_jail_table_work,
	[RP_JAIL_SYMBOLS] = rp_jail_symbols_work,
	[RP_JAIL_JIT] = rp_jail_jit_work,
	[RP_JAIL_PLACES_OPEN] = rp_jail_places_open_work,
	[RP_JAIL_PLACES] = rp_jail_places_work,
	[RP_JAIL_DEBUG_FILE] = rp_jail_debug_work,
};

int rp_jail_open(const char *path)
{
	struct rp_jail_head head;
	void *data = NULL;
	int fd, err;

	err = rp_jail_send(RP_JAIL_FD, RP_JAIL_OPEN, 0, -1, path, strlen(path));
	if (!err)
		err = rp_jail_receive(RP_JAIL_FD, 0, RP_JAIL_WORDS_MAX, &head, &fd, &data);
	if (err || head.kind != RP_JAIL_OPENED)
		_exit(1);
	free(data);
	if (fd < 0)
		return head.code < 0 ? head.code : -EIO;
	return fd;
}

/* Of the one thread: the process's is counted by ticks as soon as it has a limit. */
static uint64_t cpu_ns(void)
{
	return rp_clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

static int work(const struct rp_jail_head *head, int fd, const char *words)
{
	struct rp_jail_head done = { .kind = RP_JAIL_DONE };
	struct rp_jail_result result = { 0 };
	uint64_t before = cpu_ns();
	int err = -EINVAL;

	if (fd >= 0 && head->code >= 0 && head->code < RP_JAIL_JOBS_NR)
		err = workers[head->code](fd, words, (size_t)head->size, &result);
	if (fd >= 0)
		close(fd);
	if (err && !result.why[0])
		rp_why(result.why, sizeof(result.why), "%s", strerror(-err));
	done.code = err;
	done.cpu_ns = cpu_ns() - before;
	done.size = err ? strlen(result.why) : result.size;
	err = rp_jail_send_head(RP_JAIL_FD, &done, -1, err ? result.why : result.data);
	free(result.data);
	return err;
}

static int serve(uint64_t cpu_s)
{
	struct rp_jail_head head;
	void *words;
	int fd, err;

	for (;;) {
		err = rp_jail_receive(RP_JAIL_FD, 0, RP_JAIL_WORDS_MAX, &head, &fd, &words);
		if (err || head.kind != RP_JAIL_JOB)
			return 1;
		rp_jail_limit_cpu(cpu_s);
		err = work(&head, fd, words);
		free(words);
		if (err)
			return 1;
		malloc_trim(0);
	}
}

static bool is_socket(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && S_ISSOCK(st.st_mode);
}

void rp_jail_say(int err, const char *why)
{
	const struct rp_jail_head head = {
		.kind = RP_JAIL_DONE, .code = err, .size = strlen(why),
		.pid = (uint64_t)getpid(),
	};

	rp_jail_send_head(RP_JAIL_FD, &head, -1, why);
}

void rp_jail_go_apart(void)
{
	pid_t pid = fork();

	if (pid)
		_exit(pid < 0);
}

void rp_jail_main(int argc, char **argv)
{
	char why[RP_WHY_SIZE] = "";
	uint64_t cpu_s, memory;
	int err;

	if (argc != 4 || strcmp(argv[1], RP_JAIL_ARGUMENT))
		return;
	if (!is_socket(RP_JAIL_FD)) {
		fputs("ringprof-parser: is started by ringprof itself\n", stderr);
		_exit(2);
	}
	cpu_s = strtoull(argv[2], NULL, 10);
	memory = strtoull(argv[3], NULL, 10);
	rp_jail_go_apart();
	err = rp_jail_confine(memory, why, sizeof(why));
	rp_jail_say(err, why);
	/* Not exit(): nothing of the program's is to be run for it. */
	_exit(err ? 1 : serve(cpu_s));
}
