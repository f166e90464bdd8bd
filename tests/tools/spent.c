// SPDX-License-Identifier: GPL-2.0
/*
 * spent COMMAND [ARGUMENT]...: runs a command and says last, to standard error, what it took:
 * "SECONDS KIB", CPU time to the microsecond and peak memory. For tests/bench: a process
 * begins with its parent's peak, so this one is small, and time(1) counts in hundredths.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct rusage usage;
	int status;
	pid_t pid;

	if (argc < 2) {
		fputs("usage: spent COMMAND [ARGUMENT]...\n", stderr);
		return 2;
	}
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);	/* who gives up on us means both */
		execvp(argv[1], argv + 1);
		perror(argv[1]);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &usage) != pid) {
		perror("spent");
		return 1;
	}
	fprintf(stderr, "%.6f %ld\n",
		(double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
		(double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6,
		usage.ru_maxrss);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
