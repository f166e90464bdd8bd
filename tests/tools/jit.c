// SPDX-License-Identifier: GPL-2.0
/*
 * jit.c - a program with code that it makes at run time, which keeps frame pointers and
 * which nothing describes, in the middle of each stack: spin <- leave <- CODE <- enter <-
 * run <- main. Built as anybody's program is, so that all the rest is known by tables.
 *
 *	jit SECONDS
 *
 * Ends by CPU time, in an emulator that may stand still.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "spin.h"

typedef void trampoline(void (*callee)(void));

/* A frame, a call of the argument, and back. */
#if defined(__x86_64__)
static const uint8_t code[] = { 0x55, 0x48, 0x89, 0xe5, 0xff, 0xd7, 0x5d, 0xc3 };
#elif defined(__aarch64__)
static const uint32_t code[] = { 0xa9bf7bfd, 0x910003fd, 0xd63f0000, 0xa8c17bfd, 0xd65f03c0 };
#else
static const uint8_t code[1];	/* no machine with tables */
#endif

static trampoline *made;

/* Of a size of its own, which only a table knows. */
static NOINLINE void leave(void)
{
	volatile char room[200];

	room[sink % sizeof(room)] = 1;
	spin();
	sink += (uint64_t)room[0];
}

static NOINLINE void enter(void)
{
	volatile char room[300];

	room[sink % sizeof(room)] = 1;
	made(leave);
	sink += (uint64_t)room[0];
}

static NOINLINE void run(double seconds)
{
	while (cpu_seconds() < seconds)
		enter();
	sink++;
}

int main(int argc, char **argv)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (argc != 2) {
		fprintf(stderr, "usage: jit SECONDS\n");
		return 2;
	}
	if (page == MAP_FAILED) {
		perror("jit: mmap");
		return 1;
	}
	memcpy(page, code, sizeof(code));
	__builtin___clear_cache((char *)page, (char *)page + sizeof(code));
	if (mprotect(page, 4096, PROT_READ | PROT_EXEC)) {
		perror("jit: mprotect");
		return 1;
	}
	memcpy(&made, &page, sizeof(made));
	run(atof(argv[1]));
	return 0;
}
