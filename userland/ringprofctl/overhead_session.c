// SPDX-License-Identifier: GPL-2.0
/*
 * What samples is a `record` of this same program: it costs what profiling costs, rings read
 * and files with names opened. What it does at its end is not measured: nobody does that all the
 * time.
 */
#include "overhead.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "why.h"

#define WAIT_MS		60000
#define NAP_MS		20
#define ARGUMENTS_MAX	64u

struct search {
	uint32_t newest;	/* session id that there was before */
	pid_t pid;		/* of who opens one */
	struct rp_attrs found;	/* that one; session 0: none */
};

static int note_newest(void *arg, const struct rp_attrs *a)
{
	uint32_t *newest = arg;

	if (a->session > *newest)
		*newest = a->session;
	return 0;
}

static int note_found(void *arg, const struct rp_attrs *a)
{
	struct search *s = arg;

	/* In a PID namespace its number is another one; its name is that of the link. */
	if (a->session > s->newest && a->running &&
	    (a->owner_pid == (uint32_t)s->pid || !strcmp(a->owner_comm, "exe")))
		s->found = *a;
	return 0;
}

struct sums {
	uint64_t run_ns, self_ns;
};

static int add_times(void *arg, const struct rp_attrs *a)
{
	struct sums *s = arg;

	s->run_ns += a->run_ns;
	s->self_ns += a->self_ns;
	return 0;
}

static int times(struct rp_control *c, uint32_t session, struct sums *ret, char *why,
		 size_t why_size)
{
	int err;

	*ret = (struct sums){ 0 };
	err = rp_control_stats(c, session, add_times, ret);
	if (err)
		rp_why(why, why_size, "%s", rp_control_error(c));
	return err;
}

static pid_t start_record(char *const *settings, unsigned int nr, int talk)
{
	static const char *const own[] = { "ringprofctl", "record", "-o", "/dev/null" };
	const unsigned int nr_own = sizeof(own) / sizeof(own[0]);
	char *arguments[ARGUMENTS_MAX];
	pid_t pid = fork();

	if (pid)
		return pid;
	if (nr + nr_own >= ARGUMENTS_MAX || dup2(talk, STDERR_FILENO) < 0 ||
	    dup2(talk, STDOUT_FILENO) < 0)
		_exit(126);
	memcpy(arguments, own, sizeof(own));
	memcpy(arguments + nr_own, settings, nr * sizeof(*settings));
	arguments[nr_own + nr] = NULL;
	execv("/proc/self/exe", arguments);
	_exit(127);
}

/* It has ended too early: its first line says why. */
static int say_talk(int talk, char *why, size_t why_size)
{
	char text[RP_OVERHEAD_WHY_SIZE] = "";
	ssize_t n = pread(talk, text, sizeof(text) - 1, 0);

	if (n > 0)
		text[strcspn(text, "\n")] = '\0';
	rp_why(why, why_size, "%s", *text ? text : "record has ended at once");
	return -ECHILD;
}

static int wait_until_it_samples(struct rp_control *c, struct rp_overhead_session *s,
				 uint32_t newest, char *why, size_t why_size)
{
	const struct timespec nap = { .tv_nsec = NAP_MS * 1000000 };
	struct search search = { .newest = newest, .pid = s->pid };
	int waited, err;

	for (waited = 0; waited < WAIT_MS; waited += NAP_MS) {
		err = rp_control_sessions(c, note_found, &search);
		if (err) {
			rp_why(why, why_size, "%s", rp_control_error(c));
			return err;
		}
		if (search.found.session) {
			s->id = search.found.session;
			s->frequency = search.found.freq;
			return 0;
		}
		if (waitpid(s->pid, NULL, WNOHANG) == s->pid) {
			s->pid = 0;
			return say_talk(s->talk, why, why_size);
		}
		nanosleep(&nap, NULL);
	}
	rp_why(why, why_size, "record does not begin to sample");
	return -ETIMEDOUT;
}

static void end(struct rp_overhead_session *s)
{
	if (s->pid > 0) {
		kill(s->pid, SIGINT);
		while (waitpid(s->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	close(s->talk);
	s->pid = 0;
}

int rp_overhead_start(struct rp_control *c, char *const *settings, unsigned int nr,
		      struct rp_overhead_session *ret, char *why, size_t why_size)
{
	struct rp_overhead_session s = { .talk = memfd_create("record", MFD_CLOEXEC) };
	uint32_t newest = 0;
	struct sums sums;
	int err;

	if (s.talk < 0) {
		rp_why(why, why_size, "%s", strerror(errno));
		return -errno;
	}
	err = rp_control_sessions(c, note_newest, &newest);
	if (err) {
		rp_why(why, why_size, "%s", rp_control_error(c));
		close(s.talk);
		return err;
	}
	s.pid = start_record(settings, nr, s.talk);
	if (s.pid < 0) {
		err = -errno;
		rp_why(why, why_size, "cannot make a process: %s", strerror(-err));
	}
	err = err ? err : wait_until_it_samples(c, &s, newest, why, why_size);
	err = err ? err : times(c, s.id, &sums, why, why_size);
	if (err) {
		end(&s);
		return err;
	}
	s.run_ns = sums.run_ns;
	s.self_ns = sums.self_ns;
	*ret = s;
	return 0;
}

int rp_overhead_stop(struct rp_control *c, struct rp_overhead_session *s, uint64_t *ret_run,
		     uint64_t *ret_self, char *why, size_t why_size)
{
	struct sums sums;
	int err = times(c, s->id, &sums, why, why_size);

	if (!err) {
		*ret_run += sums.run_ns - s->run_ns;
		*ret_self += sums.self_ns - s->self_ns;
	}
	end(s);
	return err;
}
