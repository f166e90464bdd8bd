// SPDX-License-Identifier: GPL-2.0
/*
 * inkernel - as nested, but nearly all of its time is spent in the kernel, where FILE (128 KiB
 * at most) is read again and again: how many frames that takes depends on the file system.
 *
 *	inkernel FILE TURNS
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define NOISE_NS 500	/* system calls differ */
#include "losses.h"

static char data[128 << 10];

/* Whose frame a C library without frame pointers makes them miss. */
static NOINLINE void read_file(int file)
{
	sink += (uint64_t)pread(file, data, sizeof(data), 0);
}

static NOINLINE uint64_t warm_up(int file)
{
	const uint64_t end = now() + WARM_UP_NS;
	uint64_t last = now(), then, shortest = UINT64_MAX;

	while (last < end) {
		read_file(file);
		then = now();
		if (then - last < shortest)
			shortest = then - last;
		last = then;
	}
	return shortest;
}

static NOINLINE void spin(int file, uint64_t turns, uint64_t shortest)
{
	uint64_t last = now();

	for (; turns; turns--) {
		read_file(file);
		last = losses_note(last, now(), shortest);
	}
}

int main(int argc, char **argv)
{
	uint64_t turns = argc == 3 ? strtoull(argv[2], NULL, 10) : 0;
	int file = argc == 3 ? open(argv[1], O_RDONLY) : -1;

	if (file < 0 || !turns) {
		fprintf(stderr, "usage: inkernel FILE TURNS\n");
		return 2;
	}
	losses_begin();
	warm_up(file);
	losses_warm();
	spin(file, turns, warm_up(file));
	return losses_print();
}
