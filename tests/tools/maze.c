// SPDX-License-Identifier: GPL-2.0
/*
 * maze - a program with so many functions (16,384, and the library's) that its symbols are
 * read for the addresses that are asked for, each time as many as ever, and that its frame
 * descriptions take their time: a little work now and then, each time by another way of twelve
 * functions.
 *
 *	maze PERCENT	of a CPU that it takes, until it is ended
 */
#include "noinline.h"
#include "stress.h"

#define WAY 12		/* functions */
#define TURN_US 100000

typedef void step(unsigned int more);

static volatile uint64_t sink;
static uint64_t random_state;

static NOINLINE void go_on(unsigned int more);

#define ONE(n)	static NOINLINE void maze_##n(unsigned int more) \
	{ \
		if (more) \
			go_on(more - 1); \
		sink += 0x1##n; \
	}
/* A macro is not expanded in itself: each level has its own. */
#define L1(X, n) X(n##0) X(n##1) X(n##2) X(n##3) X(n##4) X(n##5) X(n##6) X(n##7)
#define L2(X, n) L1(X, n##0) L1(X, n##1) L1(X, n##2) L1(X, n##3) L1(X, n##4) L1(X, n##5) \
	L1(X, n##6) L1(X, n##7)
#define L3(X, n) L2(X, n##0) L2(X, n##1) L2(X, n##2) L2(X, n##3) L2(X, n##4) L2(X, n##5) \
	L2(X, n##6) L2(X, n##7)
#define L4(X, n) L3(X, n##0) L3(X, n##1) L3(X, n##2) L3(X, n##3) L3(X, n##4) L3(X, n##5) \
	L3(X, n##6) L3(X, n##7)
#define ALL(X)	L4(X, a) L4(X, b) L4(X, c) L4(X, d)
#define NAME(n)	maze_##n,

ALL(ONE)

static step *const all[] = { ALL(NAME) };

static NOINLINE void go_on(unsigned int more)
{
	all[rp_below(&random_state, sizeof(all) / sizeof(all[0]))](more);
}

static double cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec * 1e-3;
}

/* So many microseconds of CPU time, and then none. */
static void turn(double us)
{
	const double until = cpu_us() + us;

	while (cpu_us() < until)
		go_on(WAY - 1);
	if (us < TURN_US)
		rp_pause_us((uint32_t)(TURN_US - us));
}

int main(int argc, char **argv)
{
	double percent = argc == 2 ? strtod(argv[1], NULL) : 0;

	if (percent <= 0 || percent > 100) {
		fputs("usage: maze PERCENT\n", stderr);
		return 2;
	}
	random_state = rp_random_state((uint64_t)getpid(), 0);
	for (;;)
		turn(TURN_US / 100 * percent);
}
