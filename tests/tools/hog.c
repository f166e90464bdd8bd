// SPDX-License-Identifier: GPL-2.0
/*
 * hog.c - takes memory until the kernel kills it for that, again and again.
 *
 *	hog SEED [CGROUP]	until SIGTERM; prints counts (stress.h). CGROUP is a
 *				memory cgroup's folder with a limit; without it, all
 *				of the machine's memory is taken.
 *
 * The hog is the first one whom the kernel may kill, by its own wish, so that nobody
 * else is.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "stress.h"

#define STEP (1u << 20)

enum what { HOGS, KILLED, NR };
static const char *const names[NR] = { "hogs", "killed" };
static uint64_t counts[NR];

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0) {
		perror(path);
		_exit(1);
	}
	close(fd);
}

static void take_all(uint64_t *random, const char *cgroup)
{
	char path[4096];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	put("/proc/self/oom_score_adj", "1000");
	if (cgroup) {
		snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
		put(path, "0");
	}
	for (;;) {
		char *p = mmap(NULL, STEP, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		for (size_t i = 0; p != MAP_FAILED && i < STEP; i += 4096)
			p[i] = 1;
		if (rp_one_in(random, 16))
			rp_pause_us(rp_magnitude(random, 10000));
	}
}

int main(int argc, char **argv)
{
	uint64_t random;
	int status;

	if (argc != 2 && argc != 3) {
		fprintf(stderr, "usage: hog SEED [CGROUP]\n");
		return 2;
	}
	random = rp_random_state(rp_seed_of(argv[1]), 0);
	rp_stop_on_term();
	while (!rp_stop) {
		pid_t pid = fork();

		if (!pid)
			take_all(&random, argv[2]);
		if (pid > 0) {
			counts[HOGS]++;
			while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
				kill(pid, SIGKILL);
			if (!WIFSIGNALED(status)) {
				fprintf(stderr, "hog: it ended by itself\n");
				return 1;
			}
			counts[KILLED] += !rp_stop;
		}
		rp_random(&random);
		rp_pause_us(1000000 + rp_magnitude(&random, 3000000));
	}
	rp_report("hog", names, counts, NR);
	return 0;
}
