// SPDX-License-Identifier: GPL-2.0
/*
 * signals - handlers on an alternate stack, interrupting code at any place, for SECONDS;
 * most of the time is spent in a handler.
 */
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

static volatile uint64_t sink;
static char stack[1 << 16];

static __attribute__((noinline)) uint64_t burn(unsigned int rounds, uint64_t seed)
{
	while (rounds--)
		seed = seed * 0x9e3779b97f4a7c15u + rounds;
	return seed;
}

static __attribute__((noinline)) uint64_t descend(unsigned int depth, uint64_t seed)
{
	uint64_t here = burn(500, seed);

	return depth ? here ^ descend(depth - 1, here) : here;
}

static void handle(int number)
{
	sink += descend(8, (uint64_t)number);
	sink += burn(600000, sink);
}

int main(int argc, char **argv)
{
	const time_t end = time(NULL) + (argc > 1 ? atoi(argv[1]) : 5);
	const stack_t alternate = { .ss_sp = stack, .ss_size = sizeof(stack) };
	struct sigaction action = { .sa_handler = handle, .sa_flags = SA_ONSTACK | SA_RESTART };
	struct itimerval timer = { { 0, 2000 }, { 0, 2000 } };

	if (sigaltstack(&alternate, NULL) || sigaction(SIGALRM, &action, NULL) ||
	    setitimer(ITIMER_REAL, &timer, NULL))
		return 1;
	while (time(NULL) < end)
		sink += descend(12, sink);
	return 0;
}
