// SPDX-License-Identifier: GPL-2.0
/* clock - asks for the time, in the vdso, for SECONDS. */
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

static volatile uint64_t sink;

static __attribute__((noinline)) time_t ask(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	sink += (uint64_t)now.tv_nsec;
	return now.tv_sec;
}

int main(int argc, char **argv)
{
	const time_t end = ask() + (argc > 1 ? atoi(argv[1]) : 5);

	while (ask() < end)
		;
	return 0;
}
