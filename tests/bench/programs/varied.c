// SPDX-License-Identifier: GPL-2.0
/*
 * varied - as nested, but each turn comes to spin by another one of 41 ways, of which each
 * is twenty functions that no other one has: what is remembered of stacks and of places in
 * the code (820 of them) is of little use for the next sample.
 *
 *	varied TURNS
 */
#include <stdlib.h>

#define NOISE_NS 500	/* its turns differ, too */
#include "losses.h"

typedef void leaf(void);

static uint64_t last, shortest = UINT64_MAX;

static NOINLINE void warm_up_turn(void)
{
	sink = turn(sink);
	last = now();
}

/* Its own shortest turn: one of warm_up's has other instructions. */
static NOINLINE void spin(void)
{
	uint64_t then;

	sink = turn(sink);
	then = now();
	if (then - last < shortest)
		shortest = then - last;
	last = losses_note(last, then, shortest);
}

/* Equal functions are not to be one. */
#define LEVEL_OF_ITS_OWN static NOINLINE __attribute__((no_icf)) void

/* LEVEL(way, n, m): its function n, which calls m */
#define LEVEL(way, n, m) \
	LEVEL_OF_ITS_OWN way##_##n(leaf *at_last) \
	{ \
		way##_##m(at_last); \
		sink++; \
	}
#define WAY(way) \
	LEVEL_OF_ITS_OWN way##_1(leaf *at_last) \
	{ \
		at_last(); \
		sink++; \
	} \
	LEVEL(way, 2, 1) LEVEL(way, 3, 2) LEVEL(way, 4, 3) LEVEL(way, 5, 4) LEVEL(way, 6, 5) \
	LEVEL(way, 7, 6) LEVEL(way, 8, 7) LEVEL(way, 9, 8) LEVEL(way, 10, 9) LEVEL(way, 11, 10) \
	LEVEL(way, 12, 11) LEVEL(way, 13, 12) LEVEL(way, 14, 13) LEVEL(way, 15, 14) \
	LEVEL(way, 16, 15) LEVEL(way, 17, 16) LEVEL(way, 18, 17) LEVEL(way, 19, 18) \
	LEVEL(way, 20, 19)
#define TEN(X, a) X(a##0) X(a##1) X(a##2) X(a##3) X(a##4) X(a##5) X(a##6) X(a##7) X(a##8) X(a##9)
#define WAYS(X) TEN(X, a) TEN(X, b) TEN(X, c) TEN(X, d) X(e)

WAYS(WAY)

#define FIRST(way) way##_20,
static void (*const ways[])(leaf *) = { WAYS(FIRST) };

static void warm_up(void)
{
	uint64_t i, end = now() + WARM_UP_NS;

	for (i = 0, last = now(); last < end; i++)
		ways[i % (sizeof(ways) / sizeof(*ways))](warm_up_turn);
}

int main(int argc, char **argv)
{
	uint64_t turns = argc == 2 ? strtoull(argv[1], NULL, 10) : 0, i;

	if (!turns) {
		fprintf(stderr, "usage: varied TURNS\n");
		return 2;
	}
	losses_begin();
	warm_up();
	losses_warm();
	warm_up();
	for (i = 0, last = now(); i < turns; i++)
		ways[i % (sizeof(ways) / sizeof(*ways))](spin);
	return losses_print();
}
