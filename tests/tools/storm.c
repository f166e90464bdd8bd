// SPDX-License-Identifier: GPL-2.0
/*
 * storm.c - processes and threads that come and go: what a sample must not stumble
 * over is an address space, a parent, a name that is just being made or given up.
 *
 *	storm SEED	until SIGTERM; prints counts (stress.h)
 *
 * A child does one of: exit at once; exec, and exec again; fork further and leave the
 * grandchildren behind; start threads and exit, or exec, from one that is not the
 * leader; change its name; be killed in the middle of it.
 */
#include <errno.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "stress.h"

#define CHILDREN_MAX 12

enum what { FORKS, EXECS, THREADS, ORPHANS, KILLS, NR };
static const char *const names[NR] = { "forks", "execs", "threads", "orphans", "kills" };
static uint64_t *counts;
static const char *self;

/* Work that is neither a system call nor nothing: something to be sampled in. */
static void spin(uint64_t *random)
{
	volatile uint32_t left = rp_magnitude(random, 200000);

	while (left)
		left--;
}

/* Ends with exec, again and again until `rounds` is used up (see main). */
static void exec_self(uint64_t *random, unsigned int rounds)
{
	char seed[32], left[16];

	rp_count(&counts[EXECS]);
	snprintf(seed, sizeof(seed), "%llu", (unsigned long long)rp_random(random));
	snprintf(left, sizeof(left), "%u", rounds);
	execl(self, "storm", seed, left, (char *)NULL);
	_exit(0);	/* no memory, say */
}

struct thread {
	uint64_t random;
	bool execs;
};

static void *thread_main(void *argument)
{
	struct thread *t = argument;

	rp_count(&counts[THREADS]);
	spin(&t->random);
	if (t->execs)
		exec_self(&t->random, 0);
	return NULL;
}

static void use_threads(uint64_t *random)
{
	struct thread threads[4];
	pthread_t id;
	unsigned int i, nr = 1 + rp_below(random, 4);

	for (i = 0; i < nr; i++) {
		threads[i].random = rp_random_state(rp_random(random), i);
		threads[i].execs = rp_one_in(random, 8);
		if (pthread_create(&id, NULL, thread_main, &threads[i]))
			break;
	}
	spin(random);
	/* The leader goes, the others may stay for a moment: it is a zombie till then. */
	if (rp_one_in(random, 4))
		pthread_exit(NULL);
}

static void leave_orphans(uint64_t *random)
{
	for (unsigned int nr = 1 + rp_below(random, 3); nr; nr--) {
		pid_t pid = fork();

		if (pid < 0)
			return;
		if (!pid) {
			spin(random);
			_exit(0);
		}
		rp_count(&counts[ORPHANS]);
	}
}

static void child(uint64_t random)
{
	static const char *const comms[] = { "storm", "", "a name too long for it" };

	signal(SIGTERM, SIG_DFL);
	switch (rp_below(&random, 6)) {
	case 0:
		break;
	case 1:
		exec_self(&random, rp_below(&random, 4));
		break;
	case 2:
		leave_orphans(&random);
		break;
	case 3:
		use_threads(&random);
		break;
	case 4:
		for (int i = 0; i < 20; i++)
			prctl(PR_SET_NAME, comms[rp_below(&random, 3)]);
		spin(&random);
		break;
	default:
		if (rp_one_in(&random, 2))
			setsid();
		for (;;)	/* until it is killed */
			spin(&random);
	}
	_exit(0);
}

/* One of the children, chosen by chance, wherever it just is. */
static void kill_one(uint64_t *random, const pid_t *children)
{
	pid_t pid = children[rp_below(random, CHILDREN_MAX)];

	if (pid && !kill(pid, SIGKILL))
		rp_count(&counts[KILLS]);
}

static void reap(pid_t *children, int flags)
{
	pid_t pid;

	while ((pid = waitpid(-1, NULL, flags)) > 0)
		for (int i = 0; i < CHILDREN_MAX; i++)
			if (children[i] == pid)
				children[i] = 0;
}

static void storm(uint64_t seed)
{
	uint64_t random = rp_random_state(seed, 0), nth = 0;
	pid_t children[CHILDREN_MAX] = { 0 };

	while (!rp_stop) {
		pid_t *free_slot = &children[rp_below(&random, CHILDREN_MAX)];

		reap(children, WNOHANG);
		if (*free_slot) {
			kill_one(&random, children);
			rp_pause_us(rp_magnitude(&random, 3000));
			continue;
		}
		nth++;
		*free_slot = fork();
		if (!*free_slot)
			child(rp_random_state(seed, nth));
		if (*free_slot > 0)
			rp_count(&counts[FORKS]);
		else
			*free_slot = 0;
	}
	for (int i = 0; i < CHILDREN_MAX; i++)
		if (children[i])
			kill(children[i], SIGKILL);
	reap(children, 0);
}

int main(int argc, char **argv)
{
	uint64_t random;

	if (argc < 2) {
		fprintf(stderr, "usage: storm SEED\n");
		return 2;
	}
	self = "/proc/self/exe";
	counts = rp_shared(NR * sizeof(*counts));
	if (argc == 3) {	/* by exec_self: what is counted here is nobody's */
		random = rp_random_state(rp_seed_of(argv[1]), 0);
		spin(&random);
		if (atoi(argv[2]))
			exec_self(&random, (unsigned int)atoi(argv[2]) - 1);
		return 0;
	}
	/* Orphans come back here, so that none is left at the end. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	rp_stop_on_term();
	storm(rp_seed_of(argv[1]));
	rp_report("storm", names, counts, NR);
	return 0;
}
