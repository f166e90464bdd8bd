// SPDX-License-Identifier: GPL-2.0
/*
 * version.c - a library that is one of several: the same code at the same offsets, with
 * functions that are called otherwise (VERSION). Its VERSION_run takes so many seconds of
 * the thread's CPU time in VERSION_leaf.
 *
 * With PROGRAM it is a program instead, VERSION_run <- main:
 *
 *	VERSION MS		and nothing else
 *	VERSION MS FILE		as a package manager does it, FILE takes its own file's place
 *				first; afterwards it runs what is there now, with MS
 */
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "../noinline.h"

#define JOINED(version, name) version##_##name
#define NAME(version, name) JOINED(version, name)
#define LEAF NAME(VERSION, leaf)
#define RUN NAME(VERSION, run)

void RUN(double seconds);

static volatile uint64_t sink;

static double cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Short beside a millisecond, also in an emulator. */
static NOINLINE void LEAF(void)
{
	uint64_t x = sink;

	__asm__ volatile("" : : "r"(__builtin_frame_address(0)));
	for (uint64_t i = 0; i < 20000; i++)
		x = x * 6364136223846793005u + 1442695040888963407u;
	sink = x;
}

NOINLINE void RUN(double seconds)
{
	double end = cpu_seconds() + seconds;

	while (cpu_seconds() < end)
		LEAF();
}

#ifdef PROGRAM
int main(int argc, char **argv)
{
	char self[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (argc < 2 || length < 0)
		return 2;
	self[length] = '\0';
	if (argc > 2 && rename(argv[2], self)) {
		perror(argv[2]);
		return 1;
	}
	RUN(atof(argv[1]) / 1000);
	if (argc > 2) {
		execl(self, self, argv[1], (char *)NULL);
		perror(self);
		return 1;
	}
	return 0;
}
#endif
