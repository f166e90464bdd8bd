// SPDX-License-Identifier: GPL-2.0
/*
 * nested - what a program loses that has one stack all the time: spin under DEPTH times
 * descend under main, for TURNS turns of as many instructions each. One that took longer
 * than the shortest was interrupted; by how many nanoseconds, and when, is printed at the
 * end. Before it counts, it runs for a while under another name (warm_up), so that
 * whoever looks on has got to know it, and his samples of that time can be told apart.
 *
 *	nested DEPTH TURNS
 *
 * Where the clock counts instructions (scripts/vm --icount) these are instructions.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS 5000		/* of a turn: some 20,000 instructions */
#define WARM_UP_NS 500000000
#define NOISE_NS 100		/* of the clock itself, and less than any interrupt */
#define LOSSES_MAX (1 << 18)

struct loss {
	uint64_t at, ns;
};

static struct loss losses[LOSSES_MAX];
static unsigned int nr_losses;
static volatile uint64_t sink;

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static inline __attribute__((always_inline)) uint64_t turn(uint64_t x)
{
	unsigned int i;

	for (i = 0; i < ROUNDS; i++)
		x = x * 6364136223846793005u + 1442695040888963407u;
	return x;
}

/* The shortest turn. */
static __attribute__((noinline, noclone)) uint64_t warm_up(void)
{
	const uint64_t end = now() + WARM_UP_NS;
	uint64_t last = now(), then, shortest = UINT64_MAX;

	while (last < end) {
		sink = turn(sink);
		then = now();
		if (then - last < shortest)
			shortest = then - last;
		last = then;
	}
	return shortest;
}

static __attribute__((noinline, noclone)) void spin(uint64_t turns, uint64_t shortest)
{
	uint64_t last = now(), then;

	for (; turns; turns--) {
		sink = turn(sink);
		then = now();
		if (then - last > shortest + NOISE_NS && nr_losses < LOSSES_MAX) {
			losses[nr_losses].at = last;
			losses[nr_losses++].ns = then - last - shortest;
			then = now();
		}
		last = then;
	}
}

static __attribute__((noinline, noclone)) void descend(unsigned int depth, uint64_t turns,
						       uint64_t shortest)
{
	if (depth > 1)
		descend(depth - 1, turns, shortest);
	else
		spin(turns, shortest);
	sink++;		/* no call in its place */
}

int main(int argc, char **argv)
{
	unsigned int depth = argc == 3 ? (unsigned int)atoi(argv[1]) : 0, i;
	uint64_t turns = argc == 3 ? strtoull(argv[2], NULL, 10) : 0;

	if (!depth || !turns) {
		fprintf(stderr, "usage: nested DEPTH TURNS\n");
		return 2;
	}
	memset(losses, 1, sizeof(losses));	/* no page fault while it counts */
	descend(depth, turns, warm_up());
	for (i = 0; i < nr_losses; i++)
		printf("%llu %llu\n", (unsigned long long)losses[i].at,
		       (unsigned long long)losses[i].ns);
	return nr_losses == LOSSES_MAX;
}
