// SPDX-License-Identifier: GPL-2.0
/*
 * Our own load has something of everything that a sample may be in the way of: arithmetic,
 * memory that fits a cache of the second level, and system calls; on each CPU that we may use,
 * so that a reader has to take its time from it.
 */
#include "overhead.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "why.h"

#define THREADS_MAX	256u
#define WORDS		(32u << 10)	/* of 8 bytes, each thread's */
#define OUTPUT_MAX	(1u << 20)	/* bytes of what a command says: the last ones */

/* ---- our own -------------------------------------------------------------------------- */

struct worker {
	pthread_t thread;
	const atomic_bool *stop;
	uint64_t *memory;
	uint64_t rounds;
};

static void *work(void *arg)
{
	struct worker *w = arg;
	uint64_t x = 1, i;

	while (!atomic_load_explicit(w->stop, memory_order_relaxed)) {
		for (i = 0; i < 2000; i++) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			w->memory[x % WORDS] += x;
		}
		syscall(SYS_getppid);
		w->rounds++;
	}
	return NULL;
}

static unsigned int cpus(void)
{
	cpu_set_t set;
	int nr = sched_getaffinity(0, sizeof(set), &set) ? 1 : CPU_COUNT(&set);

	return nr < 1 ? 1 : nr > (int)THREADS_MAX ? THREADS_MAX : (unsigned int)nr;
}

static void sleep_for(uint64_t ns)
{
	struct timespec left = { .tv_sec = (time_t)(ns / 1000000000),
				 .tv_nsec = (long)(ns % 1000000000) };

	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR)
		;
}

static int measure_own(uint64_t slice_ns, double *ret, char *why, size_t why_size)
{
	const unsigned int nr = cpus();
	struct worker *w = calloc(nr, sizeof(*w));
	uint64_t *memory = calloc((size_t)nr * WORDS, sizeof(*memory));
	uint64_t begin = rp_clock_ns(CLOCK_MONOTONIC), rounds = 0;
	atomic_bool stop = false;
	unsigned int i, made;
	int err = w && memory ? 0 : ENOMEM;

	for (made = 0; made < nr && !err; made += !err) {
		w[made].stop = &stop;
		w[made].memory = memory + (size_t)made * WORDS;
		err = pthread_create(&w[made].thread, NULL, work, &w[made]);
	}
	if (!err)
		sleep_for(slice_ns);
	atomic_store(&stop, true);
	for (i = 0; i < made; i++) {
		pthread_join(w[i].thread, NULL);
		rounds += w[i].rounds;
	}
	*ret = (double)(rp_clock_ns(CLOCK_MONOTONIC) - begin) / (double)(rounds ? rounds : 1);
	free(memory);
	free(w);
	if (err)
		rp_why(why, why_size, "the load cannot be started: %s", strerror(err));
	return -err;
}

/* ---- a command -------------------------------------------------------------------------- */

/* All that comes, of which the last bytes are kept; with a NUL at the end. */
static void read_output(int fd, char *text, size_t size)
{
	size_t fill = 0;
	ssize_t n;

	for (;;) {
		if (fill == size - 1) {
			memmove(text, text + size / 2, fill - size / 2);
			fill -= size / 2;
		}
		n = read(fd, text + fill, size - 1 - fill);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		fill += (size_t)n;
	}
	text[fill] = '\0';
}

static int find_figure(const regex_t *figure, const char *text, double *ret, char *why,
		       size_t why_size)
{
	regmatch_t m[2];
	double value = 0;

	while (!regexec(figure, text, 2, m, 0)) {
		if (m[1].rm_so >= 0)
			value = strtod(text + m[1].rm_so, NULL);
		if (!text[m[0].rm_eo] || m[0].rm_eo == 0)
			break;
		text += m[0].rm_eo;
	}
	if (value > 0) {
		*ret = 1 / value;
		return 0;
	}
	rp_why(why, why_size, "the command has printed nothing with a number above 0 that fits the expression of --figure");
	return -EBADMSG;
}

static pid_t start_command(char **command, int out)
{
	pid_t pid = fork();
	int null;

	if (pid)
		return pid;
	null = out < 0 ? open("/dev/null", O_WRONLY) : out;
	if (null < 0 || dup2(null, STDOUT_FILENO) < 0)
		_exit(126);
	execvp(command[0], command);
	_exit(errno == ENOENT ? 127 : 126);
}

static int ended(pid_t pid, const char *name, char *why, size_t why_size)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		rp_why(why, why_size, "%s cannot be run: there is no such command", name);
	else if (WIFEXITED(status))
		rp_why(why, why_size, "%s ended with status %d: what fails is not measured", name,
		       WEXITSTATUS(status));
	else
		rp_why(why, why_size, "%s was killed by signal %d", name, WTERMSIG(status));
	return -ECHILD;
}

static int measure_command(const struct rp_overhead_load *l, double *ret, char *why,
			   size_t why_size)
{
	char *text = l->has_figure ? malloc(OUTPUT_MAX) : NULL;
	uint64_t begin = rp_clock_ns(CLOCK_MONOTONIC);
	int out[2] = { -1, -1 }, err = 0;
	pid_t pid;

	if (l->has_figure && (!text || pipe2(out, O_CLOEXEC))) {
		rp_why(why, why_size, "%s", strerror(errno));
		free(text);
		return -ENOMEM;
	}
	pid = start_command(l->command, out[1]);
	if (out[1] >= 0)
		close(out[1]);
	if (pid < 0) {
		err = -errno;
		rp_why(why, why_size, "cannot make a process: %s", strerror(-err));
	}
	if (!err && text)
		read_output(out[0], text, OUTPUT_MAX);
	if (!err)
		err = ended(pid, l->command[0], why, why_size);
	*ret = (double)(rp_clock_ns(CLOCK_MONOTONIC) - begin) / 1e9;
	if (!err && text)
		err = find_figure(&l->figure, text, ret, why, why_size);
	if (out[0] >= 0)
		close(out[0]);
	free(text);
	return err;
}

int rp_overhead_measure(const struct rp_overhead_load *l, double *ret, char *why, size_t why_size)
{
	return l->command ? measure_command(l, ret, why, why_size) :
			    measure_own(l->slice_ns, ret, why, why_size);
}
