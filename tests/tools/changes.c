// SPDX-License-Identifier: GPL-2.0
/*
 * changes.c - a process whose mappings, threads or programs change while it is sampled. What
 * it does goes by the thread's name, which each sample carries: a sample of a thread that
 * is called `one` is to be in one_run, of the library that was loaded (versions/version.c).
 * MS is CPU time of one phase.
 *
 *	changes swap MS TURNS ONE TWO	turn by turn one library in the place of the other;
 *					prints where each was loaded
 *	changes remap MS TURNS ONE TWO	the same within one library's mapping of code, which is
 *					exchanged by one system call
 *	changes replace MS LIB TWO	loads LIB, renames TWO to LIB, and runs what it has
 *					loaded; then unloads it and runs what is there now
 *	changes beside MS ONE TWO	runs ONE while another thread loads and unloads TWO
 *	changes threads MS N		N threads one after the other, under thread_main
 *	changes fork MS			a child that goes on by itself, under forked
 *	changes vfork MS PROGRAM ARG...	a child in the same memory, under before_exec, that
 *					becomes PROGRAM
 *	changes pid PID PROGRAM ARG...	a child with that process id, which nobody has
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "noinline.h"

struct library {
	void *handle;
	void (*run)(double seconds);
};

static volatile uint64_t sink;
static volatile bool done;

static void die(const char *what)
{
	const char *why = dlerror();

	if (why)
		fprintf(stderr, "changes: %s\n", why);
	else
		perror(what);
	exit(1);
}

static double cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Between two looks at the clock, short beside a millisecond, also in an emulator. */
static NOINLINE void spin(double seconds)
{
	double end = cpu_seconds() + seconds;

	while (cpu_seconds() < end)
		for (int i = 0; i < 10000; i++)
			sink++;
}

static void become(const char *name)
{
	if (prctl(PR_SET_NAME, name))
		die("prctl");
}

/* Of the version that is called so, whatever the file is called. */
static struct library load(const char *file, const char *version)
{
	struct library library;
	char name[64];

	snprintf(name, sizeof(name), "%s_run", version);
	library.handle = dlopen(file, RTLD_NOW | RTLD_LOCAL);
	if (!library.handle)
		die(file);
	*(void **)&library.run = dlsym(library.handle, name);
	if (!library.run)
		die(name);
	return library;
}

static void unload(struct library library)
{
	if (dlclose(library.handle))
		die("dlclose");
}

/* Only what happens in the library has the version's name. */
static NOINLINE void run_as(const char *version, const char *file, double seconds)
{
	struct library library = load(file, version);

	printf("%s %p\n", version, *(void **)&library.run);
	become(version);
	library.run(seconds);
	become("between");
	unload(library);
}

static NOINLINE void swap(double seconds, char **arg)
{
	for (int i = 0, turns = atoi(arg[0]); i < turns; i++) {
		run_as("one", arg[1], seconds);
		run_as("two", arg[2], seconds);
	}
}

/* Maps the file's code over that of the library, which lies at the same offset. */
static void map_over(struct library library, const char *file)
{
	uintptr_t start, end, run = (uintptr_t)*(void **)&library.run;
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	FILE *maps = fopen("/proc/self/maps", "re");
	unsigned long offset;
	char line[4096];

	if (fd < 0 || !maps)
		die(file);
	while (fgets(line, sizeof(line), maps))
		if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %*s %lx", &start, &end,
			   &offset) == 3 && start <= run && run < end)
			break;
	fclose(maps);
	if (mmap((void *)start, end - start, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, fd,
		 (off_t)offset) == MAP_FAILED)
		die("mmap");
	close(fd);
}

static NOINLINE void run_mapped(struct library library, const char *version, const char *file,
		       double seconds)
{
	map_over(library, file);
	become(version);
	library.run(seconds);
	become("between");
}

static NOINLINE void remap(double seconds, char **arg)
{
	struct library library = load(arg[1], "one");

	for (int i = 0, turns = atoi(arg[0]); i < turns; i++) {
		run_mapped(library, "one", arg[1], seconds);
		run_mapped(library, "two", arg[2], seconds);
	}
}

static NOINLINE void replace(double seconds, char **arg)
{
	struct library library = load(arg[0], "one");

	if (rename(arg[1], arg[0]))
		die(arg[1]);
	become("one");
	library.run(seconds);
	become("between");
	unload(library);
	run_as("two", arg[0], seconds);
}

static void *load_and_unload(void *file)
{
	become("loader");
	while (!done) {
		struct library library = load(file, "two");

		library.run(0.005);
		unload(library);
	}
	return NULL;
}

static NOINLINE void beside(double seconds, char **arg)
{
	struct library library = load(arg[0], "one");
	pthread_t other;

	if (pthread_create(&other, NULL, load_and_unload, arg[1]))
		die("thread");
	become("one");
	library.run(seconds);
	become("between");
	done = true;
	pthread_join(other, NULL);
}

static NOINLINE void *thread_main(void *seconds)
{
	become("thread");
	spin(*(double *)seconds);
	sink++;		/* no tail call */
	return NULL;
}

static NOINLINE void threads(double seconds, char **arg)
{
	pthread_t thread;

	for (int i = 0, count = atoi(arg[0]); i < count; i++) {
		if (pthread_create(&thread, NULL, thread_main, &seconds))
			die("thread");
		pthread_join(thread, NULL);
	}
}

static NOINLINE void forked(double seconds)
{
	become("forked");
	spin(seconds);
	sink++;
}

static NOINLINE void do_fork(double seconds)
{
	pid_t child = fork();

	if (child < 0)
		die("fork");
	if (!child) {
		forked(seconds);
		_exit(0);
	}
	waitpid(child, NULL, 0);
}

static NOINLINE void before_exec(double seconds)
{
	become("vforked");
	spin(seconds);
	become("exec");
}

/* The child has the parent's memory, which sleeps meanwhile: what it may do is what a
 * program between vfork and exec does everywhere, and to take its time. */
static NOINLINE void do_vfork(double seconds, char **arg)
{
	pid_t child = vfork();

	if (child < 0)
		die("vfork");
	if (!child) {
		before_exec(seconds);
		execv(arg[0], arg);
		_exit(127);
	}
	waitpid(child, NULL, 0);
}

static void next_pid(pid_t pid)
{
	FILE *f = fopen("/proc/sys/kernel/ns_last_pid", "w");

	if (!f || fprintf(f, "%d", pid - 1) < 0 || fclose(f))
		die("ns_last_pid");
}

/* Others fork, too: then the number is free again in a moment, or with the next try. */
static void with_pid(pid_t pid, char **arg)
{
	for (int attempt = 0; attempt < 1000; attempt++) {
		pid_t child;

		next_pid(pid);
		child = fork();
		if (child < 0)
			die("fork");
		if (!child) {
			if (getpid() == pid)
				execv(arg[0], arg);
			_exit(127);
		}
		waitpid(child, NULL, 0);
		if (child == pid)
			return;
		usleep(10000);
	}
	fprintf(stderr, "changes: no child got process id %d\n", pid);
	exit(1);
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "";
	double seconds = argc > 2 ? atof(argv[2]) / 1000 : 0;
	char **arg = argv + 3;

	if (argc == 6 && !strcmp(what, "swap"))
		swap(seconds, arg);
	else if (argc == 6 && !strcmp(what, "remap"))
		remap(seconds, arg);
	else if (argc == 5 && !strcmp(what, "replace"))
		replace(seconds, arg);
	else if (argc == 5 && !strcmp(what, "beside"))
		beside(seconds, arg);
	else if (argc == 4 && !strcmp(what, "threads"))
		threads(seconds, arg);
	else if (argc == 3 && !strcmp(what, "fork"))
		do_fork(seconds);
	else if (argc >= 4 && !strcmp(what, "vfork"))
		do_vfork(seconds, arg);
	else if (argc >= 4 && !strcmp(what, "pid"))
		with_pid(atoi(argv[2]), arg);
	else {
		fprintf(stderr, "usage: see changes.c\n");
		return 2;
	}
	return 0;
}
