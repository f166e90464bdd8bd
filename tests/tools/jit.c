// SPDX-License-Identifier: GPL-2.0
/*
 * jit.c - a program with code that it makes at run time, which keeps frame pointers and
 * which nothing describes, in the middle of each stack: spin <- leave <- CODE <- enter <-
 * run <- main. Built as anybody's program is, so that all the rest is known by tables.
 * On x86-64 that code has two frames, one of them on a stack of its own, which lies lower,
 * and what it calls is on the first again, as Go's runtime does it: spin <- leave <- CODE
 * (there) <- CODE <- enter.
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

/* Calls callee; stack: the end of another one. */
typedef void trampoline(void (*callee)(void), void *stack);

/* A frame, a call of the argument, and back. */
#if defined(__x86_64__)
static const uint8_t code[] = {
	0x55, 0x48, 0x89, 0xe5,		/* push %rbp; mov %rsp,%rbp */
	0x48, 0x89, 0xf4,		/* mov %rsi,%rsp */
	0xe8, 5, 0, 0, 0,		/* call 1f */
	0x48, 0x89, 0xec, 0x5d, 0xc3,	/* mov %rbp,%rsp; pop %rbp; ret */
	0x55, 0x48, 0x89, 0xe5,		/* 1: push %rbp; mov %rsp,%rbp */
	0x48, 0x8b, 0x65, 0,		/* mov (%rbp),%rsp */
	0xff, 0xd7,			/* call *%rdi */
	0x48, 0x89, 0xec, 0x5d, 0xc3,	/* mov %rbp,%rsp; pop %rbp; ret */
};
#elif defined(__aarch64__)
static const uint32_t code[] = { 0xa9bf7bfd, 0x910003fd, 0xd63f0000, 0xa8c17bfd, 0xd65f03c0 };
#else
static const uint8_t code[1];	/* no machine with tables */
#endif

static trampoline *made;
static uint64_t other_stack[512] __attribute__((aligned(16)));

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
	made(leave, other_stack + sizeof(other_stack) / sizeof(*other_stack));
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
