/* SPDX-License-Identifier: GPL-2.0 */
/*
 * losses.h - what a program loses that does the same work again and again: a turn that took
 * longer than the shortest was interrupted; by how many nanoseconds, and when, is noted and
 * printed at the end. Where the clock counts instructions (scripts/vm --icount) these are
 * instructions.
 *
 * Output: "warm" in the middle of the time before it counts, a line for each loss, "end". Then
 * the program waits for the end of its input, so that who looked on finds it alive.
 */
#ifndef BENCH_LOSSES_H
#define BENCH_LOSSES_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define NOINLINE __attribute__((noinline, noclone))

#define ROUNDS 5000		/* of a turn: some 20,000 instructions */
#define WARM_UP_NS 500000000	/* before "warm", and once more after it */
#ifndef NOISE_NS
#define NOISE_NS 100		/* of the clock itself, and less than any interrupt */
#endif
#define LOSSES_MAX (1 << 18)

static struct {
	uint64_t at, ns;
} losses[LOSSES_MAX];
static unsigned int nr_losses;
static volatile uint64_t sink;

static inline uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static inline __attribute__((always_inline)) uint64_t turn(uint64_t x)
{
#if defined(HOT) && defined(__x86_64__)
	unsigned long left = 4 * ROUNDS;	/* as many instructions, at one address */

	__asm__ volatile("1: loop 1b" : "+c" (left));
#else
	unsigned int i;

	for (i = 0; i < ROUNDS; i++)
		x = x * 6364136223846793005u + 1442695040888963407u;
#endif
	return x;
}

/* No page fault while it counts. */
static inline void losses_begin(void)
{
	memset(losses, 1, sizeof(losses));
}

static inline void losses_warm(void)
{
	puts("warm");
	fflush(stdout);
}

/* A turn from last to then. Returns when the next one begins. */
static inline __attribute__((always_inline)) uint64_t
losses_note(uint64_t last, uint64_t then, uint64_t shortest)
{
	if (then - last <= shortest + NOISE_NS || nr_losses >= LOSSES_MAX)
		return then;
	losses[nr_losses].at = last;
	losses[nr_losses++].ns = then - last - shortest;
	return now();
}

/* The program's exit status: 1 if there were too many. */
static inline int losses_print(void)
{
	unsigned int i;

	for (i = 0; i < nr_losses; i++)
		printf("%llu %llu\n", (unsigned long long)losses[i].at,
		       (unsigned long long)losses[i].ns);
	puts("end");
	fflush(stdout);
	while (getchar() != EOF)
		;
	return nr_losses == LOSSES_MAX;
}

#endif
