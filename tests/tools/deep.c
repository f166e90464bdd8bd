// SPDX-License-Identifier: GPL-2.0
/*
 * deep.c - a program without frame pointers whose every sample has the same stack, once
 * it runs: spin under 40 times descend, under
 *
 *	deep SECONDS main	run <- main
 *	deep SECONDS thread	in_thread, a thread's first function
 *	deep SECONDS signal	on_signal, a handler on a stack of its own, which interrupts
 *				spin under 40 times descend <- run <- main
 *
 * Files that follow are mapped, executable, and unmapped all the while, one after the
 * other and again, by a thread that does nothing else.
 *
 * Ends by CPU time, in an emulator that may stand still.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "spin.h"

#define DEPTH 40

static double seconds;
static int handled;

/* An array, so that frames are large; of unlike sizes it need not be. */
static NOINLINE void descend(int depth, void (*at_the_end)(void))
{
	volatile char room[100];

	room[depth % (int)sizeof(room)] = 1;
	if (depth > 1)
		descend(depth - 1, at_the_end);
	else
		at_the_end();
	sink += (uint64_t)room[0];	/* no call in its place */
}

/*
 * The clock is asked seldom: arm64's vDSO has no descriptions, and without frame pointers
 * there is no way on from there.
 */
static inline void descend_often(void)
{
	for (int i = 0; i < 16; i++)
		descend(DEPTH, spin);
}

static NOINLINE void run(void)
{
	while (cpu_seconds() < seconds)
		descend_often();
	sink++;
}

static void *in_thread(void *arg)
{
	while (cpu_seconds() < seconds)
		descend_often();
	return arg;
}

static void on_signal(int number)
{
	handled = number;
	while (cpu_seconds() < seconds)
		descend_often();
}

static NOINLINE void interrupted(void)
{
	raise(SIGUSR1);
	sink++;
}

static void on_another_stack(void)
{
	static char stack[1 << 16];
	stack_t other = { .ss_sp = stack, .ss_size = sizeof(stack) };
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_ONSTACK };

	sigaltstack(&other, NULL);
	sigaction(SIGUSR1, &action, NULL);
	descend(DEPTH, interrupted);
	sink++;
}

static void map_for_a_while(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t size = (size_t)lseek(fd, 0, SEEK_END);
	void *code = mmap(NULL, size, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);

	if (code == MAP_FAILED) {
		perror(path);
		exit(1);
	}
	close(fd);
	usleep(5000);
	munmap(code, size);
}

static void *map_in_turn(void *paths)
{
	for (char **path = paths;; path = path[1] ? path + 1 : paths)
		map_for_a_while(*path);
	return NULL;
}

int main(int argc, char **argv)
{
	const char *how = argc >= 3 ? argv[2] : "";
	pthread_t thread;

	seconds = argc >= 3 ? atof(argv[1]) : 0;
	if (argc > 3 && pthread_create(&thread, NULL, map_in_turn, argv + 3))
		return 1;
	if (!strcmp(how, "main")) {
		run();
	} else if (!strcmp(how, "thread")) {
		if (pthread_create(&thread, NULL, in_thread, NULL))
			return 1;
		pthread_join(thread, NULL);
	} else if (!strcmp(how, "signal")) {
		on_another_stack();
		return handled != SIGUSR1;
	} else {
		fprintf(stderr, "usage: deep SECONDS main | thread | signal [FILE]...\n");
		return 2;
	}
	return 0;
}
