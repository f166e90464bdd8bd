// SPDX-License-Identifier: GPL-2.0
/*
 * burn.c - a program whose profile is known: burn_alpha, burn_beta and burn_gamma
 * take 60, 30 and 10 % of its time, each under run <- main. Built with frame
 * pointers.
 *
 *	burn SECONDS		the three functions, by CPU time
 *	burn SECONDS read	long reads of /dev/zero, under do_read <- run <- main
 *
 * The shares are kept by its own CPU clock, turn by turn, since an emulated CPU may
 * stand still for a while in the middle of any of them. They are printed at the end.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "noinline.h"

/*
 * Some milliseconds in an emulator. There a tick may come late by one, since it comes from
 * another thread than the CPU: with short turns it would often be given to the function
 * that catches up with the one during which it was due.
 */
#define TURN 2000000

static volatile uint64_t sink;

/*
 * Never given back, which takes a slow kernel long. Large, since a tick that is due while
 * the kernel returns to the program comes there, in the C library's read.
 */
static char buffer[16 << 20];

static uint64_t cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/*
 * The same loop three times, so that each is its own leaf function. A compiler may
 * leave out the frame of a leaf that does not use the stack, whatever it is told;
 * asking for the frame's address makes it set one up.
 */
#define BURN(name) \
static NOINLINE void name(uint64_t rounds) \
{ \
	uint64_t x = sink; \
\
	__asm__ volatile("" : : "r"(__builtin_frame_address(0))); \
	while (rounds--) \
		x = x * 6364136223846793005u + 1442695040888963407u; \
	sink = x; \
}

BURN(burn_alpha)
BURN(burn_beta)
BURN(burn_gamma)

static NOINLINE void do_read(int fd)
{
	if (read(fd, buffer, sizeof(buffer)) < 0)
		perror("burn: read");
	sink++;
}

/* The function that is furthest behind its share of the time so far. */
static int most_behind(const uint64_t took[3])
{
	static const unsigned int share[] = { 60, 30, 10 };
	uint64_t sum = took[0] + took[1] + took[2];
	int best = 0;
	int64_t behind[3];

	for (int i = 0; i < 3; i++) {
		behind[i] = (int64_t)(sum / 100 * share[i]) - (int64_t)took[i];
		if (behind[i] > behind[best])
			best = i;
	}
	return best;
}

static NOINLINE void run(double seconds, int reads)
{
	static void (*const burns[])(uint64_t) = { burn_alpha, burn_beta, burn_gamma };
	static const char *const names[] = { "burn_alpha", "burn_beta", "burn_gamma" };
	uint64_t end = cpu_ns() + (uint64_t)(seconds * 1e9), took[3] = { 0 }, start;
	int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC), i;

	if (fd < 0) {
		perror("burn");
		exit(1);
	}
	while ((start = cpu_ns()) < end) {
		if (reads) {
			do_read(fd);
			continue;
		}
		i = most_behind(took);
		burns[i](TURN);
		took[i] += cpu_ns() - start;
	}
	for (i = 0; i < 3 && !reads; i++)
		printf("%s %.2f\n", names[i], 100.0 * (double)took[i] /
		       (double)(took[0] + took[1] + took[2]));
	close(fd);
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: burn SECONDS [read]\n");
		return 2;
	}
	run(atof(argv[1]), argc > 2 && !strcmp(argv[2], "read"));
	return 0;
}
