// SPDX-License-Identifier: GPL-2.0
/*
 * inlined SECONDS: uses that much CPU time in functions that are inlined into each other,
 * whatever the compiler was told, so that they are only there in debugging data.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "noinline.h"

#define INLINE static inline __attribute__((always_inline))

static volatile uint64_t sink;

static uint64_t cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

INLINE uint64_t innermost(uint64_t x, uint64_t rounds)
{
	while (rounds--) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
	}
	return x;
}

INLINE uint64_t between(uint64_t x, uint64_t rounds)
{
	return innermost(x + 1, rounds);	/* called between */
}

static NOINLINE void outermost(uint64_t rounds)
{
	sink = between(sink, rounds);	/* called outermost */
}

int main(int argc, char **argv)
{
	uint64_t end;

	if (argc != 2) {
		fputs("usage: inlined SECONDS\n", stderr);
		return 2;
	}
	end = cpu_ns() + (uint64_t)(strtod(argv[1], NULL) * 1e9);
	while (cpu_ns() < end)
		outermost(100000);
	return 0;
}
