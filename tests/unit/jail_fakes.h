/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Jails of which a file has made something else. A test program plays them itself: it is started
 * as one with the mode in its environment, and its main() begins with jail_mode().
 */
#ifndef TEST_JAIL_FAKES_H
#define TEST_JAIL_FAKES_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "jail.h"
#include "jail_private.h"
#include "jail_wire.h"
#include "why.h"

#define MODE "RP_TEST_JAIL"

/*
 * With a mode, one that plays it, at first: whoever replaces it when it has died is real. One
 * that hangs is given up after a second.
 */
static inline struct rp_jail *start(const char *mode)
{
	struct rp_jail_limits limits = { 0 };
	struct rp_jail *j = NULL;
	char why[RP_WHY_SIZE];

	if (mode) {
		setenv(MODE, mode, 1);
		limits.cpu_s = 1;
		limits.wait_ns = strcmp(mode, "hangs") ? 0 : 1000000000;
	}
	if (rp_jail_start(&j, &limits, why, sizeof(why)))
		fail_msg("%s", why);
	unsetenv(MODE);
	return j;
}

static inline uint64_t jobs_of(struct rp_jail *j)
{
	struct rp_jail_stats stats;

	rp_jail_stats(j, &stats);
	return stats.jobs;
}

/* ---- what they do ---------------------------------------------------------------------- */

/* The one that this program was started with; NULL: not as a jail, or as a real one. */
static inline const char *jail_mode(int argc, char **argv)
{
	return argc == 4 && !strcmp(argv[1], RP_JAIL_ARGUMENT) ? getenv(MODE) : NULL;
}

static inline void answer(int code, const char *text)
{
	rp_jail_send(RP_JAIL_FD, RP_JAIL_DONE, code, -1, text, strlen(text));
}

/* What it still can do, by name. */
static inline void try_everything(char *can, size_t size)
{
	char word[64];
	pid_t child;
	int fd, i;

	can[0] = '\0';
#define CAN(what, name) \
	do { \
		if (what) { \
			snprintf(word, sizeof(word), " %s", name); \
			strncat(can, word, size - strlen(can) - 1); \
		} \
	} while (0)
	CAN(open("/etc/passwd", O_RDONLY) >= 0, "open");
	CAN(open("/proc/self/mem", O_RDWR) >= 0, "mem");
	CAN(socket(AF_INET, SOCK_STREAM, 0) >= 0, "socket");
	CAN(socket(AF_NETLINK, SOCK_RAW, 16) >= 0, "netlink");
	CAN(!kill(getppid(), 0), "kill");
	CAN(!ptrace(PTRACE_ATTACH, getppid(), 0, 0), "ptrace");
	CAN(!chmod("/tmp", 01777), "chmod");
	CAN(!setuid(65534), "setuid");
	CAN(execl("/bin/true", "true", NULL) != -1, "exec");
	child = fork();
	if (!child)
		_exit(0);
	CAN(child > 0, "fork");
	for (fd = 0, i = 0; i < 4096; i++)
		fd += i != STDERR_FILENO && i != RP_JAIL_FD &&
		      fcntl(i, F_GETFD) >= 0;
	CAN(fd > 1, "descriptors");	/* the job's own is one */
#undef CAN
}

static inline void play(const char *mode)
{
	struct rp_jail_head head = { .kind = 77 };
	char text[512];
	int got;

	if (!strcmp(mode, "dies"))
		raise(SIGKILL);
	if (!strcmp(mode, "hangs"))
		pause();
	if (!strcmp(mode, "garbage"))
		rp_jail_send_head(RP_JAIL_FD, &head, -1, NULL);
	if (!strcmp(mode, "huge")) {
		head = (struct rp_jail_head){ .kind = RP_JAIL_DONE, .size = 1ull << 50 };
		send(RP_JAIL_FD, &head, sizeof(head), 0);
	}
	if (!strcmp(mode, "lies"))
		answer(0, "no table at all, but as long as the head of one, which is checked "
		       "first: that its numbers fit to how much it is.");
	if (!strcmp(mode, "claims"))
		answer(5, "yes");
	if (!strcmp(mode, "opens")) {
		got = rp_jail_open("O/etc/passwd");
		snprintf(text, sizeof(text), "%d", got);
		answer(0, text);
	}
	if (!strcmp(mode, "spins")) {
		rp_jail_limit_cpu(1);
		for (;;)
			;
	}
	if (!strcmp(mode, "escapes")) {
		try_everything(text, sizeof(text));
		answer(0, text);
	}
	pause();
}

static inline void be_a_jail(const char *mode)
{
	struct rp_jail_head head;
	char text[RP_WHY_SIZE] = "";
	void *words;
	int fd;

	rp_jail_go_apart();
	if (!strcmp(mode, "mute"))
		_exit(0);
	if (!strcmp(mode, "refuses")) {
		rp_jail_say(-EPERM, "the door does not close");
		_exit(1);
	}
	if (!strcmp(mode, "escapes") && rp_jail_confine(1ull << 30, text, sizeof(text)))
		_exit(1);
	rp_jail_say(0, "");
	if (!rp_jail_receive(RP_JAIL_FD, 0, RP_JAIL_WORDS_MAX, &head, &fd, &words))
		play(mode);
	_exit(1);
}

#endif
