/* SPDX-License-Identifier: GPL-2.0 */
/*
 * stress.h - what the stressors of test_torture.sh have in common.
 *
 * A stressor is called with a SEED, does its worst until it gets SIGTERM, and then
 * prints one line of counts, "NAME: what=count what=count ...", each of which the
 * test wants to be above zero. It exits with 1, having said why, when something
 * happened that never may.
 *
 * Counts lie in memory that processes share, so that those of children that were
 * killed are there too; they are added to atomically.
 */
#ifndef RP_STRESS_H
#define RP_STRESS_H

#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* ---- random choices, the same for the same seed ----------------------------- */

/* Marsaglia's xorshift64*; the state is never 0. */
static inline uint64_t rp_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 2685821657736338717u;
}

/* The state of the nth generator of a seed (splitmix64): neighbours share nothing. */
static inline uint64_t rp_random_state(uint64_t seed, uint64_t nth)
{
	uint64_t x = (seed + 1) * 0x9e3779b97f4a7c15u + nth * 0xd1b54a32d192ed03u;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return (x ^ (x >> 31)) | 1;
}

/* 0 .. below - 1 */
static inline uint32_t rp_below(uint64_t *state, uint32_t below)
{
	return (uint32_t)((rp_random(state) >> 32) * below >> 32);
}

static inline bool rp_one_in(uint64_t *state, uint32_t n)
{
	return rp_below(state, n) == 0;
}

/* 1 .. high, each order of magnitude as likely as the other ones */
static inline uint32_t rp_magnitude(uint64_t *state, uint32_t high)
{
	uint32_t top = 1;

	while (top < high && !rp_one_in(state, 4))
		top = top > high / 4 ? high : top * 4;
	return 1 + rp_below(state, top);
}

static inline void rp_pause_us(uint32_t microseconds)
{
	struct timespec t = { microseconds / 1000000, microseconds % 1000000 * 1000 };

	nanosleep(&t, NULL);
}

static inline double rp_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* ---- the end ------------------------------------------------------------------ */

static volatile sig_atomic_t rp_stop;

static inline void rp_stop_handler(int number)
{
	(void)number;
	rp_stop = 1;
}

/* SIGTERM sets rp_stop and interrupts what is being waited for. */
static inline void rp_stop_on_term(void)
{
	struct sigaction action = { .sa_handler = rp_stop_handler };

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
}

/* ---- counts --------------------------------------------------------------------- */

/* Zeroed and shared with all children; ends the program without memory. */
static inline void *rp_shared(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		       -1, 0);

	if (p == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	return p;
}

static inline void rp_count(uint64_t *counter)
{
	__atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

static inline void rp_report(const char *name, const char *const *what,
			     const uint64_t *counts, size_t nr)
{
	printf("%s:", name);
	for (size_t i = 0; i < nr; i++)
		printf(" %s=%llu", what[i], (unsigned long long)counts[i]);
	printf("\n");
	fflush(stdout);
}

static inline uint64_t rp_seed_of(const char *text)
{
	return strtoull(text, NULL, 0);
}

#endif
