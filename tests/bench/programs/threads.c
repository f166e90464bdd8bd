// SPDX-License-Identifier: GPL-2.0
/*
 * threads - three threads that recurse, for SECONDS. Built as anybody's program is, with
 * -O2 and thus without frame pointers.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

static volatile int stop;
static volatile uint64_t sink;

/* The result is used behind the call, which keeps it a call. */
static __attribute__((noinline)) uint64_t descend(unsigned int depth, uint64_t seed)
{
	uint64_t pad[8] = { seed };
	unsigned int i;

	for (i = 1; i < 200; i++)
		pad[i % 8] = pad[(i - 1) % 8] * 0x9e3779b97f4a7c15u + i;
	if (depth)
		pad[0] += descend(depth - 1, pad[7]);
	return pad[0] ^ pad[3];
}

static void *work(void *arg)
{
	while (!stop)
		sink += descend(20, (uintptr_t)arg);
	return NULL;
}

int main(int argc, char **argv)
{
	struct timespec length = { .tv_sec = argc > 1 ? atoi(argv[1]) : 5 };
	pthread_t threads[3];
	uintptr_t i;

	for (i = 0; i < 3; i++)
		pthread_create(&threads[i], NULL, work, (void *)i);
	nanosleep(&length, NULL);
	stop = 1;
	for (i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
