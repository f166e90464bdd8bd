/* SPDX-License-Identifier: GPL-2.0 */
/*
 * spin.h - what programs whose stacks are known end in: a leaf that takes its time, and the
 * time that they have taken.
 */
#ifndef TEST_SPIN_H
#define TEST_SPIN_H

#include <stdint.h>
#include <time.h>

#include "noinline.h"

static volatile uint64_t sink;

static double cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Nothing is called here, so that there is one leaf; many milliseconds. */
static NOINLINE void spin(void)
{
	uint64_t x = sink;

	for (uint64_t i = 0; i < 20000000; i++)
		x = x * 6364136223846793005u + 1442695040888963407u;
	sink = x;
}

#endif
