// SPDX-License-Identifier: GPL-2.0
/*
 * brief.c - a program that is over before anybody looks: so many milliseconds of CPU time
 * in brief_leaf, under brief_run <- main. Linked statically, so that every function that
 * it can be found in has a name in its own file.
 *
 *	brief MS			and nothing else
 *	brief MS unlink			removes its own file first
 *	brief MS exec PROGRAM ARG...	becomes PROGRAM then
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "noinline.h"

static volatile uint64_t sink;

static double cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Short beside a millisecond, also in an emulator. */
static NOINLINE void brief_leaf(void)
{
	uint64_t x = sink;

	__asm__ volatile("" : : "r"(__builtin_frame_address(0)));
	for (uint64_t i = 0; i < 20000; i++)
		x = x * 6364136223846793005u + 1442695040888963407u;
	sink = x;
}

static NOINLINE void brief_run(double seconds)
{
	double end = cpu_seconds() + seconds;

	while (cpu_seconds() < end)
		brief_leaf();
}

static int remove_self(void)
{
	char path[4096];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (len < 0)
		return -1;
	path[len] = '\0';
	return unlink(path);
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: brief MS [unlink | exec PROGRAM ARG...]\n");
		return 2;
	}
	if (argc > 2 && !strcmp(argv[2], "unlink") && remove_self()) {
		perror("brief: unlink");
		return 1;
	}
	brief_run(atof(argv[1]) / 1000);
	if (argc > 3 && !strcmp(argv[2], "exec")) {
		execv(argv[3], argv + 3);
		perror(argv[3]);
		return 1;
	}
	return 0;
}
