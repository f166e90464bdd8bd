// SPDX-License-Identifier: GPL-2.0
/*
 * crowd - processes with 22 frames, each of which, one after the other, works for some
 * milliseconds, so that it has been sampled and described, and sleeps then; when all do, "ready"
 * is printed. On SIGUSR1, to their group, they work in turn, about a millisecond each.
 *
 *	crowd PROCESSES [FOLDER]	each has the folder's files mapped as code
 */
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>

#include "files.h"
#include "losses.h"

#define DEPTH 20
#define FIRST_NS 5000000	/* of the CPU's time */
#define SLICE 50		/* turns */

static volatile sig_atomic_t go;
static int done[2];

static void on_go(int signal)
{
	(void)signal;
	go = 1;
}

static uint64_t used(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static NOINLINE void spin(void)
{
	sigset_t usr1, before;
	unsigned int i;

	while (used() < FIRST_NS)
		sink = turn(sink);
	if (write(done[1], "", 1) != 1)
		_exit(1);
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	sigprocmask(SIG_BLOCK, &usr1, &before);
	while (!go)
		sigsuspend(&before);
	for (;;) {
		for (i = 0; i < SLICE; i++)
			sink = turn(sink);
		sched_yield();
	}
}

static NOINLINE void descend(unsigned int depth)
{
	if (depth > 1)
		descend(depth - 1);
	else
		spin();
	sink++;		/* no call in its place */
}

int main(int argc, char **argv)
{
	unsigned int nr = argc == 2 || argc == 3 ? (unsigned int)atoi(argv[1]) : 0, i;
	pid_t pid;
	char byte;

	if (!nr || pipe(done)) {
		fprintf(stderr, "usage: crowd PROCESSES [FOLDER]\n");
		return 2;
	}
	signal(SIGUSR1, on_go);
	map_files(argv[2]);
	for (i = 0; i < nr; i++) {
		pid = fork();
		if (!pid) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			descend(DEPTH);
		}
		if (pid < 0 || read(done[0], &byte, 1) != 1) {
			perror("crowd");
			return 1;
		}
	}
	printf("ready\n");
	fflush(stdout);
	for (;;)
		pause();
}
