// SPDX-License-Identifier: GPL-2.0
/*
 * The command must not run before sampling is on, and its process must exist before
 * the session's filter can know it: so it is forked first and waits at a pipe. If we
 * die, the pipe ends and it goes without having run anything.
 *
 * We are a subreaper: what the command leaves behind becomes our child instead of
 * init's, stays among our descendants, and is sampled as long as we sample.
 */
#include "record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cmd.h"

#define TERM_MS 3000	/* from SIGTERM to SIGKILL */
#define NAP_MS 20

/* What the shell says too. */
#define EXIT_NOT_EXECUTABLE 126
#define EXIT_NOT_FOUND 127

static void __attribute__((noreturn))
run_command(const struct rp_record *r, int go, int failed)
{
	char **command = r->options.command;
	int err;
	char c;

	sigprocmask(SIG_SETMASK, &r->old_signals, NULL);
	signal(SIGPIPE, SIG_DFL);
	if (read(go, &c, 1) != 1)
		_exit(RP_EXIT_FAILED);
	execvp(command[0], command);
	err = errno;
	if (write(failed, &err, sizeof(err)) < 0)
		_exit(RP_EXIT_FAILED);
	_exit(err == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE);
}

int rp_record_child_fork(struct rp_record *r)
{
	int go[2], failed[2];
	pid_t pid;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (pipe2(go, O_CLOEXEC) < 0)
		goto error;
	if (pipe2(failed, O_CLOEXEC) < 0) {
		close(go[0]);
		close(go[1]);
		goto error;
	}
	pid = fork();
	if (!pid) {
		close(go[1]);
		run_command(r, go[0], failed[1]);
	}
	close(go[0]);
	close(failed[1]);
	if (pid < 0) {
		close(go[1]);
		close(failed[0]);
		goto error;
	}
	r->child.pid = pid;
	r->child.go = go[1];
	r->child.failed = failed[0];
	return RP_EXIT_OK;

error:
	return rp_cmd_fail(RP_EXIT_FAILED, "cannot make a process: %s", strerror(errno));
}

int rp_record_child_go(struct rp_record *r)
{
	ssize_t n;
	int err;

	n = write(r->child.go, "", 1);
	close(r->child.go);
	if (n == 1) {
		do {
			n = read(r->child.failed, &err, sizeof(err));
		} while (n < 0 && errno == EINTR);
	}
	close(r->child.failed);
	if (n != (ssize_t)sizeof(err))
		return RP_EXIT_OK;	/* exec closed it */
	waitpid(r->child.pid, NULL, 0);
	r->child.pid = 0;
	return rp_cmd_fail(RP_EXIT_FAILED, "cannot run %s: %s", r->options.command[0],
			   strerror(err));
}

void rp_record_child_reap(struct rp_record *r)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != r->child.pid)
			continue;	/* an orphan of the command's */
		r->child.pid = 0;
		r->child.ended = true;
		r->child.status = status;
	}
}

void rp_record_child_end(struct rp_record *r)
{
	const struct timespec nap = { .tv_nsec = NAP_MS * 1000000 };
	int waited;

	if (!r->child.pid)
		return;
	kill(r->child.pid, SIGTERM);
	for (waited = 0; r->child.pid && waited < TERM_MS; waited += NAP_MS) {
		nanosleep(&nap, NULL);
		rp_record_child_reap(r);
	}
	if (!r->child.pid)
		return;
	kill(r->child.pid, SIGKILL);
	waitpid(r->child.pid, NULL, 0);
	r->child.pid = 0;
}

int rp_record_child_exit(const struct rp_record *r)
{
	int status = r->child.status;

	if (r->reason != RP_RECORD_COMMAND || !r->child.ended)
		return RP_EXIT_OK;
	if (WIFSIGNALED(status)) {
		fprintf(stderr, "ringprofctl record: %s was ended by signal %d (%s)\n",
			r->options.command[0], WTERMSIG(status), strsignal(WTERMSIG(status)));
		return 128 + WTERMSIG(status);
	}
	return WEXITSTATUS(status);
}
