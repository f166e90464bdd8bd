// SPDX-License-Identifier: GPL-2.0
/*
 * What is given up, in this order: other descriptors; dumps and tracing by others of the
 * same user; capabilities, those to be had by executing something too; memory without bound;
 * and all system calls but those that parsing needs. Where the kernel has no filters for
 * them (CONFIG_SECCOMP_FILTER), the rest has to do: without capabilities, and with no
 * descriptor to spare, a file cannot be opened that is not handed in.
 *
 * A refused call fails (EPERM) instead of killing: a C library may try one that this list
 * does not know, and can do without.
 */
#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "jail_private.h"
#include "why.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1		/* needs much address space, and some calls more */
#else
#define SANITIZED 0
#endif

/* The socket, the file of the job, and another one that it has asked for. */
#define DESCRIPTORS (RP_JAIL_FD + 4)

/* By name: this machine, or this library, need not have them all. */
static const char *const calls[] = {
	"read", "pread64", "lseek", "_llseek", "close", "fstat", "fstat64", "newfstatat",
	"fstatat64", "statx", "fcntl", "fcntl64", "sendmsg", "sendto", "send", "recvmsg", "poll",
	"ppoll", "ppoll_time64", "brk", "mmap", "mmap2", "munmap", "mremap", "mprotect",
	"madvise", "futex", "futex_time64", "clock_gettime", "clock_gettime64", "gettimeofday",
	"getrandom", "getrusage", "prlimit64", "setrlimit", "getrlimit", "ugetrlimit",
	"restart_syscall", "rt_sigreturn", "rt_sigprocmask", "exit", "exit_group",
	/* glibc's qsort(), which takes its slow way if it cannot know how much memory there is. */
	"sysinfo",
	/* abort(): to end itself */
	"getpid", "gettid", "tgkill",
};

static const char *const sanitizers_calls[] = {
	"sigaltstack", "sched_yield", "write", "readlink", "rt_sigaction",
};

static int allow(scmp_filter_ctx filter, const char *const *call, size_t nr)
{
	int err = 0, number;
	size_t i;

	for (i = 0; !err && i < nr; i++) {
		number = seccomp_syscall_resolve_name(call[i]);
		if (number == __NR_SCMP_ERROR)
			continue;
		err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0);
		if (err == -EDOM)	/* of another machine */
			err = 0;
	}
	return err;
}

/* 0; -EINVAL: this kernel has no filters; -errno. */
static int filter_calls(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int err;

	if (!filter)
		return -ENOMEM;
	err = allow(filter, calls, sizeof(calls) / sizeof(calls[0]));
	if (!err && SANITIZED)
		err = allow(filter, sanitizers_calls,
			    sizeof(sanitizers_calls) / sizeof(sanitizers_calls[0]));
	if (!err)
		err = seccomp_load(filter);
	seccomp_release(filter);
	return err;
}

static bool has_filters(void)
{
	/* With a null pointer: EFAULT from who knows them. */
	return prctl(PR_SET_SECCOMP, 2 /* SECCOMP_MODE_FILTER */, NULL) == -1 &&
	       errno == EFAULT;
}

static void close_others(void)
{
	int fd, end = (int)sysconf(_SC_OPEN_MAX);

	close(STDIN_FILENO);
	close(STDOUT_FILENO);
	/* Standard error stays: sanitizers and the C library have a last word. */
#ifdef SYS_close_range
	if (!syscall(SYS_close_range, RP_JAIL_FD + 1, ~0u, 0))
		return;
#endif
	/* Before Linux 5.9. Each costs little, but a container may be allowed a million. */
	for (fd = RP_JAIL_FD + 1; fd < end && fd < 65536; fd++)
		close(fd);
}

static int limit(int what, rlim_t to)
{
	const struct rlimit l = { .rlim_cur = to, .rlim_max = to };

	return setrlimit(what, &l);
}

static int give_up_capabilities(void)
{
	capng_clear(CAPNG_SELECT_CAPS);
	return capng_apply(CAPNG_SELECT_CAPS);
}

int rp_jail_confine(uint64_t memory, char *why, size_t why_size)
{
	int err;

	close_others();
	prctl(PR_SET_NAME, "ringprof-parser");
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	if (prctl(PR_SET_DUMPABLE, 0) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    limit(RLIMIT_CORE, 0) || limit(RLIMIT_FSIZE, 0) ||
	    limit(RLIMIT_NOFILE, DESCRIPTORS) ||
	    (!SANITIZED && limit(RLIMIT_AS, (rlim_t)memory))) {
		err = -errno;
		rp_why(why, why_size, "limits: %s", strerror(-err));
		return err;
	}
	if (give_up_capabilities()) {
		rp_why(why, why_size, "it keeps its capabilities");
		return -EPERM;
	}
	if (!has_filters())
		return 0;
	err = filter_calls();
	if (err)
		rp_why(why, why_size, "a filter of its system calls: %s", strerror(-err));
	return err;
}

void rp_jail_limit_cpu(uint64_t cpu_s)
{
	struct rusage used;
	struct rlimit l = { .rlim_max = RLIM_INFINITY };

	if (getrusage(RUSAGE_SELF, &used))
		return;
	l.rlim_cur = (rlim_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + cpu_s + 1;
	setrlimit(RLIMIT_CPU, &l);
}
