// SPDX-License-Identifier: GPL-2.0
/*
 * burn.c - a program whose profile is known: burn_alpha, burn_beta and burn_gamma
 * take 60, 30 and 10 % of its time, each under run <- main. Built with frame
 * pointers.
 *
 *	burn SECONDS		the three functions, by CPU time
 *	burn SECONDS read	long reads of /dev/zero, under do_read <- run <- main
 *
 * Prints the shares that it took, by its own CPU clock: what a profile is compared
 * with, since an emulated CPU's time is not shared out evenly.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NOINLINE __attribute__((noinline, noclone))

static volatile uint64_t sink;

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

static NOINLINE void do_read(int fd, char *buffer, size_t size)
{
	if (read(fd, buffer, size) < 0)
		perror("burn: read");
	sink++;
}

static NOINLINE void run(double seconds, int reads)
{
	static void (*const burns[])(uint64_t) = { burn_alpha, burn_beta, burn_gamma };
	static const unsigned int rounds[] = { 600000, 300000, 100000 };
	uint64_t end = cpu_ns() + (uint64_t)(seconds * 1e9), took[3] = { 0 }, sum = 0;
	size_t size = 16u << 20;
	char *buffer = malloc(size);
	int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);

	if (!buffer || fd < 0) {
		perror("burn");
		exit(1);
	}
	while (cpu_ns() < end) {
		if (reads) {
			do_read(fd, buffer, size);
			continue;
		}
		for (int i = 0; i < 3; i++) {
			uint64_t start = cpu_ns();

			burns[i](rounds[i]);
			took[i] += cpu_ns() - start;
		}
	}
	for (int i = 0; i < 3; i++)
		sum += took[i];
	for (int i = 0; i < 3 && !reads; i++)
		printf("%s %.2f\n", (const char *[]){ "burn_alpha", "burn_beta",
		       "burn_gamma" }[i], 100.0 * (double)took[i] / (double)sum);
	free(buffer);
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
