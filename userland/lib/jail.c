// SPDX-License-Identifier: GPL-2.0
/*
 * The keeper's side. A jail that has died is replaced when the next job comes, so that a
 * file that kills each of them costs a process for each look at it and no more (who asks
 * remembers that it is damaged). It ignores what a terminal or an init system sends to all:
 * it ends when its socket does.
 *
 * It is nobody's child but init's: it forks once more, and who was started ends. So it is not
 * among the descendants of `ringprofctl record`, which are what that samples.
 */
#include "jail.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "debug_places_pack.h"
#include "jail_private.h"
#include "jail_wire.h"
#include "jit_batch.h"
#include "why.h"

#define NS 1000000000ull
#define CPU_S 20
#define MEMORY (sizeof(void *) == 4 ? 512ull << 20 : 1ull << 30)
#define WAIT_NS (120 * NS)

struct rp_jail {
	pthread_mutex_t lock;		/* a job at a time */
	struct rp_jail_limits limits;
	pthread_mutex_t stats_lock;	/* asked while a job is done, by who holds others' locks */
	struct rp_jail_stats stats;
	/* Under the stats_lock: of those before, and this one's when it was read last. */
	uint64_t cpu_before_ns, cpu_ns;
	uint64_t job_ns, job_cpu_ns;	/* when the job in hand began, and its cpu_ns then */
	pid_t pid;			/* 0: there is none; else it holds its end; both locks */
	int socket;			/* the same */
};

extern char **environ;

static void count(struct rp_jail *j, uint64_t *what, uint64_t more)
{
	pthread_mutex_lock(&j->stats_lock);
	*what += more;
	pthread_mutex_unlock(&j->stats_lock);
}

/* ---- its process ------------------------------------------------------------- */

/* Its end of the socket becomes RP_JAIL_FD; all else is closed when it is executed. */
static int spawn(struct rp_jail *j, int theirs)
{
	pid_t pid;

	char name[] = "ringprof-parser", how[] = RP_JAIL_ARGUMENT, cpu[24], memory[24];
	char *const argv[] = { name, how, cpu, memory, NULL };
	posix_spawn_file_actions_t actions;
	int err;

	snprintf(cpu, sizeof(cpu), "%llu", (unsigned long long)j->limits.cpu_s);
	snprintf(memory, sizeof(memory), "%llu", (unsigned long long)j->limits.memory);
	err = posix_spawn_file_actions_init(&actions);
	if (err)
		return -err;
	err = posix_spawn_file_actions_adddup2(&actions, theirs, RP_JAIL_FD);
	if (!err)
		err = posix_spawn(&pid, "/proc/self/exe", &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (err)
		return -err;
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return 0;
}

/* To be init's child, and not to come back to us, who may want the orphans of others. */
static int spawn_apart(struct rp_jail *j, int theirs)
{
	int err, reaper = 0;

	prctl(PR_GET_CHILD_SUBREAPER, &reaper);
	if (reaper)
		prctl(PR_SET_CHILD_SUBREAPER, 0);
	err = spawn(j, theirs);
	if (reaper)
		prctl(PR_SET_CHILD_SUBREAPER, 1);
	return err;
}

/* Nobody else has the other end: as long as that is open, the pid is its own. */
static bool is_gone(const struct rp_jail *j)
{
	struct pollfd p = { .fd = j->socket };

	return poll(&p, 1, 0) != 0;
}

/* Its CPU time; under the stats_lock. Of one that has ended it is what was known last. */
static void read_clock(struct rp_jail *j)
{
	clockid_t clock;
	uint64_t ns;

	if (!j->pid || is_gone(j) || clock_getcpuclockid(j->pid, &clock))
		return;
	ns = rp_clock_ns(clock);
	if (ns > j->cpu_ns)
		j->cpu_ns = ns;
}

static void begin_job(struct rp_jail *j)
{
	pthread_mutex_lock(&j->stats_lock);
	read_clock(j);
	j->job_cpu_ns = j->cpu_ns;
	j->job_ns = rp_clock_ns(CLOCK_MONOTONIC);
	pthread_mutex_unlock(&j->stats_lock);
}

/* It has died of its job, and its clock with it: it has one thread, so it took no more. */
static void presume_clock(struct rp_jail *j)
{
	pthread_mutex_lock(&j->stats_lock);
	j->cpu_ns = j->job_cpu_ns + rp_clock_ns(CLOCK_MONOTONIC) - j->job_ns;
	pthread_mutex_unlock(&j->stats_lock);
}

static void put_away(struct rp_jail *j)
{
	if (!j->pid)
		return;
	pthread_mutex_lock(&j->stats_lock);
	read_clock(j);
	j->cpu_before_ns += j->cpu_ns;
	j->cpu_ns = 0;
	if (!is_gone(j))
		kill(j->pid, SIGKILL);
	close(j->socket);
	j->pid = 0;
	pthread_mutex_unlock(&j->stats_lock);
}

/* The first message says that it is confined. */
static int greet(struct rp_jail *j, char *why, size_t why_size)
{
	struct rp_jail_head head;
	void *data = NULL;
	int fd, err;

	err = rp_jail_receive(j->socket, rp_clock_ns(CLOCK_MONOTONIC) + j->limits.wait_ns, RP_JAIL_WORDS_MAX,
			      &head, &fd, &data);
	if (!err && !head.code) {
		pthread_mutex_lock(&j->stats_lock);
		j->pid = (pid_t)head.pid;
		pthread_mutex_unlock(&j->stats_lock);
	}
	if (!err && head.code)
		rp_why(why, why_size, "the process for parsing cannot be confined: %s",
		       (char *)data);
	else if (err)
		rp_why(why, why_size, "the process for parsing does not answer: %s",
		       strerror(-err));
	if (!err)
		err = head.code;
	if (fd >= 0)
		close(fd);
	free(data);
	return err;
}

/*
 * Theirs is not RP_JAIL_FD already: old C libraries leave such a one to be closed when the
 * program is executed.
 */
static int make_socket(int ends[2])
{
	int other;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return -errno;
	if (ends[1] != RP_JAIL_FD)
		return 0;
	other = fcntl(ends[1], F_DUPFD_CLOEXEC, RP_JAIL_FD + 1);
	if (other < 0) {
		other = -errno;
		close(ends[0]);
		close(ends[1]);
		return other;
	}
	close(ends[1]);
	ends[1] = other;
	return 0;
}

static int start(struct rp_jail *j, char *why, size_t why_size)
{
	int ends[2], err;

	err = make_socket(ends);
	if (err) {
		rp_why(why, why_size, "no socket for the process for parsing: %s",
		       strerror(-err));
		return err;
	}
	err = spawn_apart(j, ends[1]);
	close(ends[1]);
	if (err) {
		rp_why(why, why_size, "the process for parsing cannot be started: %s",
		       strerror(-err));
		close(ends[0]);
		return err;
	}
	j->socket = ends[0];
	count(j, &j->stats.started, 1);
	err = greet(j, why, why_size);
	if (err)
		close(j->socket);
	return err;
}

/* ---- for callers --------------------------------------------------------------- */

int rp_jail_start(struct rp_jail **ret, const struct rp_jail_limits *limits, char *why,
		  size_t why_size)
{
	struct rp_jail *j = calloc(1, sizeof(*j));
	int err;

	if (!j) {
		rp_why(why, why_size, "out of memory");
		return -ENOMEM;
	}
	if (limits)
		j->limits = *limits;
	if (!j->limits.cpu_s)
		j->limits.cpu_s = CPU_S;
	if (!j->limits.memory)
		j->limits.memory = MEMORY;
	if (!j->limits.wait_ns)
		j->limits.wait_ns = WAIT_NS;
	pthread_mutex_init(&j->lock, NULL);
	pthread_mutex_init(&j->stats_lock, NULL);
	err = start(j, why, why_size);
	if (err)
		rp_jail_stop(j);
	else
		*ret = j;
	return err;
}

void rp_jail_stop(struct rp_jail *j)
{
	if (!j)
		return;
	put_away(j);
	pthread_mutex_destroy(&j->lock);
	pthread_mutex_destroy(&j->stats_lock);
	free(j);
}

/* Bytes of a job's result; 0: as many as of any. */
static const size_t result_max[RP_JAIL_JOBS_NR] = {
	[RP_JAIL_JIT] = RP_JIT_BATCH_MAX,
	[RP_JAIL_PLACES_OPEN] = RP_JAIL_WORDS_MAX,
	[RP_JAIL_PLACES] = RP_DEBUG_PLACES_PACK_MAX,
};

/* Answers its questions until it is done. */
static int converse(struct rp_jail *j, enum rp_jail_job job, uint64_t deadline,
		    rp_jail_opener opener, void *arg, struct rp_jail_head *head, void **ret)
{
	size_t max = result_max[job] ? result_max[job] : RP_JAIL_RESULT_MAX;
	int err, fd, opened;

	for (;;) {
		err = rp_jail_receive(j->socket, deadline, max, head, &fd, ret);
		if (err)
			return err;
		if (fd >= 0)
			close(fd);	/* it has none to give */
		if (head->kind == RP_JAIL_DONE)
			return 0;
		if (head->kind != RP_JAIL_OPEN) {
			free(*ret);
			return -EPROTO;
		}
		opened = opener ? opener(arg, *ret) : -EACCES;
		free(*ret);
		err = rp_jail_send(j->socket, RP_JAIL_OPENED, opened < 0 ? opened : 0, opened,
				   NULL, 0);
		if (opened >= 0)
			close(opened);
		if (err)
			return err;
	}
}

/* Of a job that has no result: what became of the jail. */
static void explain(struct rp_jail *j, int err, char *why, size_t why_size)
{
	if (is_gone(j))
		presume_clock(j);
	put_away(j);
	if (err == -ETIMEDOUT) {
		count(j, &j->stats.late, 1);
		rp_why(why, why_size, "parsing it took longer than %llu s",
		       (unsigned long long)(j->limits.wait_ns / NS));
		return;
	}
	count(j, &j->stats.died, 1);
	if (err == -EPROTO)
		rp_why(why, why_size, "its parser answered out of turn");
	else
		rp_why(why, why_size,
		       "its parser died of it, or needed more than %llu s of CPU time",
		       (unsigned long long)j->limits.cpu_s);
}

static int ask(struct rp_jail *j, enum rp_jail_job job, int fd, const void *words, size_t size,
	       rp_jail_opener opener, void *arg, void **ret, size_t *ret_size, char *why,
	       size_t why_size)
{
	struct rp_jail_head head = { 0 };
	void *data = NULL;
	int err = 0;

	count(j, &j->stats.jobs, 1);
	if (!j->pid)
		err = start(j, why, why_size);
	if (err)
		return err;
	begin_job(j);
	err = rp_jail_send(j->socket, RP_JAIL_JOB, (int)job, fd, words, size);
	if (!err)
		err = converse(j, job, rp_clock_ns(CLOCK_MONOTONIC) + j->limits.wait_ns, opener,
			       arg, &head, &data);
	if (err) {
		explain(j, err, why, why_size);
		return err == -ENOMEM ? err : -EBADMSG;
	}
	/* It may say what it likes, but not take the sum backwards. */
	if (head.cpu_ns < j->limits.wait_ns)
		count(j, &j->stats.cpu_ns[job], head.cpu_ns);
	if (head.code) {
		rp_why(why, why_size, "%s", (char *)data);
		free(data);
		return head.code < 0 ? head.code : -EBADMSG;
	}
	*ret = data;
	*ret_size = (size_t)head.size;
	return 0;
}

/* Takes the lock, which another thread may hold for as long as its job takes. */
static void wait_for_turn(struct rp_jail *j)
{
	struct timespec until;
	uint64_t ns;

	while (rp_jail_has_meanwhile()) {
		ns = rp_clock_ns(CLOCK_REALTIME) + RP_JAIL_MEANWHILE_MS * 1000000ull;
		until.tv_sec = (time_t)(ns / NS);
		until.tv_nsec = (long)(ns % NS);
		if (!pthread_mutex_timedlock(&j->lock, &until))
			return;
		rp_jail_do_meanwhile();
	}
	pthread_mutex_lock(&j->lock);
}

/* Whether this thread has one; another job, asked for meanwhile, would wait for itself. */
static _Thread_local bool has_turn;

static void take_turn(struct rp_jail *j)
{
	has_turn = true;
	wait_for_turn(j);
}

static void end_turn(struct rp_jail *j)
{
	pthread_mutex_unlock(&j->lock);
	has_turn = false;
}

int rp_jail_ask(struct rp_jail *j, enum rp_jail_job job, int fd, const void *words,
		size_t size, rp_jail_opener opener, void *arg, void **ret, size_t *ret_size,
		char *why, size_t why_size)
{
	int err;

	if (size > RP_JAIL_WORDS_MAX)
		return -E2BIG;
	if (has_turn) {
		rp_why(why, why_size, "another file is being parsed");
		return -EDEADLK;
	}
	take_turn(j);
	err = ask(j, job, fd, words, size, opener, arg, ret, ret_size, why, why_size);
	end_turn(j);
	return err;
}

bool rp_jail_error_passes(int err)
{
	return err == -EAGAIN || err == -EMFILE || err == -ENFILE || err == -ENOBUFS;
}

int rp_jail_disown(struct rp_jail *j, char *why, size_t why_size)
{
	if (j) {
		take_turn(j);
		put_away(j);
		end_turn(j);
		count(j, &j->stats.died, 1);
	}
	rp_why(why, why_size, "its parser answered with what cannot be");
	return -EBADMSG;
}

void rp_jail_stats(struct rp_jail *j, struct rp_jail_stats *ret)
{
	pthread_mutex_lock(&j->stats_lock);
	*ret = j->stats;
	pthread_mutex_unlock(&j->stats_lock);
}

uint64_t rp_jail_cpu_ns(struct rp_jail *j)
{
	uint64_t ns;

	pthread_mutex_lock(&j->stats_lock);
	read_clock(j);
	ns = j->cpu_before_ns + j->cpu_ns;
	pthread_mutex_unlock(&j->stats_lock);
	return ns;
}

pid_t rp_jail_pid(struct rp_jail *j)
{
	pid_t pid;

	pthread_mutex_lock(&j->stats_lock);
	pid = j->pid && !is_gone(j) ? j->pid : 0;
	pthread_mutex_unlock(&j->stats_lock);
	return pid;
}

bool rp_jail_rest(struct rp_jail *j)
{
	if (!j)
		return true;
	if (has_turn || pthread_mutex_trylock(&j->lock))
		return false;
	put_away(j);
	pthread_mutex_unlock(&j->lock);
	return true;
}
